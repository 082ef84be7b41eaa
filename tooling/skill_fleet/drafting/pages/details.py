"""HTML `<details>`: a fold that an agent cannot click. Its tags go, its summary becomes a heading where it is one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from skill_fleet.drafting.pages.outline import Block
from skill_fleet.drafting.pages.page import Used
from skill_fleet.drafting.pages.plain import plain

_OPEN = re.compile(r"\s*<details(?:\s[^<>]*)?>\s*(?:<summary>(?P<text>.*?)</summary>\s*)?$", re.I)
_SUMMARY = re.compile(r"\s*<summary>(?P<text>.*?)</summary>\s*$", re.I)
_ADMONITION = re.compile(r"(?P<mark>:{3,})[ \t]*(?P<name>\w?)")
MOST_ADMONITION = 80  # lines: one that is longer was hardly meant, a mark is missing
_CLOSE = re.compile(r"\s*</details>\s*$", re.I)


@dataclass(frozen=True)
class Folds:
    """What the folds of a page come to: used-up tags, summaries as headings, and blocks with whole folds as one."""

    used: tuple[Used, ...]
    summaries: tuple[tuple[int, int, int, str], ...]
    blocks: tuple[Block, ...]


@dataclass
class _Fold:
    first: int
    body: int
    text: str
    level: int
    at: int
    divided: bool = False


def folds(lines: Sequence[str], blocks: Sequence[Block]) -> Folds:
    """Read the folds whose tags stand on lines of their own; any other HTML is left as it is.

    A fold around headings is only a wrapper: its tags are used up. A fold without headings is a section named by its
    summary, if nothing but a heading or another fold follows; else its text would seem to go on, so it stays whole.
    """
    used: list[Used] = []
    summaries: list[tuple[int, int, int, str]] = []
    whole: list[tuple[int, int]] = []
    open_: list[_Fold] = []
    level = 0
    for at, block in enumerate(blocks):
        if block.level:
            level = block.level
            if open_:
                open_[-1].divided = True
        for fold in _tags(lines, block, level, at) if block.kind == "html_block" else ():
            if fold.body > fold.first:
                open_.append(fold)
                continue
            if not open_:
                continue
            begun = open_.pop()
            section = bool(begun.text) and level < 6 and not begun.divided and _ends(lines, blocks, at, fold.first)
            if not begun.divided and not section:
                whole.append((begun.at, at))
                continue
            said = f'; its summary was "{begun.text}"' if begun.text and not section else ""
            used.append(Used(begun.first, begun.body, f"details tag{said}"))
            used.append(Used(fold.first, fold.first + 1, "details tag"))
            if section:
                summaries.append((begun.first, begun.body, begun.level + 1, begun.text))
            if open_:
                open_[-1].divided = True
    whole += _admonitions(lines, blocks)
    return Folds(tuple(sorted(used, key=lambda one: one.first)), tuple(summaries), _merge(blocks, whole))


def _admonitions(lines: Sequence[str], blocks: Sequence[Block]) -> Iterator[tuple[int, int]]:
    """The blocks from `:::tip` to the `:::` that closes it, which are one, whatever stands in them."""
    open_: list[tuple[int, int]] = []
    for at, block in enumerate(blocks):
        if block.kind != "paragraph" or not any(line.startswith(":::") for line in lines[block.first : block.end]):
            continue
        for line in lines[block.first : block.end]:
            mark = _ADMONITION.match(line)
            if mark and mark["name"]:
                open_.append((len(mark["mark"]), at))
            elif mark and open_ and open_[-1][0] <= len(mark["mark"]):
                first = open_.pop()[1]
                if first < at and not open_ and block.end - blocks[first].first <= MOST_ADMONITION:
                    yield first, at


def _tags(lines: Sequence[str], block: Block, level: int, at: int) -> Iterator[_Fold]:
    """The tags of a block that holds nothing else; a closing one has no body."""
    if block.end - block.first > 40:
        return
    result: list[_Fold] = []
    summed = True
    for number in range(block.first, block.end):
        if found := _OPEN.match(lines[number]):
            result.append(_Fold(number, number + 1, plain(found["text"] or ""), level, at))
            summed = found["text"] is not None
        elif not summed and (found := _SUMMARY.match(lines[number])):
            result[-1] = _Fold(number - 1, number + 1, plain(found["text"]), level, at)
            summed = True
        elif _CLOSE.match(lines[number]):
            result.append(_Fold(number, number, "", level, at))
            summed = True
        else:
            return
    yield from result


def _ends(lines: Sequence[str], blocks: Sequence[Block], at: int, line: int) -> bool:
    """Whether a heading, another fold or the end of the text follows the tag at `line`, which is in block `at`."""
    if line + 1 < blocks[at].end:
        return True
    for block in blocks[at + 1 : at + 3]:
        if block.kind != "hr":
            return bool(block.level) or bool(re.match(r"\s*</?details", lines[block.first], re.I))
    return True


def _merge(blocks: Sequence[Block], ranges: Sequence[tuple[int, int]]) -> tuple[Block, ...]:
    result: list[Block] = []
    at = 0
    for first, last in sorted(ranges, key=lambda one: (one[0], -one[1])):
        if first < at:
            first = at - 1
            if last < at:
                continue
            begun = result.pop()
        else:
            result += blocks[at:first]
            begun = blocks[first]
        result.append(Block("details", begun.first, blocks[last].last, blocks[last].end))
        at = last + 1
    return tuple(result) + tuple(blocks[at:])
