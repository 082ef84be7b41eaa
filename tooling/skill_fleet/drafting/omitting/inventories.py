"""Sections that list or rate what the text holds, and drawings of folders: of an index without its files they are empty."""

from __future__ import annotations

import re

from skill_fleet.drafting.omitting.leaving import without
from skill_fleet.drafting.omitting.unfit import BESIDES
from skill_fleet.drafting.open_points.mentions import index_of
from skill_fleet.drafting.pages.page import Page, Used
from skill_fleet.drafting.pages.sections import Section, tree
from skill_fleet.drafting.wording.names import bare_title

_SKILL_FILE = re.compile(r"\bSKILL\.md\b")
_RATED = re.compile(
    r"(?:(?:domain|topic|feature|knowledge) coverage|features (?:implemented|covered|included)|what(?:'s| is) (?:covered|included)|"
    r"(?:skill|file|folder|reference) organi[sz]ation)\W*$",
    re.I,
)
CONTENT = 4  # bars in the head of a table that says more of each thing than where it is


def lists_itself(page: Page, section: Section) -> bool:
    """Whether a section lists or rates what the text holds, by its title, or draws the files that it is in; a table that
    says something of each thing is more than a list."""
    rated = _RATED.match(bare_title(section.title)) is not None
    return not says_of_each(page, section) if rated else draws(page, section)


def says_of_each(page: Page, section: Section) -> bool:
    """Whether a section has a table with a column besides the thing and where it is."""
    tables = (block for block in page.blocks(section.body, section.last) if block.kind == "table")
    return any(page.lines[one.first].count("|") >= CONTENT for one in tables)


def draws(page: Page, section: Section) -> bool:
    """Whether a section draws the folder of the skill that the text was in."""
    own = bare_title(section.title).lower() in ("organization", "organisation", "structure")
    return own and any(_SKILL_FILE.search(line) for line in page.lines[section.body : section.stub])


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
