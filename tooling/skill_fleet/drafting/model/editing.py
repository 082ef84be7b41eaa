"""Edits of a round: one file at a time, each replacement placed, in reach, and whole before it counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from skill_fleet.drafting.model.ask import NONE, Asker, Judge, Refused
from skill_fleet.drafting.model.breakage import broken
from skill_fleet.drafting.model.compose import outline
from skill_fleet.drafting.model.dropped import dropped
from skill_fleet.drafting.model.faults import Check
from skill_fleet.drafting.model.headings import headings_of
from skill_fleet.drafting.model.reach import changed_names, follows, within
from skill_fleet.drafting.model.replacing import CannotPlace, Replacement, numbered, place, put
from skill_fleet.drafting.model.shapes import Edit, Verdict
from skill_fleet.drafting.model.threads import Thread, thread_text
from skill_fleet.drafting.pages.plain import tidy

NO_EDIT = "The model said that it changed this, and changed nothing."


@dataclass
class Examined:
    """The replacements of one file that may be made, by label, and why those of other labels may not."""

    good: dict[str, list[Replacement]] = field(default_factory=dict)
    bad: dict[str, str] = field(default_factory=dict)
    dropped: dict[str, list[str]] = field(default_factory=dict)
    """What was offered for a label, or planned, and is not among its good ones, a sentence each."""

    def refuse(self, label: str, why: str) -> None:
        """Nothing of this label is made in the file."""
        self.bad.setdefault(label, why)
        self.good.pop(label, None)


def edit_file(
    asker: Asker,
    brief: str,
    files: Mapping[str, str],
    path: str,
    verdicts: Mapping[str, Verdict],
    threads: Mapping[str, Thread],
    names: Mapping[str, set[str]],
    passages: str,
    check: Check,
) -> Examined:
    """Ask for the edits of one file. `names` are those that the threads have changed in other files."""
    tried, result = 0, Examined()
    before: tuple[Sequence[Edit], Mapping[str, str]] = (), {}

    def judge(edits: Sequence[Edit]) -> str:
        nonlocal tried, result, before
        tried += 1
        result = examine(files, path, edits, verdicts, threads, names, check)
        if tried == 1:
            before = edits, result.bad
        else:
            result.dropped = dropped(path, files.get(path, ""), *before, edits, verdicts)
        strange = [f"{one.thread!r} is none of the requests." for one in edits if one.thread not in verdicts]
        lost = [
            f"{label} has no edit in this file." for label in verdicts if label not in {one.thread for one in edits}
        ]
        wrong = [f"{label}: {why}" for label, why in result.bad.items()]
        return " ".join([*strange, *wrong, *lost]) if tried == 1 else ""

    requests = [
        f"Request {label}, sections: {'; '.join(one.sections) or NONE}\n{thread_text(label, threads[label], files)}\n"
        f"  To be answered, once it is done:\n    | {tidy(one.reply)}"
        for label, one in verdicts.items()
    ]
    try:
        ask_edits(asker, brief, files, path, "\n\n".join(requests), passages, judge)
    except Refused as refused:
        return Examined({}, dict.fromkeys(verdicts, f"No edit could be made: {refused.reason}"))
    return result


def ask_edits(
    asker: Asker, brief: str, files: Mapping[str, str], path: str, requests: str, passages: str, judge: Judge
) -> None:
    """Ask for edits of one file; `judge` keeps of them what it needs. Refused when it had something against two replies."""
    asker.ask(
        "edit",
        judge,
        brief=brief,
        path=path,
        text=numbered(files.get(path, "")),
        outline=outline({name: headings_of(name, each) for name, each in files.items()}, {}),
        requests=requests,
        passages=passages or NONE,
    )


def examine(
    files: Mapping[str, str],
    path: str,
    edits: Sequence[Edit],
    verdicts: Mapping[str, Verdict],
    threads: Mapping[str, Thread],
    names: Mapping[str, set[str]],
    check: Check,
) -> Examined:
    """Which edits of one file may be made."""
    text, result = files.get(path, ""), Examined()
    for edit in edits:
        if edit.thread in verdicts:
            try:
                result.good.setdefault(edit.thread, []).append(place(text, edit.thread, edit.old, edit.new))
            except CannotPlace as problem:
                result.refuse(edit.thread, str(problem))
    for label in [*result.good]:
        if label in result.bad:
            result.good.pop(label)
        elif why := _out_of_reach(
            files, path, result.good[label], verdicts[label], threads[label], names.get(label, set())
        ):
            result.refuse(label, why)
    accepted: list[Replacement] = []
    for label in [*result.good]:
        try:
            changed = put(text, [*accepted, *result.good[label]])
        except CannotPlace as problem:
            result.refuse(label, str(problem))
            continue
        if why := broken(files, path, changed, put(text, accepted), check):
            result.refuse(label, why)
        else:
            accepted += result.good[label]
    return result


def _out_of_reach(
    files: Mapping[str, str],
    path: str,
    replacements: Sequence[Replacement],
    verdict: Verdict,
    thread: Thread,
    names: set[str],
) -> str:
    text = files.get(path, "")
    inside = [one for one in replacements if within(path, text, thread, verdict.sections, one)]
    names = names.union(*(names_changed(text, one) for one in inside))
    made = [file for file in verdict.files if file not in files]
    for one in replacements:
        if one not in inside and not follows(text, one, names, made):
            place = " or ".join(f"the section {each!r}" for each in verdict.sections) or "the lines of the request"
            return f"The edit at line {one.first} of {path} lies outside of {place} and mentions no name that changes."
    return ""


def names_changed(text: str, one: Replacement) -> set[str]:
    """The names that are no longer in the lines that a replacement touches."""
    start = text.rfind("\n", 0, one.start) + 1
    end = text.find("\n", one.end)
    end = end if end >= 0 else len(text)
    return changed_names(text[start:end], text[start : one.start] + one.new + text[one.end : end])
