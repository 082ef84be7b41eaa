"""What a section is for, by its title and how it begins: steps, a list of what the text holds, a way to another skill."""

from __future__ import annotations

import re

from skill_fleet.drafting.pages.page import Page
from skill_fleet.drafting.pages.sections import Section
from skill_fleet.drafting.wording.names import bare_title

SKILL_FILE = re.compile(r"\bSKILL\.md\b")
OTHER_SKILL = re.compile(r"\b([a-z0-9]+(?:-[a-z0-9]+)+)(?:\*\*|`|\"|_)?\s+skill\b")
SAYS_OF_ITSELF = re.compile(
    r"\b[Tt](?:(?:he|his) skill (?:does NOT|covers|contains|is structured|provides|includes)|"
    r"his (?:document|skill|index|file) (?:provides|gives|is) an (?:overview|index))\b"
)
_RATED = re.compile(
    r"(?:(?:domain|topic|feature|knowledge) coverage|features (?:implemented|covered|included)|what(?:'s| is) (?:covered|included)|"
    r"(?:skill|file|folder|reference) organi[sz]ation)\W*$",
    re.I,
)
_STEP = re.compile(r"\d{1,2}[.)]\s+\S")
LEAST_STEPS = 3
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
    return own and any(SKILL_FILE.search(line) for line in page.lines[section.body : section.stub])


def steps_of(page: Page, section: Section) -> list[int]:
    """The lines of the numbered steps in a section, at the edge of the text; a text without headings has none."""
    return [at for at in range(section.body, section.last) if _STEP.match(page.lines[at])] if section.level else []


def sends_away(page: Page, section: Section) -> bool:
    """Whether each paragraph of a section names a skill to go to."""
    said = [block for block in page.blocks(section.body, section.last) if not block.level and block.kind != "hr"]
    return bool(said) and all(OTHER_SKILL.search(" ".join(page.lines[block.first : block.end])) for block in said)


def speaks_of_itself(page: Page, section: Section) -> bool:
    """Whether a section lists or rates what the text holds, or begins by saying what the skill does."""
    first = next((line for line in page.lines[section.body : section.last] if line.strip()), "")
    return lists_itself(page, section) or SAYS_OF_ITSELF.match(first) is not None
