"""An index whose files are not here: what stands by itself comes first, and then the lists of what is missing."""

from __future__ import annotations

from skill_fleet.drafting.open_points.mentions import missing_files
from skill_fleet.drafting.pages.page import Page
from skill_fleet.drafting.pages.sections import Section, tree
from skill_fleet.drafting.pages.spots import Spots
from skill_fleet.drafting.placing.items import Item, Made, Piece
from skill_fleet.drafting.placing.tableplace import GUIDE, parted

NOTICE = "> None of the files that are named here is in this skill yet."
DEAD = 0.4  # the share of a section's filled lines that name a missing file
LEAST = 3  # filled lines of a block that can stand by itself


def sink_lists(items: list[Item], page: Page, title: str) -> bool:
    """Move sections that are no more than lists of missing files to the end, below a line that says so, the one that
    says when to read each first. Whether there were any: only an index has them, and it has to hold more than them.
    """
    everywhere = Spots({id(page): [(0, len(page.lines), "", 1)]})
    found = missing_files((page,), title, (), everywhere)
    if not found.index:
        return False
    lines = {int(place.rpartition(":")[2]) - 1 for places in found.own.values() for place in places}
    top = tree(page)
    while len(top.children) == 1:
        top = top.children[0]
    dead = [section for section in top.children if not section.made and _dead(page, section, lines)]
    if not dead or len(dead) == len(top.children):
        return False
    sunk: list[Item] = []
    for section in sorted(dead, key=lambda one: (not GUIDE.search(one.title), one.first)):
        first, last = parted(items, page, section.first), parted(items, page, section.last)
        last = last or len(items)
        if not (0 < first < last and all(isinstance(item, Piece) for item in items[first:last])):
            continue
        sunk += items[first:last]
        del items[first:last]
    if sunk:
        items += [Made("notice of missing files", (NOTICE,)), *sunk]
    return bool(sunk)


def _dead(page: Page, section: Section, lines: set[int]) -> bool:
    """Whether a section only names missing files, and has no block that says something without them."""
    filled = [at for at in range(section.body, section.last) if page.lines[at].strip()]
    if sum(at in lines for at in filled) < DEAD * len(filled) or not filled:
        return False
    for block in page.blocks(section.body, section.last):
        own = [at for at in range(block.first, block.end) if page.lines[at].strip()]
        if not block.level and len(own) >= LEAST and sum(at in lines for at in own) < DEAD * len(own):
            return False
    return True
