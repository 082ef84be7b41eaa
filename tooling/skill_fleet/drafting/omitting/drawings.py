"""The drawing of a folder in an index whose files are not here: it says nothing that the lists do not."""

from __future__ import annotations

from skill_fleet.drafting.omitting.leaving import without
from skill_fleet.drafting.omitting.unfit import BESIDES
from skill_fleet.drafting.pages.mentions import index_of
from skill_fleet.drafting.pages.page import Page, Used
from skill_fleet.drafting.pages.roles import draws
from skill_fleet.drafting.pages.sections import tree


def without_drawing(page: Page, title: str) -> Page:
    """Of an index whose files are not here, the page without the drawing of the folder that they were in, if what is left
    names each of them and is enough.
    """
    found = [
        Used(one.first, page.trimmed(one.first, one.last), f'"{one.title}" draws files that are not here', aside=True)
        for one in tree(page).walk()
        if one.level > 1 and not one.children and draws(page, one)
    ]
    if not found or not (named := index_of(page, title)).index:
        return page
    left = without(page, found)
    headings = sum(1 for block in left.outline.blocks if block.level)
    enough = left.size(left.start, len(left.lines)).filled - headings >= BESIDES
    return left if enough and named.own.keys() == index_of(left, title).own.keys() else page
