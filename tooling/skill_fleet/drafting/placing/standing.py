"""An index whose files are not here: what stands by itself comes first, and then the lists of what is missing."""

from __future__ import annotations

from collections.abc import Collection

from skill_fleet.drafting.pages.mentions import index_of
from skill_fleet.drafting.pages.page import Page
from skill_fleet.drafting.pages.roles import LEAST_STEPS, sends_away, speaks_of_itself, steps_of
from skill_fleet.drafting.pages.sections import Section, tree
from skill_fleet.drafting.placing.items import FROM_SUMMARY, Item, Made, Piece
from skill_fleet.drafting.placing.tableplace import GUIDE, below, opening_end, parted

NOTICE = "> This skill's own files, which are named below, are not in it yet."
DEAD = 0.4  # the share of a section's filled lines that name a missing file
MANY = 5  # names of missing files that make a list
LEAST = 3  # filled lines of a block that can stand by itself


def order_index(items: list[Item], page: Page, title: str) -> bool:
    """Say on top of an index that its files are missing; then steps that stand by themselves, what else does, the list that
    says when to read each file, the other lists, what sends to other skills, and what speaks of the text. Whether it is
    one: it has to hold more than lists.
    """
    found = index_of(page, title)
    if not found.index:
        return False
    lines = {int(place.rpartition(":")[2]) - 1 for places in found.own.values() for place in places}
    top = tree(page)
    while len(top.children) == 1:
        top = top.children[0]
    tops = [section for section in top.children if not section.made]
    dead = [section for section in tops if lists_only(page, section, lines)]
    if not dead or len(dead) == len(tops):
        return False
    last = [section for section in tops if speaks_of_itself(page, section)]
    lists = sorted((one for one in dead if one not in last), key=lambda one: (not GUIDE.search(one.title), one.first))
    rest = [section for section in tops if section not in (*dead, *last)]
    away = [section for section in rest if sends_away(page, section)]
    steps = [section for section in rest if section not in away and _guides(page, section, lines)]
    first = [item for section in steps for item in _taken(items, page, section)]
    sunk = [item for section in (*lists, *away, *last) for item in _taken(items, page, section)]
    at = below(items, page, opening_end(page))
    items[at:at] = [Made("notice of missing files", (NOTICE,)), *first]
    items += sunk
    return True


def _guides(page: Page, section: Section, lines: Collection[int]) -> bool:
    """Whether a section is a few steps, most of which lead to no missing file."""
    steps = steps_of(page, section)
    return len(steps) >= LEAST_STEPS and 2 * sum(at in lines for at in steps) < len(steps)


def _taken(items: list[Item], page: Page, section: Section) -> list[Item]:
    """Take what stands of a section in SKILL.md out of the items, with what we wrote into it."""
    parted(items, page, section.first), parted(items, page, section.last)
    starts = [at for at, item in enumerate(items) if _inside(item, page, section)]
    if not starts:
        return []
    first, last = starts[0], starts[-1] + 1
    while last < len(items) and isinstance(made := items[last], Made) and made.name != FROM_SUMMARY:
        last += 1
    taken = items[first:last]
    del items[first:last]
    return taken


def _inside(item: Item, page: Page, section: Section) -> bool:
    return isinstance(item, Piece) and item.page is page and section.first <= item.first < item.last <= section.last


def lists_only(page: Page, section: Section, lines: Collection[int]) -> bool:
    """Whether a section only names missing files, on these `lines`, and has no block that says something without them."""
    filled = [at for at in range(section.body, section.last) if page.lines[at].strip()]
    naming = sum(at in lines for at in filled)
    if naming < max(MANY, DEAD * len(filled)):
        return False
    for block in page.blocks(section.body, section.last):
        own = [at for at in range(block.first, block.end) if page.lines[at].strip()]
        if not block.level and len(own) >= LEAST and sum(at in lines for at in own) < DEAD * len(own):
            return False
    return True
