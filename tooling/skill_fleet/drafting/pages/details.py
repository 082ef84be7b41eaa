"""HTML `<details>`: a fold that an agent cannot click. Its tags go, its summary becomes a heading where it is one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from skill_fleet.drafting.pages.outline import Block
from skill_fleet.drafting.pages.page import Used
from skill_fleet.drafting.pages.plain import DEEPEST, plain

_OPEN = re.compile(r"\s*<details(?:\s[^<>]*)?>\s*(?:<summary>(?P<text>.*?)</summary>\s*)?$", re.I)
_SUMMARY = re.compile(r"\s*<summary>(?P<text>.*?)</summary>\s*$", re.I)
_CLOSE = re.compile(r"\s*</details>\s*$", re.I)
_ADMONITION = re.compile(r"(?P<mark>:{3,})[ \t]*(?P<name>\w?)")
MOST_ADMONITION = 80  # lines: one that is longer was hardly meant, a mark is missing


@dataclass(frozen=True)
class Folds:
    """What the folds of a page come to: used-up tags, summaries as headings, and blocks with whole folds as one.

    `deeper` are lines `first` up to `last` whose headings stand below such a summary, and so one level deeper each time.
    """

    used: tuple[Used, ...]
    summaries: tuple[tuple[int, int, int, str], ...]
    blocks: tuple[Block, ...]
    deeper: tuple[tuple[int, int], ...] = ()


@dataclass
class _Fold:
    """A fold from the line of its tag to the one that closes it (-1: none does); `level` is that of the heading before
    it, `at` the block of its tag, `divided` whether headings or other folds stand in it."""

    first: int
    body: int
    text: str
    level: int
    at: int
    divided: bool = False
    close: int = -1
    end: int = -1
    inner: list[_Fold] = field(default_factory=list)


def folds(lines: Sequence[str], blocks: Sequence[Block]) -> Folds:
    """Read the folds whose tags stand on lines of their own; any other HTML is left as it is.

    A fold without headings is a section named by its summary, if nothing but a heading or another fold follows; else its
    text would seem to go on, so it stays whole. One around headings or folds is a section too if it has neighbours of
    its kind, and what is in it goes one level deeper; alone it is only a wrapper, whose tags are used up.
    """
    used: list[Used] = []
    summaries: list[tuple[int, int, int, str]] = []
    whole: list[tuple[int, int]] = []
    deeper: list[tuple[int, int]] = []
    tops = _closed(lines, blocks)
    beside = _neighbours(tops)
    waiting = [(fold, 0, beside) for fold in tops]
    while waiting:
        fold, depth, beside = waiting.pop()
        level = fold.level + 1 + depth
        ends = bool(fold.text) and level <= DEEPEST and _ends(lines, blocks, fold.end, fold.close)
        section = ends and (not fold.divided or (beside and level + _below(lines, blocks, fold) <= DEEPEST))
        headed = section and fold.divided
        if section or fold.divided:
            said = f'; its summary was "{fold.text}"' if fold.text and not section else ""
            used.append(Used(fold.first, fold.body, f"details tag{said}"))
            used.append(Used(fold.close, fold.close + 1, "details tag"))
        else:
            whole.append((fold.at, fold.end))
        if section:
            summaries.append((fold.first, fold.body, level, fold.text))
        if headed:
            deeper.append((fold.body, fold.close))
        beside = _neighbours(fold.inner)
        waiting += [(one, depth + headed, beside) for one in fold.inner]
    whole += _admonitions(lines, blocks)
    return Folds(
        tuple(sorted(used, key=lambda one: one.first)),
        tuple(sorted(summaries)),
        _merge(blocks, whole),
        tuple(sorted(deeper)),
    )


def _closed(lines: Sequence[str], blocks: Sequence[Block]) -> list[_Fold]:
    """The folds that are closed, each with those inside it."""
    tops: list[_Fold] = []
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
            elif open_:
                begun = open_.pop()
                begun.close, begun.end = fold.first, at
                level = begun.level  # what is in a fold is over with it
                if open_:
                    open_[-1].inner.append(begun)
                    if begun.divided or (begun.text and begun.level < DEEPEST and _ends(lines, blocks, at, fold.first)):
                        open_[-1].divided = True
                else:
                    tops.append(begun)
    while open_:  # never closed: what is in it stands by itself
        begun = open_.pop()
        (open_[-1].inner if open_ else tops).extend(begun.inner)
    return tops


def _neighbours(some: Sequence[_Fold]) -> bool:
    """Whether several of some folds are divided and have a summary: a wrapper stands alone."""
    return sum(fold.divided and bool(fold.text) for fold in some) > 1


def _below(lines: Sequence[str], blocks: Sequence[Block], fold: _Fold) -> int:
    """How many levels the headings in a fold go down from the heading that is before it, one more for folds inside; far
    too many if one is underlined, for there are only two levels of these.
    """
    heads = [block for block in blocks[fold.at : fold.end] if block.level]
    if not all(lines[block.first].lstrip().startswith("#") for block in heads):
        return DEEPEST
    levels = [block.level - fold.level for block in heads]
    return max([*levels, *(one.level - fold.level + 1 for one in fold.inner)], default=0)


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
