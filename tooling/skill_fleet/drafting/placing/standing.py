"""An index whose files are not here: what stands by itself comes first, and then the lists of what is missing."""

from __future__ import annotations

from dataclasses import replace

from skill_fleet.drafting.open_points.mentions import missing_files
from skill_fleet.drafting.open_points.selfnaming import lists_itself
from skill_fleet.drafting.pages.page import Page
from skill_fleet.drafting.pages.sections import Section, tree
from skill_fleet.drafting.pages.spots import Spots
from skill_fleet.drafting.placing.items import Item, Made, Piece
from skill_fleet.drafting.placing.tableplace import GUIDE, below, opening_end, parted

NOTICE = "> None of the files that are named here is in this skill yet."
DEAD = 0.4  # the share of a section's filled lines that name a missing file
MANY = 5  # names of missing files that make a list
LEAST = 3  # filled lines of a block that can stand by itself


def sink_lists(items: list[Item], page: Page, title: str) -> bool:
    """Move sections that are no more than lists of missing files, or of what the text holds, to the end; say on top that
    the files are missing, above the one list that says when to read each. Whether there were any: only an index has them,
    and it has to hold more.
    """
    everywhere = Spots({id(page): [(0, len(page.lines), "", 1)]})
    found = missing_files((page,), title, (), everywhere)
    if not found.index:
        return False
    lines = {int(place.rpartition(":")[2]) - 1 for places in found.own.values() for place in places}
    top = tree(page)
    while len(top.children) == 1:
        top = top.children[0]
    tops = [section for section in top.children if not section.made]
    dead = [section for section in tops if _dead(page, section, lines)]
    if not dead or len(dead) == len(tops):
        return False
    rated = [section for section in tops if section not in dead and lists_itself(page, section)]
    guides = [section for section in dead if GUIDE.search(section.title)][:1]
    sunk = [
        piece
        for section in sorted(
            (one for one in (*dead, *rated) if one not in guides), key=lambda one: (one.level, one.first)
        )
        for piece in _taken(items, page, section, section.level - tops[0].level)
    ]
    guide = [piece for section in guides for piece in _taken(items, page, section, 0)]
    at = below(items, page, opening_end(page))
    items[at:at] = [Made("notice of missing files", (NOTICE,)), *guide]
    items += sunk
    return True


def _taken(items: list[Item], page: Page, section: Section, raised: int) -> list[Piece]:
    """Take what stands of a section in SKILL.md out of the items, its headings raised."""
    parted(items, page, section.first), parted(items, page, section.last)
    pieces = [
        item
        for item in items
        if isinstance(item, Piece) and item.page is page and section.first <= item.first < item.last <= section.last
    ]
    items[:] = [item for item in items if not any(item is piece for piece in pieces)]
    return [replace(piece, shift=piece.shift + raised) for piece in pieces]


def _dead(page: Page, section: Section, lines: set[int]) -> bool:
    """Whether a section only names missing files, and has no block that says something without them."""
    filled = [at for at in range(section.body, section.last) if page.lines[at].strip()]
    naming = sum(at in lines for at in filled)
    if naming < max(MANY, DEAD * len(filled)):
        return False
    for block in page.blocks(section.body, section.last):
        own = [at for at in range(block.first, block.end) if page.lines[at].strip()]
        if not block.level and len(own) >= LEAST and sum(at in lines for at in own) < DEAD * len(own):
            return False
    return True
