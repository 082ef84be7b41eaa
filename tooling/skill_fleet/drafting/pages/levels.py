"""Headings whose levels begin at one for the title and leave none out, whatever a text began with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate

from skill_fleet.drafting.pages.outline import Block
from skill_fleet.drafting.pages.plain import DEEPEST

_ATX = re.compile(r"( {0,3})(#{1,6})(?=[ \t]|$)")
_SECOND = 2


def levelled(
    lines: Sequence[str], blocks: Sequence[Block], fragment: bool
) -> tuple[tuple[str, ...], tuple[Block, ...]] | None:
    """Lines and blocks with other levels, where they need them; None if they are as they should be.

    A lone top heading is the title. Of several, none of level one, each stands below a title that is written for them.
    In a `fragment`, whose beginning is cut, what is on top is no title, and stands below one that is.
    """
    heads = [block for block in blocks if block.level]
    if fragment:
        wanted = _stacked([block.level for block in heads], 1)
    else:
        wanted = _wanted([block.level for block in heads], heads[:1] == list(blocks[:1]))
    moved = {block.first: level for block, level in zip(heads, wanted, strict=True) if level != block.level}
    if not moved or not all(_can(lines, block, moved.get(block.first, block.level)) for block in heads):
        return None
    result = list(lines)
    for block in heads:
        if level := moved.get(block.first):
            _write(result, block, level)
    return tuple(result), tuple(block._replace(level=moved.get(block.first, block.level)) for block in blocks)


def _wanted(levels: Sequence[int], on_top: bool) -> list[int]:
    """The levels that some headings should have: no deeper than one below what they stand in."""
    if not levels:
        return []
    if not on_top and levels.count(1) > 1:  # chapters: what stands before them belongs to none
        levels = [min(DEEPEST, level + 1) for level in levels]
    top, tops = levels[0], 0
    for level in levels:
        top = min(top, level)
        tops += level == top
    return _stacked(levels, 0 if top == 1 or (on_top and tops == 1) else 1)


def _stacked(levels: Sequence[int], base: int) -> list[int]:
    open_: list[tuple[int, int]] = []
    result: list[int] = []
    for level in levels:
        while open_ and open_[-1][0] >= level:
            open_.pop()
        own = min(level, open_[-1][1] + 1 if open_ else base + 1)
        open_.append((level, own))
        result.append(own)
    return result


def _can(lines: Sequence[str], block: Block, level: int) -> bool:
    return level == block.level or level <= _SECOND or _ATX.match(lines[block.first]) is not None


def _write(lines: list[str], block: Block, level: int) -> None:
    mark = _ATX.match(lines[block.first])
    if mark and block.end == block.first + 1:
        lines[block.first] = f"{mark[1]}{'#' * level}{lines[block.first][mark.end() :]}"
    else:
        lines[block.end - 1] = lines[block.end - 1].replace(" =-"[block.level], " =-"[level])


def deepened(
    lines: Sequence[str], blocks: Sequence[Block], ranges: Sequence[tuple[int, int]]
) -> tuple[tuple[str, ...], tuple[Block, ...]]:
    """Lines and blocks whose headings are one level deeper for each of the ranges of lines that they stand in."""
    steps = [0] * (len(lines) + 1)
    for first, last in ranges:
        steps[first] += 1
        steps[last] -= 1
    depths = list(accumulate(steps))
    result, changed = list(lines), list(blocks)
    for at, block in enumerate(blocks):
        if block.level and depths[block.first]:
            level = min(DEEPEST, block.level + depths[block.first])
            _write(result, block, level)
            changed[at] = block._replace(level=level)
    return tuple(result), tuple(changed)
