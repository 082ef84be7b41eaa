"""What stays in SKILL.md and what becomes a file of its own, by the sizes in the rules of drafting.

A document is small enough at 250 lines and 3,000 tokens. Otherwise its sections are taken at the shallowest level that
has two: a short one stays, a long one goes, one that is too long for a file is opened one level deeper. SKILL.md has at
most 300 lines; what is over moves, from the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from skill_fleet.drafting.page import Page
from skill_fleet.drafting.sections import Section, pieces, tree

WHOLE = (250, 3_000)
FILE = (500, 5_000)
SKILL = (300, 5_000)
SHORT_LINES = 15
SHORT_TOKENS = 1_200
LONGER_LINES = 60
STUB = (40, 800)

KEPT = re.compile(r"\b(when|overview|quick)\b", re.I)
CHANGES = re.compile(r"\b(change ?log|what(?:'s| has|\u2019s)? (?:is )?(?:new|changed)|release notes)\b", re.I)


@dataclass
class Slot:
    """A section and what becomes of it: it stays, becomes a file, or is opened and its children have their own."""

    page: Page
    section: Section
    fate: Literal["stay", "file", "open", "contents"]
    kids: list[Slot] = field(default_factory=list)
    stub_moves: bool = False

    def walk(self) -> Iterator[Slot]:
        """This slot and all below it, in order."""
        yield self
        for kid in self.kids:
            yield from kid.walk()


def plan_skill(page: Page) -> Slot:
    """The plan for the document that becomes SKILL.md."""
    root = tree(page)
    size = page.size(root.first, root.last)
    if size.lines <= WHOLE[0] and size.tokens <= WHOLE[1]:
        return Slot(page, root, "stay")
    slot = _down(page, root)
    _fit(slot)
    return slot


def plan_reference(page: Page) -> Slot:
    """The plan for another document: one file, or opened if it is too long for one."""
    return _settle(page, tree(page), stays=False)


def _down(page: Page, section: Section) -> Slot:
    """Open a section that stands for the whole document, down to the level where it divides."""
    slot = _opened(page, section)
    if slot.kids and slot.kids[0].section.level and not slot.kids[0].section.made:
        first = slot.kids[0].section
        # Of several top sections the first is the title, not a topic, if it holds most of the text.
        most = 2 * (first.last - first.first) > section.last - section.first and len(first.children) > 1
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
        cut = pieces(page, start, section.stub, section.level + 1)
        section = replace(section, children=(*cut, *section.children))
    return Slot(page, section, "open", [_settle(page, child, stays=True) for child in section.children])


def _settle(page: Page, section: Section, stays: bool) -> Slot:
    size = page.size(section.first, section.last)
    if stays and not CHANGES.search(section.title) and not section.piece:
        short = size.filled <= SHORT_LINES or (size.filled <= LONGER_LINES and 3 * size.fenced <= 2 * size.filled)
        named = bool(KEPT.search(section.title)) and 2 * size.lines <= SKILL[0]
        if (short and size.tokens <= SHORT_TOKENS) or (named and 2 * size.tokens <= SKILL[1]):
            return Slot(page, section, "stay")
    if (size.lines <= FILE[0] and size.tokens <= FILE[1]) or section.piece:
        return Slot(page, section, "file")
    return (
        _opened(page, section)
        if section.children or len(page.blocks(section.body, section.last)) > 1
        else Slot(page, section, "file")
    )


def weight(slot: Slot) -> tuple[int, int]:
    """The lines and tokens of SKILL.md under a slot: what stays, the stubs of what is opened, a row a file."""
    lines = tokens = 0
    for one in slot.walk():
        section = one.section
        if one.fate == "file":
            lines, tokens = lines + 1, tokens + 60
            continue
        if one.fate == "contents":
            continue
        if one.fate == "open" and one.stub_moves:
            lines, tokens = lines + 1, tokens + 60
            continue
        size = one.page.size(section.first, section.last if one.fate == "stay" else section.stub)
        lines, tokens = lines + size.lines + 1, tokens + size.tokens
    return lines, tokens


def _fit(root: Slot) -> None:
    """Move from the end what SKILL.md has no room for; sections that say when or give the overview go last."""
    lines, tokens = weight(root)
    room = (SKILL[0] - 24, SKILL[1] - 200)
    order = [slot for slot in root.walk() if slot.section.level or slot.section.made]
    staying = [slot for slot in reversed(order) if slot.fate == "stay"]
    plain_first = sorted(staying, key=lambda slot: bool(KEPT.search(slot.section.title)))
    for slot in plain_first:
        if lines <= room[0] and tokens <= room[1]:
            return
        size = slot.page.size(slot.section.first, slot.section.last)
        if size.lines > 2 or size.tokens > 60:
            slot.fate = "file"
            lines, tokens = lines - size.lines, tokens - size.tokens + 60
