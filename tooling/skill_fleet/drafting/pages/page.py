"""One document made ready for placing: its lines, its outline, and the lines that are used up before placing."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from skill_fleet.drafting.pages.outline import Block, Fence, Outline

_WORD = re.compile(r"(?<![\w/.`-])[a-z][a-z-]+(?![\w/.`-])")


@dataclass(frozen=True)
class Drawn:
    """How a file that is no text was read as one: its lines that are none, and what it says of itself as front matter."""

    used: tuple[Used, ...] = ()
    matter: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Part:
    """Lines of one Document that stood in one file: line k here is line `offset` + k + 1 there.

    `drawn`: they are the text in a file of another kind, a line for each of its lines.
    """

    document: str
    offset: int
    lines: tuple[str, ...]
    path: str
    cut_head: bool = False
    cut_tail: bool = False
    drawn: Drawn | None = None


@dataclass(frozen=True)
class Used:
    """Lines `first` up to `last` (from 0, exclusive) of a part that are consumed, or set `aside`, and why."""

    first: int
    last: int
    reason: str
    aside: bool = False


class Size(NamedTuple):
    """How big a range of lines is; a token is four characters."""

    lines: int
    filled: int
    fenced: int
    tokens: int


@dataclass(frozen=True, eq=False)
class Page:
    """A Part that is Markdown, and what was found in it. Everything is in the part's own line numbers, from 0.

    `opening` and `closing` are the fence marks that a cut took away, `torn_head` and `torn_tail` say that what is placed
    begins or ends at a cut, `matter` is the front matter as strings,
    `start` is the first line after the front matter, `summaries` the headings that a `<summary>` becomes: first line,
    line after it, level, text. `note` says what the headings were written in, if that was not Markdown.
    """

    part: Part
    outline: Outline
    used: tuple[Used, ...] = ()
    matter: dict[str, str] = field(default_factory=dict)
    opening: str = ""
    closing: str = ""
    torn_head: bool = False
    torn_tail: bool = False
    summaries: tuple[tuple[int, int, int, str], ...] = ()
    start: int = 0
    note: str = ""
    sums: tuple[tuple[int, ...], ...] = ()
    starts: tuple[int, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """The part's lines."""
        return self.part.lines

    @property
    def beheaded(self) -> bool:
        """Whether its beginning was cut and left out: the first heading is then that of a section, never the title."""
        return self.part.cut_head and not self.torn_head

    def size(self, first: int, last: int) -> Size:
        """The size of lines `first` up to `last`."""
        filled, fenced, chars = self.sums
        tokens = -(-(chars[last] - chars[first]) // 4)
        return Size(last - first, filled[last] - filled[first], fenced[last] - fenced[first], tokens)

    def blocks(self, first: int, last: int) -> tuple[Block, ...]:
        """The blocks that start at line `first` or later and before `last`."""
        return self.outline.blocks[bisect_left(self.starts, first) : bisect_left(self.starts, last)]

    def fences(self, first: int, last: int) -> tuple[Fence, ...]:
        """The fences that start at line `first` or later and before `last`."""
        fences = self.outline.fences
        starts = self._fence_starts
        return fences[bisect_left(starts, first) : bisect_left(starts, last)]

    def used_in(self, first: int, last: int) -> tuple[Used, ...]:
        """The used-up ranges that begin at line `first` or later and before `last`."""
        return self.used[bisect_left(self._begins, first) : bisect_left(self._begins, last)]

    def blank(self, line: int) -> bool:
        """Whether a seam may swallow the line: nothing stands on it, or only a horizontal rule."""
        return self._blanks[line] == 1

    def literal(self, line: int) -> bool:
        """Whether the line is code or HTML, at any depth."""
        return self._literals[line] == 1

    def trimmed(self, first: int, last: int) -> int:
        """Where lines `first` up to `last` end if a seam follows."""
        return max(first, self._blanks.rfind(0, first, last) + 1)

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """The words that the text writes in lower case, code left out."""
        prose = (line for line, code in zip(self.lines, self._literals, strict=True) if not code and line[:1] != "#")
        return frozenset(word for line in prose for word in _WORD.findall(line))

    @cached_property
    def summary_at(self) -> dict[int, tuple[int, str]]:
        """The level and the text of the heading that a summary becomes, by the line that it is on."""
        return {first: (level, title) for first, _, level, title in self.summaries}

    @cached_property
    def _blanks(self) -> bytes:
        """A byte a line: 1 if a seam may swallow it."""
        mask = bytearray(not line or line.isspace() for line in self.lines)
        for block in self.outline.blocks:
            if block.kind == "hr":
                mask[block.end - 1] = 1
        return bytes(mask)

    @cached_property
    def _literals(self) -> bytes:
        """A byte a line: 1 if it is code or HTML."""
        mask = bytearray(len(self.lines))
        for first, last in self.outline.literal:
            mask[first:last] = b"\1" * (last - first)
        return bytes(mask)

    @cached_property
    def top(self) -> int:
        """The first line that has to be placed."""
        return next((line for line in range(len(self.lines)) if self._placed(line)), -1)

    @cached_property
    def bottom(self) -> int:
        """The line after the last one that has to be placed."""
        return next((line + 1 for line in reversed(range(len(self.lines))) if self._placed(line)), -1)

    def _placed(self, line: int) -> bool:
        before = self.used[max(0, bisect_right(self._begins, line) - 1)] if self.used else None
        return not self.blank(line) and not (before and before.first <= line < before.last)

    @cached_property
    def _fence_starts(self) -> tuple[int, ...]:
        return tuple(fence.first for fence in self.outline.fences)

    @cached_property
    def _begins(self) -> tuple[int, ...]:
        return tuple(used.first for used in self.used)


def lines_of(text: str) -> tuple[str, ...]:
    """A text as lines without their ends; only LF ends a line (form feeds and U+2028 stay where they are)."""
    lines = text.split("\n")
    return tuple(lines[:-1] if lines[-1] == "" else lines)


def running_sums(lines: tuple[str, ...], outline: Outline) -> tuple[tuple[int, ...], ...]:
    """Running totals of filled lines, fenced filled lines and characters, so that any range is measured at once."""
    fenced = [0] * len(lines)
    for fence in outline.fences:
        for line in range(fence.first, fence.last):
            fenced[line] = 1
    filled = [1 if line.strip() else 0 for line in lines]
    return (
        (0, *accumulate(filled)),
        (0, *accumulate(a & b for a, b in zip(filled, fenced, strict=True))),
        (0, *accumulate(len(line) + 1 for line in lines)),
    )
