"""Replacements in a text: each is placed where its old words are, exactly once, and all are made without overlap."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile

_NUMBERED = re.compile(r"^\s*\d+\| ?", re.MULTILINE)


@dataclass(frozen=True, order=True)
class Replacement:
    """Characters `start` to `end` of a text, on its lines `first` to `last` (from 1), become `new`, for the request `label`."""

    start: int
    end: int
    label: str
    new: str
    first: int
    last: int

    def lines_of(self, text: str) -> tuple[str, str]:
        """Return the lines of `text` that it touches, as they are and as they become."""
        text += "\n"
        start, end = text.rfind("\n", 0, self.start) + 1, text.index("\n", self.end)
        return text[start:end], text[start : self.start] + self.new + text[self.end : end]


class CannotPlace(Exception):
    """An edit that does not fit the text. The message says why."""


def place(text: str, label: str, old: str, new: str) -> Replacement:
    """Find the place of an edit. Raises CannotPlace if `old` is not in `text` exactly once, or nothing would change."""
    old, new = old.replace("\r\n", "\n"), new.replace("\r\n", "\n")
    if not old:
        if text:
            raise CannotPlace("An edit has an empty `old`, and the file is not empty.")
        return Replacement(0, 0, label, new if new.endswith("\n") else f"{new}\n", 1, 1)
    if old not in text and all(_NUMBERED.match(line) for line in old.split("\n")):
        old, new = _NUMBERED.sub("", old), _NUMBERED.sub("", new)
    shown = repr(old if len(old) <= 80 else f"{old[:77]}...")
    if (count := text.count(old)) != 1:
        raise CannotPlace(f"`old` {shown} occurs {count} times in the file; it must occur exactly once.")
    if old == new:
        raise CannotPlace(f"`new` is the same as `old` {shown}.")
    # what both share at their ends is no change: it is quoted to find the place
    head = _shared(old, new)
    tail = _shared(old[head:][::-1], new[head:][::-1])
    start = text.index(old) + head
    end = start + len(old) - tail - head
    first = text.count("\n", 0, start) + 1
    last = first + text.count("\n", start, max(start, end - 1))
    return Replacement(start, end, label, new[head : len(new) - tail], first, last)


def _shared(one: str, other: str) -> int:
    """How many characters two texts share at their start."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def put(text: str, replacements: Sequence[Replacement]) -> str:
    """Return `text` with all replacements made. Raises CannotPlace if two overlap."""
    ordered: list[Replacement] = sorted(set(replacements))
    for one, other in pairwise(ordered):
        if other.start < one.end or (other.start, other.end) == (one.start, one.end):
            raise CannotPlace(f"The edits for {one.label} and {other.label} overlap at line {other.first}.")
    for one in reversed(ordered):
        text = text[: one.start] + one.new + text[one.end :]
    return text
