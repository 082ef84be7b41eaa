"""Edits of one file as a model gives them: placed exactly once, put in without overlap, refused if they break the file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile

from skill_fleet.checks import Finding
from skill_fleet.markdown import Markdown, plain
from skill_fleet.model.client import NONE, Judge, ModelClient
from skill_fleet.model.grounding import names_of
from skill_fleet.model.skill_text import (
    Check,
    finding_file,
    is_markdown,
    numbered,
    outline_of,
    without_front_matter,
)  # fmt: skip

_NUMBERED = re.compile(r"^\s*\d+\| ?", re.MULTILINE)


@dataclass(frozen=True, order=True)
class Replacement:
    """Characters `start` to `end` of a text become `new`, for `thread`. `first` and `last` are their lines, from 1."""

    start: int
    end: int
    thread: str
    old: str
    new: str
    first: int
    last: int


class CannotPlace(Exception):
    """An edit that does not fit the text. The message says why."""


def ask_edits(
    client: ModelClient, brief: str, files: Mapping[str, str], path: str, requests: str, passages: str, judge: Judge
) -> None:
    """Ask for edits of one file. `judge` keeps of them what it needs. Raises Refused if it refuses two replies."""
    client.ask(
        "edit",
        judge,
        brief=brief,
        path=path,
        text=numbered(files.get(path, "")),
        outline=outline_of(files),
        requests=requests,
        passages=passages or NONE,
    )


def place(text: str, thread: str, old: str, new: str) -> Replacement:
    """Find the place of an edit. Raises CannotPlace if `old` is not in `text` exactly once, or nothing would change."""
    old, new = old.replace("\r\n", "\n"), new.replace("\r\n", "\n")
    if not old:
        if text:
            raise CannotPlace("An edit has an empty `old`, and the file is not empty.")
        return Replacement(0, 0, thread, "", new, 1, 1)
    if old not in text and all(_NUMBERED.match(line) for line in old.split("\n")):
        old, new = _NUMBERED.sub("", old), _NUMBERED.sub("", new)
    shown = repr(old if len(old) <= 80 else f"{old[:77]}...")
    count = text.count(old)
    if count != 1:
        raise CannotPlace(f"`old` {shown} occurs {count} times in the file; it must occur exactly once.")
    if old == new:
        raise CannotPlace(f"`new` is the same as `old` {shown}.")
    # what both share at their ends is no change: it is quoted to find the place
    head = _shared(old, new)
    tail = min(_shared(old[::-1], new[::-1]), len(old) - head, len(new) - head)
    start = text.index(old) + head
    end = start + len(old) - tail - head
    first = text.count("\n", 0, start) + 1
    last = first + text.count("\n", start, max(start, end - 1))
    return Replacement(start, end, thread, text[start:end], new[head : len(new) - tail], first, last)


def _shared(one: str, other: str) -> int:
    """How many characters two texts share at their start."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def put(text: str, replacements: Sequence[Replacement]) -> str:
    """Return `text` with all replacements made. Raises CannotPlace if two overlap."""
    ordered: list[Replacement] = sorted(set(replacements))
    for one, other in pairwise(ordered):
        if other.start < one.end or (other.start, other.end) == (one.start, one.end):
            raise CannotPlace(f"The edits for {one.thread} and {other.thread} overlap at line {other.first}.")
    for one in reversed(ordered):
        text = text[: one.start] + one.new + text[one.end :]
    return text


def breakage(files: Mapping[str, str], path: str, changed: str, before: str, check: Check) -> str:
    """Return what a change breaks in its file: Markdown, front matter, a rule. "" if nothing."""
    if is_markdown(path):
        old, new = (Markdown(without_front_matter(text)) for text in (before, changed))
        if sum(not one.closed for one in new.fences) > sum(not one.closed for one in old.fences):
            return "The edit leaves a code block open."
        if line := _swallowed(old, new):
            return f"After the edit, the line {line!r} is in a code block that it does not belong to."
    if before.startswith("---\n") and not changed.startswith("---\n"):
        return "The edit removes the front matter."
    known = {(one.rule, one.key or one.message) for one in _errors({**files, path: before}, path, check)}
    found = _errors({**files, path: changed}, path, check)
    error = next((one for one in found if (one.rule, one.key or one.message) not in known), None)
    return f"The edit causes an error: {error.rule}: {error.message}" if error else ""


def _errors(files: dict[str, str], path: str, check: Check) -> list[Finding]:
    return [one for one in check(files) if one.severity == "error" and finding_file(one, files) == path]


def _swallowed(old: Markdown, new: Markdown) -> str:
    """The first heading, or first line of a code block, that is still there and no longer is one; "" if none."""
    gone = Counter(_marks(old)) - Counter(_marks(new))
    was, now = Counter(old.lines), Counter(new.lines)
    return next((line for line in gone if now[line] >= was[line]), "")


def _marks(text: Markdown) -> Iterator[str]:
    yield from (text.lines[block.start] for block in text.blocks if block.kind == "heading")
    yield from (text.lines[fence.start] for fence in text.fences)


def names_changed(text: str, one: Replacement) -> set[str]:
    """Return the names that a replacement removes from the lines that it touches."""
    start = text.rfind("\n", 0, one.start) + 1
    end = text.find("\n", one.end)
    end = end if end >= 0 else len(text)
    return changed_names(text[start:end], text[start : one.start] + one.new + text[one.end : end])


def changed_names(old: str, new: str) -> set[str]:
    """Return the names in `old` that are not in `new`: other lines that use them may have to follow."""
    before, after = (names_of(text) | _marked(text) for text in (old, new))
    return before - after


def _marked(text: str) -> set[str]:
    """Code spans and headings: names even if they look like words."""
    spans = re.findall(r"`([^`\n]+)`", text)
    headings = re.findall(r"^#+[ \t]+(.+?)[ \t]*$", text, re.MULTILINE)
    return {span.strip() for span in spans} | {plain(heading) for heading in headings}
