"""How far a change for one thread may go: its section, and wherever else a name that it changes is mentioned."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from skill_fleet.markdown import Markdown, plain, tidy
from skill_fleet.model.ask import NONE, Asker, Judge, Refused
from skill_fleet.model.compose import outline
from skill_fleet.model.faults import Check, file_of
from skill_fleet.model.grounding import names_of
from skill_fleet.model.headings import Part, front_matter_lines, headings_of, part_at, parts_of
from skill_fleet.model.replacing import CannotPlace, Replacement, numbered, place, put
from skill_fleet.model.shapes import Edit, Verdict
from skill_fleet.model.threads import Thread, thread_text

_WORD = re.compile(r"[\w./-]{3,}")


def within(path: str, text: str, thread: Thread, sections: Sequence[str], one: Replacement) -> bool:
    """Whether a replacement in `path` lies in one of the sections that its thread concerns."""
    if not text:
        return True
    if not thread.first and thread.path in ("", path):
        return True  # what is said on a whole file, or on all of them, has no section
    parts = parts_of(path, text)
    # what is put in at the start of a line stands behind the line before as well
    lines = [one.first, one.first - 1] if one.start == one.end and text[: one.start].endswith("\n") else [one.first]
    return any(
        part.first <= line and max(line, one.last if line == one.first else line) <= part.last
        for part in _allowed(path, parts, thread, sections)
        for line in lines
    )


def changed_names(old: str, new: str) -> set[str]:
    """The names that a replacement takes away or brings: what other places may have to follow."""
    before, after = names_of(old) | _marked(old), names_of(new) | _marked(new)
    return before - after


def follows(text: str, one: Replacement, names: set[str], made: Sequence[str]) -> bool:
    """Whether a replacement elsewhere only follows: the lines it touches mention a changed name, or a file that is new."""
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
        found.append(parts[0])  # the lines before the first heading: the front matter, mostly
    return [_without_sections(part, parts) for part in found]


def _without_sections(part: Part, parts: Sequence[Part]) -> Part:
    """A title as far as the first section: what stands below it is the whole file, which would be no limit at all."""
    inner = [other.first for other in parts if part.first < other.first <= part.last]
    return replace(part, last=min(inner) - 1) if part.level == 1 and inner else part


def _bare(section: str) -> str:
    return plain(section.lstrip("# ")).casefold()


def _marked(text: str) -> set[str]:
    """What stands in code spans, and headings: names also where they look like words."""
    spans = re.findall(r"`([^`\n]+)`", text)
    headings = re.findall(r"^#+[ \t]+(.+?)[ \t]*$", text, re.MULTILINE)
    return {span.strip() for span in spans} | {plain(heading) for heading in headings}


def broken(files: Mapping[str, str], path: str, changed: str, before: str, check: Check) -> str:
    """What a change breaks in its file; '' when nothing."""
    if path.endswith(".md") and _unclosed(changed) > _unclosed(before):
        return "The edit leaves a code block open."
    if path.endswith(".md") and (line := _swallowed(before, changed)):
        return f"After the edit, the line {line!r} stands in a code block that it does not belong to."
    if before.startswith("---\n") and not changed.startswith("---\n"):
        return "The edit takes the front matter away."
    old = {key for key, _ in _errors({**files, path: before}, path, check)}
    new = [message for key, message in _errors({**files, path: changed}, path, check) if key not in old]
    return f"The edit brings an error: {new[0]}" if new else ""


def _unclosed(text: str) -> int:
    return sum(not fence.closed for fence in Markdown(text).fences)


def _swallowed(before: str, after: str) -> str:
    """The first heading, or first line of a code block, that is still there and is none any more; '' without one."""
    old, new = (Markdown(_body(text)) for text in (before, after))
    gone = Counter(_marks(old)) - Counter(_marks(new))
    was, now = Counter(old.lines), Counter(new.lines)
    return next((line for line in gone if now[line] >= was[line]), "")


def _body(text: str) -> str:
    """Blank lines for the front matter, whose last line would pass for a heading."""
    skipped = front_matter_lines(text)
    return "\n".join([""] * skipped + text.split("\n")[skipped:])


def _marks(text: Markdown) -> Iterator[str]:
    yield from (text.lines[block.start] for block in text.blocks if block.kind == "heading")
    yield from (text.lines[fence.start] for fence in text.fences)


def _errors(files: Mapping[str, str], path: str, check: Check) -> list[tuple[tuple[str, str], str]]:
    found = [one for one in check(dict(files)) if one.severity == "error" and file_of(one.path, files) == path]
    return [((one.rule, one.key or one.message), f"{one.rule}: {one.message}") for one in found]


PARTLY = "Not every change that was planned was made."
BEFORE = "This was written before the edits:"
LEFT_OUT = "The model left it out when it was asked again."
NO_EDIT_HERE = "The model gave no edit for it."


def dropped(
    path: str,
    text: str,
    first: Sequence[Edit],
    why: Mapping[str, str],
    last: Sequence[Edit],
    labels: Collection[str],
) -> dict[str, list[str]]:
    """What is not made of the edits of one file, a sentence each, by label.

    `first` is the reply that was refused, `why` its reasons by label, `last` the one that was taken.
    """
    strange = any(one.thread not in labels for one in last)
    found: dict[str, list[str]] = {}
    for label in labels:
        mine = [one for one in last if one.thread == label]
        if not mine:
            said = [f"In `{path}` nothing was changed: {why.get(label) or NO_EDIT_HERE}"]
        else:
            gone = _gone([one for one in first if one.thread == label], mine)
            said = [f"{_where(path, text, one)} an edit was not made: {_why(text, one, why)}" for one in gone]
        if strange:
            said.append(f"In `{path}` an edit that named no request was not made.")
        if said:
            found[label] = said
    return found


def told(reply: str, said: Sequence[str]) -> str:
    """The answer that a person reads: first what was not made, if anything, then the model's words."""
    return f"{PARTLY} {' '.join(said)}\n\n{BEFORE} {reply}" if said else reply


def _gone(first: Sequence[Edit], last: Sequence[Edit]) -> Iterator[Edit]:
    """The edits of `first` that nothing in `last` stands for: not the same edit, none of the same place or with its
    words, such as two that were joined, and no other new one."""
    new = [one for one in last if one not in first]
    old = [one for one in first if one not in last]
    spare = sum(not any(_stands_for(one, each) for each in old) for one in new)
    lost = [one for one in old if not any(_stands_for(each, one) for each in new)]
    yield from lost[spare:]


def _stands_for(new: Edit, old: Edit) -> bool:
    pairs = ((old.old, new.old), (new.old, old.old), (old.new, new.new))
    return any(part.strip() and part.strip() in whole for part, whole in pairs)


def _where(path: str, text: str, one: Edit) -> str:
    at = text.find(one.old) if one.old and text.count(one.old) == 1 else -1
    heading = part_at(parts_of(path, text), text.count("\n", 0, at) + 1).heading if at >= 0 else ""
    return f"In `{path}`, section `{heading}`," if heading else f"In `{path}`"


def _why(text: str, one: Edit, why: Mapping[str, str]) -> str:
    try:
        place(text, one.thread, one.old, one.new)
    except CannotPlace as problem:
        return str(problem)
    return why.get(one.thread) or LEFT_OUT


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
