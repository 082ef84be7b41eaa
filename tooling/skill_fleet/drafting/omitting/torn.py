"""What a cut left over at the ends of a document: a head without its heading, a tail that breaks off."""

from __future__ import annotations

import re

from skill_fleet.drafting.pages.cuts import last_sound
from skill_fleet.drafting.pages.page import Page, Used
from skill_fleet.drafting.pages.sections import Section, tree

MOST = 15  # filled lines of a leftover: more may be worth mending
MOST_OF_SECTION = 40
LEAST = 3
_WRONG = re.compile(r"\W*(?:\u274c|(?:common )?(?:mistake|anti-?pattern)|bad\b|wrong\b|don't\b|incorrect\b)", re.I)
_RIGHT = re.compile(r"\W*(?:\u2705|good\b|right\b|correct\b|production pattern|do\b:?|instead\b|better\b)", re.I)
_LABEL = re.compile(r"\s*(?:[-*#>]+\s*)?(?:\*\*|__|[\u274c\u2705])")


def torn_ends(page: Page) -> tuple[Used | None, Used | None]:
    """The leftovers at both ends of a page that was certainly cut there, with the reason; none that may be of use."""
    return _head(page), _tail(page)


def _head(page: Page) -> Used | None:
    """The lines before the first heading: they belong to a section whose heading is lost."""
    first = next((block.first for block in page.outline.blocks if block.level), 0)
    if not (page.part.cut_head and first) or page.start or not 0 < page.size(0, first).filled <= MOST:
        return None
    if page.size(first, len(page.lines)).filled < LEAST:
        return None
    at = next(line for line in range(first) if page.lines[line].strip())
    return Used(at, page.trimmed(at, first), "the source is cut before it, its heading is lost", aside=True)


def _tail(page: Page) -> Used | None:
    """The lines after the last sound one; with them what is no use alone: a heading, a wrong way without the right one."""
    end = page.bottom
    at = last_sound(page.lines, page.outline, end) + 1
    if not page.part.cut_tail or at <= page.start or at >= end or page.size(at, end).filled > MOST:
        return None
    section = [one for one in tree(page).walk() if one.level > 1][-1:]
    first = _start(page, section[0], at, end) if section else at
    if page.size(page.start, first).filled < LEAST:
        return None
    while first < end and page.blank(first):
        first += 1
    said = f', "{section[0].title}" is not whole' if section else ""
    return Used(first, page.trimmed(first, end), f"the source is cut there{said}", aside=True)


def _start(page: Page, section: Section, at: int, end: int) -> int:
    """Where a tail begins whose last sound line stands before line `at`."""
    if at <= section.body or not any(page.lines[line].strip() for line in range(section.body, at)):
        return section.first
    marks = [line for line in range(section.body, at) if _marks(page, line, _WRONG)]
    right = [line for line in range(section.body, end) if _marks(page, line, _RIGHT)]
    if not (marks and right and right[-1] >= at and not any(marks[-1] < line < at for line in right)):
        return at
    before = any(line < marks[-1] for line in right)
    short = page.size(section.first, end).filled <= MOST_OF_SECTION
    return section.first if short and not before else marks[-1]


def _marks(page: Page, line: int, way: re.Pattern[str]) -> bool:
    """Whether a line labels what follows as the wrong or the right way."""
    text = page.lines[line]
    return not page.literal(line) and bool(_LABEL.match(text)) and bool(way.match(text.replace("*", "").strip(" >#-")))
