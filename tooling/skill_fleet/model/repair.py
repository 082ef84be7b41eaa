"""Faults of a draft, found by the checks, by the passages and by a critic, and their repair by edits.

A critic's fault must quote words that exist: in the file, or in what the file should have said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from skill_fleet.fleet import SKILL_FILE
from skill_fleet.model.client import NONE, ModelClient, Refused
from skill_fleet.model.compose import Section
from skill_fleet.model.edits import CannotPlace, Replacement, ask_edits, place, put
from skill_fleet.model.grounding import UnknownName, not_in
from skill_fleet.model.shapes import FileEdit, Problem
from skill_fleet.model.skill_text import Check, finding_file, is_markdown, numbered, outline_of, without_front_matter
from skill_fleet.model.sources import Range, Sources

MOST_ROUNDS, MOST_PROBLEMS = 2, 10
_SHORTEST = 8  # characters of a quote from elsewhere: a shorter one occurs in any text
_NUMBER = re.compile(r"\s*S\d+:\d+\|\s?")
_AGREED = re.compile(r"(?:K\d+|Not for|Agreed): ")


@dataclass(frozen=True)
class Fault:
    """Something wrong in `file`, or, if `missing`, something that should follow `line` and is quoted from elsewhere.

    `blocks`: the draft may not be committed with it. `advisory`: people decide, no edit is asked for. `name` is a name
    that is in no source, `rule` the slug of the rule that found it, each "" if the fault is not about one.
    """

    file: str
    line: int
    why: str
    blocks: bool = False
    quote: str = ""
    advisory: bool = False
    name: str = ""
    missing: bool = False
    rule: str = ""


@dataclass(frozen=True)
class Repaired:
    """The files after repair, the number of rounds, and the faults that are left."""

    files: dict[str, str]
    rounds: int
    left: tuple[Fault, ...]


@dataclass(frozen=True)
class Repair:
    """Repairs one draft. `brief` is the text that the model reads, `sections` are what the files were composed of."""

    client: ModelClient
    brief: str
    sections: Sequence[Section]
    sources: Sources
    check: Check

    def repair(self, files: dict[str, str]) -> Repaired:
        """Fix the faults that the checks and the critic find in `files`, and return those that are left.

        A name without a passage is fixed only if the critic agrees, since an example's own names are among them. The
        critic is asked once. The second round is for faults that the first left or made, and only those that block.
        """
        rounds = 0
        found = self._faults(files)
        criticised = [fault for path in files for fault in self._criticise(files, path, found)]
        left = [fault for fault in criticised if fault.advisory]
        todo = [fault for fault in (*found, *criticised) if not fault.advisory and not fault.name]
        while todo and rounds < MOST_ROUNDS:
            rounds += 1
            for path in [path for path in files if any(fault.file == path for fault in todo)]:
                mine = [fault for fault in todo if fault.file == path]
                edited = self._edited(files, path, mine)
                changed = {**files, path: edited}
                if edited and self._blocking(changed) <= self._blocking(files):  # else it is worse than the fault
                    files = changed
                else:
                    left += [fault for fault in mine if fault in criticised]
            found = self._faults(files)
            todo = [fault for fault in found if fault.blocks and not fault.advisory]
        return Repaired(files, rounds, (*found, *_relocated(left, files)))

    def _faults(self, files: Mapping[str, str]) -> tuple[Fault, ...]:
        return (*self._broken_rules(files), *self._unknown_names(files))

    def _broken_rules(self, files: Mapping[str, str]) -> Iterator[Fault]:
        for one in self.check(dict(files)):
            if path := finding_file(one, files):
                why = f"{one.rule}: {one.message} {one.fix}".strip()
                yield Fault(path, one.line, why, blocks=one.severity == "error", rule=one.rule)

    def _blocking(self, files: Mapping[str, str]) -> int:
        return sum(fault.blocks for fault in self._broken_rules(files))

    def _unknown_names(self, files: Mapping[str, str]) -> Iterator[Fault]:
        """Names that no passage of the draft has. In sections that rest on the request they are the model's knowledge:
        those are advisory."""
        request = Range(0, 1, len(self.sources.all[0].lines))
        seen = dict.fromkeys(one for section in self.sections for one in section.seen)
        passages = self.sources.plain([*seen, request]) + "\n" + "\n".join(files)

        def unknown(path: str, text: str) -> tuple[UnknownName, ...]:
            return not_in(passages, text, whole_code=not is_markdown(path))

        for path, text in files.items():
            from_request = [
                one for one in self.sections if one.file == path and any(not each.source for each in one.seen)
            ]
            known = {name.name for section in from_request for name in unknown(path, section.body)}
            for one in unknown(path, without_front_matter(text)):
                why = f"`{one.name}` is in no cited passage."
                yield Fault(path, one.line, why, quote=one.name, advisory=one.name in known, name=one.name)

    def _passages(self, path: str) -> str:
        """The lines that a file rests on."""
        ranges = dict.fromkeys(one for section in self.sections if section.file == path for one in section.seen)
        return self.sources.passages(ranges)

    def _criticise(self, files: Mapping[str, str], path: str, found: Sequence[Fault]) -> Iterator[Fault]:
        """Ask the critic about a file. A problem whose quote does not exist is dropped: it is about another text."""
        passages = self._passages(path)
        names = [fault for fault in found if fault.file == path and fault.name and not fault.advisory]
        problems = self.client.ask(
            "critique",
            lambda _: "",
            brief=self.brief,
            outline=outline_of(files),
            path=path,
            text=numbered(files[path]),
            passages=passages or NONE,
            findings="\n".join(f"line {fault.line}: {fault.why}" for fault in names) or NONE,
        )
        for one in problems[:MOST_PROBLEMS]:
            if fault := _fault(one, path, files[path], [*_quotable(self.brief, passages)]):
                yield fault

    def _edited(self, files: Mapping[str, str], path: str, faults: Sequence[Fault]) -> str:
        """Return the file without the faults, or "" if the model's edits could not be made."""
        labels = {f"F{number}": fault for number, fault in enumerate(faults, 1)}
        made: list[str] = []

        def judge(edits: list[FileEdit]) -> str:
            made.clear()
            try:
                made.append(put(files[path], [_placed(files[path], edit, labels) for edit in edits]))
            except CannotPlace as problem:
                return str(problem)
            return "" if path != SKILL_FILE or made[0].startswith("---\n") else "The front matter is gone."

        requests = "\n".join(f"Request {label} {_place(fault)}: {fault.why}" for label, fault in labels.items())
        try:
            ask_edits(self.client, self.brief, files, path, requests, self._passages(path), judge)
        except Refused:
            return ""  # the fault becomes an open point
        return made[0]


def _fault(one: Problem, path: str, text: str, quotable: Sequence[str]) -> Fault | None:
    if not one.quote.strip():
        return None
    if one.quote in text:
        return Fault(path, _line_of(text, one.quote, one.line), one.why, quote=one.quote, advisory=one.rule == "source")
    words = _NUMBER.sub("", one.quote, count=1).strip() if _NUMBER.match(one.quote) else one.quote.strip()
    if one.rule not in ("missing", "passages", "brief") or len(words) < _SHORTEST:
        return None
    if not any(words in line for line in quotable):
        return None
    return Fault(path, min(max(one.line, 1), text.count("\n") or 1), one.why, quote=words, missing=True)


def _quotable(brief: str, passages: str) -> Iterator[str]:
    """The lines that a file has to comply with: those of its passages, and what people agreed on."""
    for pattern, text in ((_NUMBER, passages), (_AGREED, brief)):
        yield from (line[found.end() :] for line in text.split("\n") if (found := pattern.match(line)))


def _line_of(text: str, quote: str, near: int) -> int:
    """The line of `quote` in `text`, the nearest to `near` if there are several."""
    lines = [text.count("\n", 0, found.start()) + 1 for found in re.finditer(re.escape(quote), text)]
    return min(lines, key=lambda line: abs(line - near))


def _relocated(faults: Sequence[Fault], files: Mapping[str, str]) -> tuple[Fault, ...]:
    """The faults at the lines where their quotes are now, without those that the edits have settled."""
    return tuple(
        fault if fault.missing else replace(fault, line=_line_of(files[fault.file], fault.quote, fault.line))
        for fault in faults
        if (fault.quote in files[fault.file]) is not fault.missing
    )


def _placed(text: str, edit: FileEdit, labels: Mapping[str, Fault]) -> Replacement:
    if edit.thread not in labels:
        raise CannotPlace(f"An edit is for {edit.thread!r}, which is none of the requests.")
    return place(text, edit.thread, edit.old, edit.new)


def _place(fault: Fault) -> str:
    """Where a fault is, in the words of a request."""
    if fault.missing:
        return f"after line {fault.line}, missing there: {fault.quote!r}"
    return f"at line {fault.line}" + (f", {fault.quote!r}" if fault.quote else "")
