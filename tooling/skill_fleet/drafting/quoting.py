"""Banners that a file only quotes, in a fence of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from skill_fleet.drafting.banners import Banner

_MARK = re.compile(r" {0,3}(?:[-*+] +)?(?P<mark>`{3,}(?!.*`)|~{3,})[ \t]*(?P<info>.*)$")
_PROSE = {"", ".md", ".mdx", ".mdc", ".markdown", ".txt", ".rst", ".adoc"}
_NEAR = 60  # lines up to the end of a fence that quotes several banners
_Mark = tuple[int, str, str]


def fence_marks(lines: Sequence[str]) -> list[_Mark]:
    """The lines that may open or close a fence: their number, the mark, what follows it."""
    return [
        (at, found["mark"], found["info"].strip())
        for at, line in enumerate(lines)
        if ("```" in line or "~~~" in line) and (found := _MARK.match(line))
    ]


def outside(lines: Sequence[str]) -> Iterator[int]:
    """The lines (from 0) that stand in no fence."""
    marks = {at: (mark, info) for at, mark, info in fence_marks(lines)}
    opened = ""
    for at in range(len(lines)):
        if at in marks:
            opened = _after(opened, *marks[at])
        elif not opened:
            yield at


def unquoted(lines: Sequence[str], banners: Sequence[Banner]) -> list[Banner]:
    """The banners without those in a fence that closes.

    A fence that a file left open says nothing of the banner after it: it closes only by chance, if at all, in a file
    further down. Files of code have no fences.
    """
    marks = fence_marks(lines)
    kept: list[Banner] = []
    at, opened, current, tracked = 0, "", "", True
    for number, banner in enumerate(banners):
        while at < len(marks) and marks[at][0] < banner.first:
            opened = _after(opened, *marks[at][1:]) if tracked else ""
            at += 1
        own = banner.end and banner.path == current
        ahead = banners[number + 1].first if number + 1 < len(banners) else len(lines)
        if opened and not own and _closes(opened, marks, at, max(ahead, banner.last + _NEAR)):
            continue
        kept.append(banner)
        opened, current = "", "" if banner.end else banner.path
        tracked = PurePosixPath(current).suffix.lower() in _PROSE
        while at < len(marks) and marks[at][0] < banner.last:
            at += 1
    return kept


def _after(opened: str, mark: str, info: str) -> str:
    """The mark of the fence that is open after a line that may open or close one."""
    if not opened:
        return mark
    return "" if _fits(opened, mark) and not info else opened


def _fits(opened: str, mark: str) -> bool:
    return mark[0] == opened[0] and len(mark) >= len(opened)


def _closes(opened: str, marks: Sequence[_Mark], at: int, upto: int) -> bool:
    """Whether the next mark that could, before line `upto`, closes a fence instead of opening one."""
    while at < len(marks) and marks[at][0] < upto:
        if _fits(opened, marks[at][1]):
            return not marks[at][2]
        at += 1
    return False
