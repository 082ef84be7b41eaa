"""Banners that a file only quotes, in a fence of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from skill_fleet.drafting.sources.banners import Banner

_MARK = re.compile(r" {0,3}(?:[-*+] +)?(?P<mark>`{3,}(?!.*`)|~{3,})[ \t]*(?P<info>.*)$")
_PROSE = {"", ".md", ".mdx", ".mdc", ".markdown", ".txt", ".rst", ".adoc"}
_NEAR = 60  # lines up to the end of a fence that quotes several banners
_Mark = tuple[int, str, str]


def _fence_marks(lines: Sequence[str]) -> list[_Mark]:
    """The lines that may open or close a fence: their number, the mark, what follows it."""
    return [
        (at, found["mark"], found["info"].strip())
        for at, line in enumerate(lines)
        if ("```" in line or "~~~" in line) and (found := _MARK.match(line))
    ]


def outside(lines: Sequence[str]) -> Iterator[int]:
    """The lines (from 0) that stand in no fence."""
    marks = {at: (mark, info) for at, mark, info in _fence_marks(lines)}
    opened = ""
    for at in range(len(lines)):
        if at in marks:
            opened = _after(opened, *marks[at])
        elif not opened:
            yield at


class Fences:
    """The fences of a text as one reads down it: which is open, and whether it is one that closes."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._marks = _fence_marks(lines)
        self._at = 0
        self._opened = ""

    def begin(self, line: int) -> None:
        """A file begins at `line`, outside of any fence."""
        self._opened = ""
        while self._at < len(self._marks) and self._marks[self._at][0] < line:
            self._at += 1

    def quotes(self, line: int, path: str, upto: int = 0) -> bool:
        """Whether `line` of the file `path` stands in a fence that closes soon after it, or before line `upto`.

        A fence that a file left open says nothing of what follows: it closes only by chance, if at all, in a file
        further down. Files of code have no fences.
        """
        while self._at < len(self._marks) and self._marks[self._at][0] < line:
            self._opened = _after(self._opened, *self._marks[self._at][1:])
            self._at += 1
        prose = PurePosixPath(path).suffix.lower() in _PROSE
        return prose and bool(self._opened) and _closes(self._opened, self._marks, self._at, max(upto, line + _NEAR))


def unquoted(lines: Sequence[str], banners: Sequence[Banner]) -> list[Banner]:
    """The banners without those that a file quotes in a fence."""
    fences = Fences(lines)
    kept: list[Banner] = []
    current = ""
    for number, banner in enumerate(banners):
        own = banner.end and banner.path == current != ""
        ahead = banners[number + 1].first if number + 1 < len(banners) else len(lines)
        if own or not fences.quotes(banner.first, current, ahead):
            kept.append(banner)
            current = "" if banner.end else banner.path
            fences.begin(banner.last)
    return kept


def _after(opened: str, mark: str, info: str) -> str:
    """The mark of the fence that is open after a line that may open or close one."""
    if not opened:
        return mark
    return "" if _fits(opened, mark) and not info else opened


def _fits(opened: str, mark: str) -> bool:
    return mark[0] == opened[0] and len(mark) >= len(opened)


def _closes(opened: str, marks: Sequence[_Mark], at: int, upto: int) -> bool:
    """Whether, of the marks from number `at` on, the next one that could, before line `upto`, closes a fence instead of opening one."""
    while at < len(marks) and marks[at][0] < upto:
        if _fits(opened, marks[at][1]):
            return not marks[at][2]
        at += 1
    return False
