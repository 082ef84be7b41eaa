"""The edits of one file in a round of revision: which of them may be made, and which are missing.

An edit may change its request's sections. Elsewhere it may only follow: change a line with a name that the request
changes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from skill_fleet.markdown import plain, tidy
from skill_fleet.model.client import NONE, ModelClient, Refused
from skill_fleet.model.edits import CannotPlace, Replacement, ask_edits, breakage, names_changed, place, put
from skill_fleet.model.shapes import FileEdit, Verdict
from skill_fleet.model.skill_text import Check, Part, part_at, parts_of
from skill_fleet.model.sources import Sources, relevant
from skill_fleet.model.threads import Thread, thread_text

NO_EDIT = "The model said that it changed this, and changed nothing."
_WORD = re.compile(r"[\w./-]{3,}")


@dataclass(frozen=True)
class Round:
    """What the steps of one round share. `threads` are by label, `brief` is the text that the model reads."""

    client: ModelClient
    brief: str
    files: Mapping[str, str]
    threads: Mapping[str, Thread]
    sources: Sources | None
    check: Check

    def passages(self, threads: Sequence[Thread]) -> str:
        """Return the lines of the sources that are relevant to these threads."""
        asked = " ".join(text for thread in threads for _, text in thread.conversation)
        return relevant(self.sources, asked) if self.sources else ""


@dataclass
class Examined:
    """The replacements of one file that may be made, by label, and the reasons why those of other labels may not.

    `dropped` are sentences about what was offered or planned for a label and is not among its good ones.
    """

    good: dict[str, list[Replacement]] = field(default_factory=dict)
    bad: dict[str, str] = field(default_factory=dict)
    dropped: dict[str, list[str]] = field(default_factory=dict)

    def refuse(self, label: str, why: str) -> None:
        """Refuse all edits of this label in the file."""
        self.bad.setdefault(label, why)
        self.good.pop(label, None)


def edit_file(round_: Round, path: str, verdicts: Mapping[str, Verdict], names: Mapping[str, set[str]]) -> Examined:
    """Ask for the edits of one file. `names` are those that each label has changed in other files."""
    replies: list[Sequence[FileEdit]] = []
    results: list[Examined] = []

    def judge(edits: Sequence[FileEdit]) -> str:
        result = examine(round_, path, edits, verdicts, names)
        replies.append(edits)
        results.append(result)
        if len(results) > 1:  # what is wrong with one request now leaves only that one open
            result.dropped = _dropped(path, replies[0], edits, results[0].bad, verdicts)
            return ""
        named = {one.thread for one in edits}
        unknown = [f"{label!r} is none of the requests." for label in named if label not in verdicts]
        missing = [f"{label} has no edit in this file." for label in verdicts if label not in named]
        return " ".join([*unknown, *(f"{label}: {why}" for label, why in result.bad.items()), *missing])

    requests = [
        f"Request {label}, sections: {'; '.join(one.sections) or NONE}\n"
        f"{thread_text(label, round_.threads[label], round_.files)}\n"
        f"  The answer that is posted once it is done:\n    | {tidy(one.reply)}"
        for label, one in verdicts.items()
    ]
    passages = round_.passages([round_.threads[label] for label in verdicts])
    try:
        ask_edits(round_.client, round_.brief, round_.files, path, "\n\n".join(requests), passages, judge)
    except Refused as refused:
        return Examined({}, dict.fromkeys(verdicts, f"No edit could be made: {refused.reason}"))
    return results[-1]


def examine(
    round_: Round, path: str, edits: Sequence[FileEdit], verdicts: Mapping[str, Verdict], names: Mapping[str, set[str]]
) -> Examined:
    """Decide which edits of one file may be made: those of one request all or none."""
    text, result = round_.files.get(path, ""), Examined()
    for edit in edits:
        if edit.thread in verdicts and edit.thread not in result.bad:
            try:
                result.good.setdefault(edit.thread, []).append(place(text, edit.thread, edit.old, edit.new))
            except CannotPlace as problem:
                result.refuse(edit.thread, str(problem))
    for label, replacements in [*result.good.items()]:
        if why := _out_of_reach(round_, path, replacements, verdicts[label], names.get(label, set())):
            result.refuse(label, why)
    accepted: list[Replacement] = []
    for label, replacements in [*result.good.items()]:
        try:
            changed = put(text, [*accepted, *replacements])
        except CannotPlace as problem:
            result.refuse(label, str(problem))
            continue
        if why := breakage(round_.files, path, changed, put(text, accepted), round_.check):
            result.refuse(label, why)
        else:
            accepted += replacements
    return result


def _out_of_reach(
    round_: Round, path: str, replacements: Sequence[Replacement], verdict: Verdict, names: set[str]
) -> str:
    text, thread = round_.files.get(path, ""), round_.threads[replacements[0].thread]
    inside = [one for one in replacements if _within(path, text, thread, verdict.sections, one)]
    names = names.union(*(names_changed(text, one) for one in inside))
    made = [file for file in verdict.files if file not in round_.files]
    for one in replacements:
        if one not in inside and not _follows(text, one, names, made):
            place = " or ".join(f"the section {each!r}" for each in verdict.sections) or "the lines of the request"
            return f"The edit at line {one.first} of {path} lies outside of {place} and mentions no name that changes."
    return ""


def _within(path: str, text: str, thread: Thread, sections: Sequence[str], one: Replacement) -> bool:
    """Whether a replacement lies in one of the sections that its thread concerns."""
    if not text or (not thread.first and thread.path in ("", path)):
        return True  # a comment on a whole file, or on the whole skill, has no section
    parts = parts_of(path, text)
    # text that is inserted at the start of a line also belongs to the line before
    lines = [one.first, one.first - 1] if one.start == one.end and text[: one.start].endswith("\n") else [one.first]
    return any(
        part.first <= line and max(line, one.last if line == one.first else line) <= part.last
        for part in _allowed(path, parts, thread, sections)
        for line in lines
    )


def _follows(text: str, one: Replacement, names: set[str], made: Sequence[str]) -> bool:
    """Whether a replacement elsewhere only follows: its lines have a changed name, or it names a new file."""
    lines = "\n".join(text.split("\n")[one.first - 1 : one.last])
    words = set(_WORD.findall(lines)) | set(re.findall(r"\w+", lines))
    return bool(names & words) or any(name in lines for name in names) or any(path in one.new for path in made)


def has_section(path: str, text: str, section: str) -> bool:
    """Whether a file has a section of that heading."""
    return any(part.heading.casefold() == _bare(section) for part in parts_of(path, text) if part.heading)


def _allowed(path: str, parts: Sequence[Part], thread: Thread, sections: Sequence[str]) -> list[Part]:
    named = {_bare(section) for section in sections}
    found = [part for part in parts if part.heading and part.heading.casefold() in named]
    if thread.path == path and thread.first:
        found.append(part_at(parts, thread.first))
    if not sections:
        found.append(parts[0])  # the lines before the first heading: mostly the front matter
    return [_without_sections(part, parts) for part in found]


def _without_sections(part: Part, parts: Sequence[Part]) -> Part:
    """A title only up to the first section: with all of them it would be the whole file."""
    inner = [other.first for other in parts if part.first < other.first <= part.last]
    return replace(part, last=min(inner) - 1) if part.level == 1 and inner else part


def _bare(section: str) -> str:
    return plain(section.lstrip("# ")).casefold()


def _dropped(
    path: str, first: Sequence[FileEdit], last: Sequence[FileEdit], refused: Mapping[str, str], labels: Iterable[str]
) -> dict[str, list[str]]:
    """Sentences, by label, where the `last` reply has fewer edits than the `first`, and the reason for its refusal."""
    before, now = (Counter(one.thread for one in edits) for edits in (first, last))
    found: dict[str, list[str]] = {label: [] for label in labels}
    for label, sentences in found.items():
        if now[label] < (planned := max(before[label], 1)):
            why = refused.get(label, "The model left edits out when it was asked again.")
            sentences.append(f"In `{path}`, {now[label]} of {planned} edits were made: {why}")
        if now.keys() - found.keys():
            sentences.append(f"In `{path}`, an edit for no known request was not made.")
    return found
