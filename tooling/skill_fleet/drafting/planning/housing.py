"""The files of a document other than SKILL.md's own: one, or several if it is too long; none of it stands in SKILL.md."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from skill_fleet.drafting.pages.page import Page
from skill_fleet.drafting.pages.sections import Section, pieces, tree
from skill_fleet.drafting.planning.kept import inside, kept_whole, named_paths
from skill_fleet.drafting.planning.places import title_of
from skill_fleet.drafting.planning.plan import FILE, Slot

PACK = (300, 3_500)
SMALL = 60


class _Unit(NamedTuple):
    """Lines that stay together; `leads`: a heading and first lines, which what follows belongs to."""

    first: int
    last: int
    leads: bool


def house_other(page: Page, main: Page) -> Slot:
    """The plan for a document other than `main`, which SKILL.md is made of."""
    root = tree(page)
    named = inside(page.part, main.part) in named_paths(main)
    if kept_whole(page.part, main.part) or _fits(page, root.first, root.last):
        return Slot(page, root, "file", named=named)
    starts = [root.first, *_starts(page, tuple(_units(page, root)))]
    if len(starts) == 1:
        return Slot(page, root, "file", named=named)
    kids: list[Slot] = []
    for first, last in zip(starts, [*starts[1:], root.last], strict=True):
        sections = tuple(_between(page, root, first, last))
        if not kids:
            kids.append(Slot(page, replace(root, last=last, children=sections), "file", named=named))
        else:
            telling = len(sections) == 1 and " " in sections[0].title
            label = "" if telling else title_of(page)
            kids.append(Slot(page, sections[0], "file", more=list(sections[1:]), label=label))
    return Slot(page, root, "open", kids, absorbed=True)


def _fits(page: Page, first: int, last: int) -> bool:
    size = page.size(first, page.trimmed(first, last))
    return size.lines <= FILE[0] and size.tokens <= FILE[1]


def _units(page: Page, section: Section) -> Iterator[_Unit]:
    """The smallest sections that fit in a file, in order; text without headings is cut between its blocks."""
    if section.level and _fits(page, section.first, section.last):
        yield _Unit(section.first, section.last, False)
        return
    if _fits(page, section.first, section.stub):
        if section.stub > section.first:
            yield _Unit(section.first, section.stub, bool(section.children))
    else:
        parts = pieces(page, section.body, section.stub, section.level + 1)
        for number, part in enumerate(parts):
            yield _Unit(section.first if number == 0 else part.first, part.last, False)
    for child in section.children:
        yield from _units(page, child)


def _starts(page: Page, units: Sequence[_Unit]) -> Iterator[int]:
    """Where each further file begins: small neighbours share one, and no heading is left behind by what it heads."""
    begin, glued = units[0].first, True
    at = 0
    while at < len(units):
        unit = units[at]
        upto = at
        while units[upto].leads and upto + 1 < len(units):
            upto += 1
        last = units[upto].last
        size = page.size(begin, page.trimmed(begin, last))
        room = size.lines <= PACK[0] and size.tokens <= PACK[1]
        little = min(unit.first - begin, last - unit.first) < SMALL
        if not glued and not room and not (little and size.lines <= FILE[0] and size.tokens <= FILE[1]):
            yield unit.first
            begin = unit.first
        glued, at = False, upto + 1


def _between(page: Page, section: Section, first: int, last: int) -> Iterator[Section]:
    """The sections below `section` that stand in lines `first` up to `last`, what reaches beyond clipped."""
    at = first
    for child in section.children:
        if child.last <= first or child.first >= last:
            continue
        if child.first > at:
            yield from _piece(page, section, at, child.first)
        if child.first < first:
            yield from _between(page, child, first, last)
        elif child.last <= last:
            yield child
        else:
            yield replace(child, last=last, children=tuple(_between(page, child, child.body, last)))
        at = child.last
    if at < min(last, section.last) and first > section.first:
        yield from _piece(page, section, at, min(last, section.last))


def _piece(page: Page, section: Section, first: int, last: int) -> Iterator[Section]:
    """Text of a section that begins in the middle of it, and so has no heading of its own."""
    if first > section.body:
        yield from pieces(page, first, last, section.level + 1)
