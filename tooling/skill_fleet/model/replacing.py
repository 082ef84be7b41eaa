"""Edits as a model gives them, put into a text: each old text stands there exactly once, and none overlap."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_NUMBERED = re.compile(r"^\s*\d+\| ?", re.MULTILINE)


@dataclass(frozen=True, order=True)
class Replacement:
    """Characters `start` to `end` of a text become `new`, for `thread`. `first` and `last` are the lines, from 1."""

    start: int
    end: int
    thread: str
    old: str
    new: str
    first: int
    last: int


class CannotPlace(Exception):
    """An edit that does not fit the text; the message says why."""


def place(text: str, thread: str, old: str, new: str) -> Replacement:
    """Where an edit stands in `text`; CannotPlace when it stands nowhere, or in two places, or changes nothing."""
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
        raise CannotPlace(f"`old` {shown} stands {count} times in the file; it must stand exactly once.")
    if old == new:
        raise CannotPlace(f"`new` is the same as `old` {shown}.")
    start = text.index(old)
    # what both share at their ends is no change: a line that is only quoted to find the place belongs to nobody
    head = _shared(old, new)
    tail = min(_shared(old[::-1], new[::-1]), len(old) - head, len(new) - head)
    begin, end = start + head, start + len(old) - tail
    changed_new = new[head : len(new) - tail]
    first = text.count("\n", 0, begin) + 1
    last = first + text.count("\n", begin, max(begin, end - 1))
    return Replacement(begin, end, thread, text[begin:end], changed_new, first, last)


def put(text: str, replacements: Sequence[Replacement]) -> str:
    """`text` with all replacements made; CannotPlace when two overlap."""
    done: list[Replacement] = sorted(set(replacements))
    for one, other in pairwise(done):
        if other.start < one.end or (other.start, other.end) == (one.start, one.end):
            raise CannotPlace(f"The edits for {one.thread} and {other.thread} overlap at line {other.first}.")
    for one in reversed(done):
        text = text[: one.start] + one.new + text[one.end :]
    return text


def numbered(text: str) -> str:
    """A file as the model reads it."""
    lines = text.removesuffix("\n").split("\n")
    return "\n".join(f"{number}| {line}" for number, line in enumerate(lines, 1)) if text else "(empty)"


def _shared(one: str, other: str) -> int:
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count
