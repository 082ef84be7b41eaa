"""Where in SKILL.md the table of its files stands, so that a reader comes upon it in time."""

from __future__ import annotations

import re
from dataclasses import replace

from skill_fleet.drafting.pages.page import Page, Used
from skill_fleet.drafting.pages.sections import tree
from skill_fleet.drafting.placing.items import FROM_SUMMARY, Item, Made, Piece

GUIDE = re.compile(r"\bwhen to (use|read|open|load)\b|\bwhich (file|reference|document)\b|\bnavigation\b", re.I)
_FILES = re.compile(r"\|\s*\**(reference|references|file|files|document|read|see)\**\s*\|", re.I)
OPENING = 20  # lines of the first paragraphs that a table may stand below
FAR = 40  # lines that a reader would have to pass to come upon the table


def table_place(items: list[Item], page: Page, dropped: Used | None) -> tuple[int, bool]:
    """Where the table goes, and whether the contents list `dropped` was cut out there.

    In place of that list; else below the title and the first lines, where a reader meets it before the rest.
    """
    cut = _cut_out(items, page, dropped) if dropped else None
    return (cut, True) if cut is not None else (below(items, page, opening_end(page)), False)


def raise_guide(items: list[Item], page: Page) -> None:
    """Move the author's own table of what to read for which task to the top, if it stands far below."""
    first = opening_end(page)
    for section in tree(page).walk():
        if section.level < 2 or section.children or not GUIDE.search(section.title) or section.first < first + FAR:
            continue
        heads = (page.lines[b.first] for b in page.blocks(section.body, section.last) if b.kind == "table")
        if any(_FILES.search(head) for head in heads):
            parted(items, page, section.first), parted(items, page, section.last)
            up = below(items, page, first)
            at = parted(items, page, section.first)
            piece = items[at]
            if up < at and isinstance(piece, Piece) and (piece.first, piece.last) == (section.first, section.last):
                items.insert(up, items.pop(at))
            return


def below(items: list[Item], page: Page, line: int) -> int:
    """Where the first lines of the page from `line` on stand; the items are parted before them."""
    for item in items:
        if isinstance(item, Piece) and item.page is page and item.last > line:
            at = parted(items, page, max(item.first, line))
            while at and isinstance(before := items[at - 1], Made) and before.name == FROM_SUMMARY:
                at -= 1
            return at
    return len(items)


def opening_end(page: Page) -> int:
    """The line after the first heading and the first paragraphs below it; one that leads on ("as follows:") stays with
    what it leads to. What stands above the title does not take the table up there.
    """
    blocks = page.blocks(page.start, len(page.lines))
    head = next((at for at, block in enumerate(blocks) if block.level), -1)
    title = head == 0 or (head > 0 and blocks[head].level == 1 and blocks[head].first - blocks[0].first <= OPENING)
    at = first = head + 1 if title else 0
    while at < len(blocks) and blocks[at].kind == "paragraph" and blocks[at].end - blocks[first].first <= OPENING:
        at += 1
    while at > first and page.lines[blocks[at - 1].end - 1].rstrip(" *_").endswith((":", "\uff1a")):
        at -= 1
    return blocks[at].first if at < len(blocks) else len(page.lines)


def parted(items: list[Item], page: Page, line: int) -> int:
    """Part the items before a line of the page; where the second part begins, 0 if the line is elsewhere."""
    for at, item in enumerate(items):
        if isinstance(item, Piece) and item.page is page and item.first <= line < item.last:
            if item.first == line:
                return at
            items[at : at + 1] = [replace(item, last=line), replace(item, first=line)]
            return at + 1
    return 0


def _cut_out(items: list[Item], page: Page, dropped: Used) -> int | None:
    """Take lines out of the items; the place where they stood is returned, or None if they are elsewhere."""
    for at, item in enumerate(items):
        if isinstance(item, Piece) and item.page is page and item.first <= dropped.first < item.last:
            items[at : at + 1] = [replace(item, last=dropped.first), replace(item, first=dropped.last)]
            return at + 1
    return None
