"""Requests of a review, and what became of each: facts, and how the model reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from skill_fleet.fleet import SKILL_FILE
from skill_fleet.markdown import tidy
from skill_fleet.model.headings import part_at, parts_of
from skill_fleet.model.replacing import numbered
from skill_fleet.model.spending import estimated

MOST_TOKENS = 24_000  # of the skill itself, shown besides the files that requests name
Outcome = Literal["changed", "answered", "declined", "asked", "open"]


@dataclass(frozen=True)
class Thread:
    """One request: where it stands (path in the skill's folder, '' for all of it; lines from 1, 0 for the whole file),
    the lines as they were when it was written, and who said what, oldest first."""

    id: str
    path: str
    first: int
    last: int
    quoted: str
    conversation: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Hunk:
    """What was changed in one place of one file; `first` and `last` are lines of the file as it was."""

    file: str
    first: int
    last: int
    old: str
    new: str


@dataclass(frozen=True)
class Handled:
    """What became of one thread. `reply` is what the person reads; of an open one, why it is open."""

    thread: str
    outcome: Outcome
    reply: str
    hunks: tuple[Hunk, ...] = ()
    unsourced: tuple[str, ...] = ()
    """Names that the change brings and that stand neither in the sources nor in the request nor in the file before."""


def thread_text(label: str, thread: Thread, files: Mapping[str, str]) -> str:
    """A thread as the model reads it. Each line that a person wrote begins with a mark, so none can pose as ours."""
    lines = [f"Thread {label} {_place(thread, files)}"]
    if thread.quoted.strip():
        lines += ["  The lines:", *(f"    > {line}" for line in thread.quoted.rstrip("\n").split("\n"))]
    for who, text in thread.conversation:
        lines += [f"  {tidy(who) or 'somebody'} said:", *(f"    | {line}" for line in text.strip().split("\n"))]
    return "\n".join(lines)


def section_of(thread: Thread, files: Mapping[str, str]) -> str:
    """The heading of the section that a thread stands in; '' when it stands in none."""
    text = files.get(thread.path)
    return part_at(parts_of(thread.path, text), thread.first).heading if text and thread.first else ""


def file_map(files: Mapping[str, str]) -> str:
    """The files with their headings and where those begin."""
    rows = []
    for path, text in files.items():
        rows.append(f"{path} ({text.count(chr(10))} lines)")
        rows += (f"  line {part.first}: {part.heading}" for part in parts_of(path, text) if part.heading)
    return "\n".join(rows)


def commented_text(files: Mapping[str, str], threads: Sequence[Thread]) -> str:
    """The files that were commented on, in full. What is said on the whole skill is on SKILL.md. The other files of
    Markdown as far as all of them are short enough together: a name that changes in one may stand in another."""
    wanted = {thread.path for thread in threads if thread.path in files}
    if not all(thread.path in files for thread in threads):
        wanted |= {path for path in files if path == SKILL_FILE}
    tokens = sum(estimated(files[path]) for path in wanted)
    others = [path for path in files if path.endswith(".md") and path not in wanted]
    for path in sorted(others, key=lambda path: len(files[path])):
        tokens += estimated(files[path])
        if tokens > MOST_TOKENS:
            break
        wanted.add(path)
    return "\n\n".join(f"{path}:\n{numbered(text)}" for path, text in files.items() if path in wanted)


def labels(threads: Sequence[Thread]) -> dict[str, Thread]:
    """Short names for threads: a model copies `T3` where it would misspell an id of a forge."""
    return {f"T{number}": thread for number, thread in enumerate(threads, 1)}


def _place(thread: Thread, files: Mapping[str, str]) -> str:
    if not thread.path:
        return "on the whole skill:"
    if not thread.first:
        return f"at {thread.path}, the whole file:"
    lines = f"line {thread.first}" if thread.last <= thread.first else f"lines {thread.first}-{thread.last}"
    section = section_of(thread, files)
    return f"at {thread.path}, {lines}{f', in the section {section}' if section else ''}:"
