"""Footnotes follow what refers to them: their text stands where it is read, not in the last file of all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from skill_fleet.drafting.pages.page import Page
from skill_fleet.drafting.placing.items import Item, Piece
from skill_fleet.drafting.placing.layout import Layout

_TEXT = re.compile(r" {0,3}\[\^(?P<name>[^\[\]\s]+)\]:")
_MARK = re.compile(r"\[\^([^\[\]\s]+)\](?!:)")


def follow_footnotes(layout: Layout) -> None:
    """Move the text of a footnote to the end of the first file that refers to it, if its own file does not."""
    pages = {id(item.page): item.page for items in layout.files.values() for item in items if isinstance(item, Piece)}
    for page in pages.values():
        texts = list(_texts(page))
        if not texts:
            continue
        users = _users(layout, page)
        moved: dict[str, list[Piece]] = {}
        for name, first, last in texts:
            own = next((path for path, items in layout.files.items() if _holds(items, page, first)), "")
            wanted = users.get(name, [])
            if own and wanted and own not in wanted:
                _cut(layout.files[own], page, first, last)
                moved.setdefault(wanted[0], []).append(Piece(page, first, last))
        for path, pieces in moved.items():
            layout.files[path] += pieces


def _texts(page: Page) -> Iterator[tuple[str, int, int]]:
    """The names of footnotes, and the lines of their texts: up to a blank line, the next one, or less indented text."""
    for number, line in enumerate(page.lines):
        found = _TEXT.match(line) if "[^" in line[:8] and not page.literal(number) else None
        if found:
            end = number + 1
            while end < len(page.lines) and page.lines[end].strip() and not _TEXT.match(page.lines[end]):
                end += 1
            yield found["name"], number, end


def _users(layout: Layout, page: Page) -> dict[str, list[str]]:
    """The files in which each footnote of a page is referred to, in order."""
    found: dict[str, list[str]] = {}
    for path, items in layout.files.items():
        for piece in (item for item in items if isinstance(item, Piece) and item.page is page):
            for number in range(piece.first, piece.last):
                line = page.lines[number]
                for name in _MARK.findall(line) if "[^" in line and not page.literal(number) else ():
                    if path not in (known := found.setdefault(name, [])):
                        known.append(path)
    return found


def _holds(items: list[Item], page: Page, line: int) -> bool:
    return any(isinstance(item, Piece) and item.page is page and item.first <= line < item.last for item in items)


def _cut(items: list[Item], page: Page, first: int, last: int) -> None:
    for at, item in enumerate(items):
        if isinstance(item, Piece) and item.page is page and item.first <= first < item.last:
            items[at : at + 1] = [replace(item, last=first), replace(item, first=min(last, item.last))]
            return
