"""What stays in SKILL.md and what becomes a file of its own, by the sizes in the rules of drafting.

A document is small enough at 250 lines and 3,000 tokens, our own lines counted. Otherwise its sections are taken at the
shallowest level that has two: a short one stays, a long one goes (`room` brings back what fits), one that is too long
for a file is opened one level deeper.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from skill_fleet.drafting.omitting.records import DOING
from skill_fleet.drafting.pages.page import Page
from skill_fleet.drafting.pages.sections import Section, pieces, tree

WHOLE = (250, 3_000)
AS_IT_CAME = (300, 4_800)
FILE = (396, 5_000)
SHORT_LINES = 15
SHORT_TOKENS = 1_200
LONGER_LINES = 60
NAMED = (150, 2_500)
STUB = (40, 800)

KEPT = re.compile(
    r"\b(when|overview|quick|wann|\u00fcberblick|quand|aper\u00e7u|cu\u00e1ndo|resumen|quando)\b|\u6982\u8981|\u6982\u89c8",
    re.I,
)
CHANGES = re.compile(
    rf"^(?!{DOING}).*?\b(change ?log|what(?:'s| has|\u2019s)? (?:is )?(?:new|changed)|release notes)\b", re.I
)


@dataclass(eq=False)
class Slot:
    """A section and what becomes of it: it stays, becomes a file, or is opened and its children have their own.

    `more` are sections that follow in the same file, because each is too small for one: `small` says that this one
    moved for room only. `absorbed`: the heading and first lines of an opened section stand in its first child's file.
    `label`: what the sections of the file have in common;
    `named`: SKILL.md's own text leads to the file. `bound`: it and `more` are steps of a procedure that
    stay or go together, and the procedure takes so many files.
    """

    page: Page
    section: Section
    fate: Literal["stay", "file", "open"]
    kids: list[Slot] = field(default_factory=list)
    more: list[Section] = field(default_factory=list)
    small: bool = False
    absorbed: bool = False
    label: str = ""
    named: bool = False
    bound: int = 0

    @property
    def last(self) -> int:
        """Where the text of the slot ends: with the last section that shares its file, or stays with it."""
        return self.more[-1].last if self.more else self.section.last

    def walk(self) -> Iterator[Slot]:
        """This slot and all below it, in order."""
        ahead = [self]
        while ahead:
            slot = ahead.pop()
            yield slot
            if slot.kids:
                ahead += slot.kids[::-1]


def plan_skill(page: Page, ours: int = 0, whole: tuple[int, int] = WHOLE) -> Slot:
    """The plan for the document that becomes SKILL.md, to which we add `ours` lines; not split up to `whole` of them."""
    root = tree(page)
    size = page.size(root.first, page.trimmed(root.first, root.last))
    if size.lines + ours <= whole[0] and size.tokens <= whole[1]:
        return Slot(page, root, "stay")
    return _down(page, root)


def _down(page: Page, section: Section) -> Slot:
    """Open a section that stands for the whole document, down to the level where it divides."""
    slot = _opened(page, section)
    if slot.kids and slot.kids[0].section.level and not slot.kids[0].section.made:
        first = slot.kids[0].section
        # Of several top sections the first is the title, not a topic, if it holds most of the text.
        most = 2 * (first.last - first.first) > section.last - section.first and len(first.children) > 1
        most = most and not section.level
        if len(slot.kids) == 1 or (most and slot.kids[0].fate == "file"):
            slot.kids[0] = _down(page, first)
    return slot


def _opened(page: Page, section: Section) -> Slot:
    """A section whose heading and first lines stay where they are, and whose children are settled one by one."""
    size = page.size(section.body, section.stub)
    if size.filled > LONGER_LINES or size.tokens > SHORT_TOKENS:
        start = section.body
        for block in page.blocks(section.body, section.stub):
            upto = page.size(section.body, block.last)
            if upto.lines > STUB[0] or upto.tokens > STUB[1]:
                break
            start = min(block.last, section.stub)
        cut = pieces(page, start, section.stub, section.level + 1, section.title)
        section = replace(section, children=(*cut, *section.children))
    return Slot(page, section, "open", [_settle(page, child, stays=True) for child in section.children])


def _settle(page: Page, section: Section, stays: bool) -> Slot:
    size = page.size(section.first, page.trimmed(section.first, section.last))
    if stays and not CHANGES.search(section.title) and not section.piece:
        short = size.filled <= SHORT_LINES or (size.filled <= LONGER_LINES and 3 * size.fenced <= 2 * size.filled)
        named = bool(KEPT.search(section.title)) and size.lines <= NAMED[0]
        if (short and size.tokens <= SHORT_TOKENS) or (named and size.tokens <= NAMED[1]):
            return Slot(page, section, "stay")
    if (size.lines <= FILE[0] and size.tokens <= FILE[1]) or section.piece:
        return Slot(page, section, "file")
    divides = bool(section.children) or _long_enough(page, section)
    return _opened(page, section) if divides else Slot(page, section, "file")


def _long_enough(page: Page, section: Section) -> bool:
    """Whether a section without parts can be cut: one that is a lone list or table, or little more, stays with its heading."""
    size = page.size(section.body, section.last)
    largest = max((block.last - block.first for block in page.blocks(section.body, section.last)), default=0)
    return largest < size.lines - STUB[0]
