"""What a critic has against a file, each with words that stand somewhere: in the file, or in what it should have told."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from skill_fleet.fleet import SKILL_FILE
from skill_fleet.model.ask import NONE, Asker, Refused
from skill_fleet.model.compose import Section, outline
from skill_fleet.model.edits import ask_edits
from skill_fleet.model.faults import Check, Fault, faults_of_checks, faults_of_names, line_of, seen_for
from skill_fleet.model.headings import headings_of
from skill_fleet.model.replacing import CannotPlace, Replacement, numbered, place, put
from skill_fleet.model.shapes import Edit, Problem
from skill_fleet.model.sources import Sources

MOST_PROBLEMS = 10
_SHORTEST = 8  # characters of a quote from elsewhere: shorter ones stand in any text
_NUMBER = re.compile(r"\s*S\d+:\d+\|\s?")
_AGREED = re.compile(r"(?:K\d+|Not for|Agreed): ")


def faults_of_critic(
    asker: Asker, brief: str, files: Mapping[str, str], path: str, passages: str, known: Sequence[Fault]
) -> tuple[Fault, ...]:
    """What the critic finds in a file. A problem whose quote stands nowhere is dropped: it is about another text."""
    problems = asker.ask(
        "critique",
        lambda _: "",
        brief=brief,
        outline=outline({name: headings_of(name, each) for name, each in files.items()}, {}),
        path=path,
        text=numbered(files[path]),
        passages=passages or NONE,
        findings="\n".join(f"line {fault.line}: {fault.why}" for fault in known if not fault.told) or NONE,
    )
    found = (_fault(one, path, files[path], brief, passages) for one in problems[:MOST_PROBLEMS])
    return tuple(fault for fault in found if fault)


def _fault(one: Problem, path: str, text: str, brief: str, passages: str) -> Fault | None:
    if not one.quote.strip():
        return None
    if one.quote in text:
        return Fault(path, line_of(text, one.quote, one.line), one.why, quote=one.quote, told=one.rule == "source")
    words = _bare(one.quote).strip()
    may_be_elsewhere = one.rule in ("missing", "passages", "brief") and len(words) >= _SHORTEST
    if not may_be_elsewhere or not any(words in line for line in _lines(brief, passages)):
        return None
    return Fault(path, min(max(one.line, 1), text.count("\n") or 1), one.why, quote=words, missing=True)


def _lines(brief: str, passages: str) -> Iterator[str]:
    """What a file can be held to: the lines of its passages, and what people agreed on."""
    yield from (_bare(line) for line in passages.split("\n") if _NUMBER.match(line))
    yield from (line[found.end() :] for line in brief.split("\n") if (found := _AGREED.match(line)))


def _bare(line: str) -> str:
    found = _NUMBER.match(line)
    return line[found.end() :] if found else line


ROUNDS = 2


@dataclass(frozen=True)
class Repaired:
    """The files after repair, how many rounds it took, and what is still wrong with them."""

    files: dict[str, str]
    rounds: int
    left: tuple[Fault, ...]


def repair(
    asker: Asker, brief: str, files: dict[str, str], sections: Sequence[Section], sources: Sources, check: Check
) -> Repaired:
    """Mend what the checks and the critic have against `files`; names without a passage where the critic agrees, since
    an example's own are among them. All that are left are told.

    The critic is heard once; the second round is for what the first one left or made, and only where that blocks.
    """
    rounds = 0
    found = _faults(files, sections, sources, check)
    heard = tuple(
        fault
        for path in files
        for fault in faults_of_critic(
            asker,
            brief,
            files,
            path,
            sources.passages(seen_for(path, sections)),
            [f for f in found if f.file == path and f.name],
        )
    )
    told = [fault for fault in heard if fault.told]
    todo = [fault for fault in (*found, *heard) if not fault.told and not fault.name]
    while todo and rounds < ROUNDS:
        rounds += 1
        for path in [path for path in files if any(fault.file == path for fault in todo)]:
            mine = [fault for fault in todo if fault.file == path]
            mended = _mend(asker, brief, files, path, mine, sources.passages(seen_for(path, sections)))
            changed = {**files, path: mended}
            if mended and _blocking(changed, check) <= _blocking(files, check):  # else it is worse than the fault
                files = changed
            else:
                told += [fault for fault in mine if fault in heard]
        found = _faults(files, sections, sources, check)
        todo = [fault for fault in found if fault.blocks and not fault.told]
    return Repaired(files, rounds, (*found, *_where_now(told, files)))


def _where_now(faults: Sequence[Fault], files: dict[str, str]) -> tuple[Fault, ...]:
    """Faults at the lines where their words stand after all mending; without those that went, or came, with it."""
    return tuple(
        fault if fault.missing else replace(fault, line=line_of(files[fault.file], fault.quote, fault.line))
        for fault in faults
        if (fault.quote in files[fault.file]) is not fault.missing
    )


def _faults(files: dict[str, str], sections: Sequence[Section], sources: Sources, check: Check) -> tuple[Fault, ...]:
    return (*faults_of_checks(files, check), *faults_of_names(files, sections, sources))


def _blocking(files: dict[str, str], check: Check) -> int:
    return sum(fault.blocks for fault in faults_of_checks(files, check))


def _mend(asker: Asker, brief: str, files: dict[str, str], path: str, faults: Sequence[Fault], passages: str) -> str:
    """The file without the faults; '' when the model's edits could not be made."""
    text = files[path]
    made: list[str] = []

    def judge(edits: list[Edit]) -> str:
        made.clear()
        try:
            placed = [place_known(text, edit, {f"F{number}" for number in range(1, len(faults) + 1)}) for edit in edits]
            made.append(put(text, placed))
        except CannotPlace as problem:
            return str(problem)
        return "" if path != SKILL_FILE or made[0].startswith("---\n") else "The front matter is gone."

    requests = "\n".join(f"Request F{number} {_placed(fault)}: {fault.why}" for number, fault in enumerate(faults, 1))
    try:
        ask_edits(asker, brief, files, path, requests, passages, judge)
    except Refused:
        return ""  # what could not be mended is said in the open points
    return made[0]


def _placed(fault: Fault) -> str:
    """Where a fault is, in the words of a request."""
    if fault.missing:
        return f"after line {fault.line}, missing there: {fault.quote!r}"
    return f"at line {fault.line}" + (f", {fault.quote!r}" if fault.quote else "")


def place_known(text: str, edit: Edit, known: set[str]) -> Replacement:
    """Where an edit stands; CannotPlace also when it answers nothing that was asked."""
    if edit.thread not in known:
        raise CannotPlace(f"An edit is for {edit.thread!r}, which is none of the requests.")
    return place(text, edit.thread, edit.old, edit.new)
