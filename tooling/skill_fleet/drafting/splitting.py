"""What stays in SKILL.md and what gets a file of its own: the largest sections move until SKILL.md fits."""

from __future__ import annotations

import heapq
import re

from skill_fleet.drafting.page import Page, Section
from skill_fleet.markdown import estimated_tokens

# What the specification recommends at most, less room for the front matter and the table; then the size to reach.
MOST_LINES, MOST_TOKENS = 490, 4_850
LINES, TOKENS = 300, 4_000
_OPENED = 400  # lines of a section that is opened: its own sections move instead
_STAYS = re.compile(r"\b(?:overview|quick ?start|getting started|when to use)\b", re.IGNORECASE)
_STAYS_LINES = 80
_FEWEST = 4  # lines of a section that is worth a file
MOST_FILES = 60  # more make a table that nobody reads
_ROW = 30  # tokens of a row in the table


def tokens(page: Page, first: int, last: int) -> int:
    """An estimate of the tokens of some lines."""
    return estimated_tokens("\n".join(page.lines[first:last]))


def sections_to_move(page: Page) -> tuple[Section, ...]:
    """The sections of a page that move to files of their own, in the order of the text; none if all of it fits."""
    lines, cost = len(page.lines) - page.start, tokens(page, page.start, len(page.lines))
    if lines <= MOST_LINES and cost <= MOST_TOKENS:
        return ()
    waiting: list[tuple[int, int, Section]] = []
    for section in top_sections(page):
        heapq.heappush(waiting, (-tokens(page, section.first, section.last), section.first, section))
    moved: list[Section] = []
    kept = 0
    while waiting and len(moved) < MOST_FILES and (lines > LINES or cost > TOKENS):
        weight, _, section = heapq.heappop(waiting)
        size = section.last - section.first
        if size > _OPENED and len(section.children) > 1:
            for child in section.children:
                heapq.heappush(waiting, (-tokens(page, child.first, child.last), child.first, child))
        elif size < _FEWEST or (_STAYS.search(section.title) and size < _STAYS_LINES):
            kept += 1
        else:
            moved.append(section)
            lines -= size - 1
            cost += weight + _ROW
    moved.sort(key=lambda section: section.first)
    if moved and not waiting and not kept:
        moved = _with_something_to_do(page, moved, LINES - lines, TOKENS - cost)
    return tuple(moved)


def top_sections(page: Page) -> list[Section]:
    """The sections that divide a page: below a title that is the only heading of its level, or that comes first."""
    top = page.root
    while len(top.children) == 1:
        top = top.children[0]
    found = list(top.children)
    if top is page.root and found and found[0].level == 1 and len(found) > 1:
        found[:1] = found[0].children
    return found


def _with_something_to_do(page: Page, moved: list[Section], lines: int, cost: int) -> list[Section]:
    """The sections without the first that is a procedure and fits, so that SKILL.md is more than an introduction."""
    for section in moved:
        acts = any(section.first <= first < section.last for first, _, ordered in page.lists if ordered)
        acts = acts or any(section.first <= fence.first < section.last for fence in page.fences)
        size, weight = section.last - section.first, tokens(page, section.first, section.last)
        if acts and size <= max(lines, LINES // 2) and weight <= max(cost, TOKENS // 2):
            return [one for one in moved if one is not section]
    return moved
