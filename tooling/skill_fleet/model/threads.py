"""Comment threads of a review, their outcomes, and the forms in which the model reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from skill_fleet.fleet import SKILL_FILE
from skill_fleet.markdown import tidy
from skill_fleet.model.skill_text import is_markdown, numbered, part_at, parts_of
from skill_fleet.model.spending import estimated

MOST_FILES = 24_000  # tokens of files that are shown in full besides those that were commented on
Outcome = Literal["changed", "answered", "declined", "asked", "open"]


@dataclass(frozen=True)
class Thread:
    """One request. `path` is in the skill's folder, "" for the whole skill; `first` and `last` are lines from 1, 0 for the
    whole file. `quoted` are these lines as they were then, `conversation` is author and text, the oldest first."""

    id: str
    path: str
    first: int
    last: int
    quoted: str
    conversation: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Hunk:
    """A change in one place of one file. `first` and `last` are lines of the file before the change."""

    file: str
    first: int
    last: int
    old: str
    new: str


@dataclass(frozen=True)
class Handled:
    """The outcome of one thread. `reply` is what the person reads; of an open one, the reason why it is open.

    `unsourced` are names in the change that are in no source, not in the request, and were in no file.
    """

    thread: str
    outcome: Outcome
    reply: str
    hunks: tuple[Hunk, ...] = ()
    unsourced: tuple[str, ...] = ()


def thread_text(label: str, thread: Thread, files: Mapping[str, str]) -> str:
    """Return a thread as the model reads it. People's lines are quoted, so that none can pass for one of ours."""
    lines = [f"Thread {label} {_place(thread, files)}"]
    if thread.quoted.strip():
        lines += ["  The lines:", *(f"    > {line}" for line in thread.quoted.rstrip("\n").split("\n"))]
    for who, text in thread.conversation:
        lines += [f"  {tidy(who) or 'somebody'} said:", *(f"    | {line}" for line in text.strip().split("\n"))]
    return "\n".join(lines)


def file_map(files: Mapping[str, str]) -> str:
    """Return the files with their headings and the lines where those begin."""
    rows = []
    for path, text in files.items():
        rows.append(f"{path} ({text.count(chr(10))} lines)")
        rows += (f"  line {part.first}: {part.heading}" for part in parts_of(path, text) if part.heading)
    return "\n".join(rows)


def commented_text(files: Mapping[str, str], threads: Sequence[Thread]) -> str:
    """Return the files that were commented on, with line numbers, and of the other Markdown files as many as fit.

    A comment on the whole skill is one on SKILL.md.
    """
    wanted = {thread.path if thread.path in files else SKILL_FILE for thread in threads}
    tokens = sum(estimated(files.get(path, "")) for path in wanted)
    others = [path for path in files if is_markdown(path) and path not in wanted]
    for path in sorted(others, key=lambda path: len(files[path])):
        tokens += estimated(files[path])
        if tokens > MOST_FILES:
            break
        wanted.add(path)
    return "\n\n".join(f"{path}:\n{numbered(text)}" for path, text in files.items() if path in wanted)


def _place(thread: Thread, files: Mapping[str, str]) -> str:
    if not thread.path:
        return "on the whole skill:"
    if not thread.first:
        return f"at {thread.path}, the whole file:"
    lines = f"line {thread.first}" if thread.last <= thread.first else f"lines {thread.first}-{thread.last}"
    text = files.get(thread.path)
    section = part_at(parts_of(thread.path, text), thread.first).heading if text else ""
    return f"at {thread.path}, {lines}{f', in the section {section}' if section else ''}:"
