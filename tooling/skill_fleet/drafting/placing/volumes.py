"""What one file is made of: a section's own lines, and a reference with its heading first and its contents."""

from __future__ import annotations

from skill_fleet.drafting.pages.page import Page
from skill_fleet.drafting.pages.sections import Section
from skill_fleet.drafting.placing.contents import contents
from skill_fleet.drafting.placing.items import Contents, Item, Made, Piece, summary_heading
from skill_fleet.drafting.placing.reading import Reference

MOST_LINES = 400


def section_items(page: Page, section: Section, last: int, shift: int) -> list[Item]:
    """A section up to line `last`, its headings raised by `shift` levels."""
    if section.made and not section.piece:
        return [summary_heading(section.level - shift, section.title), Piece(page, section.body, last, shift)]
    return [Piece(page, section.first, last, shift)]


def reference_items(one: Reference) -> list[Item]:
    """A reference's items: its heading first, at level one, then a contents list if it is long, then the rest."""
    first = one.sections[0]
    entries = contents(one)
    whole = one.page.trimmed(first.first, one.sections[-1].last) - first.first
    long = whole <= MOST_LINES < whole + len(entries) + 4
    listing: list[Item] = [Contents(one.page, entries, inline=long)] if entries else []
    if len(one.sections) > 1:
        items: list[Item] = [Made("title", (f"# {one.title}",)), *listing]
        for section in one.sections:
            items += section_items(one.page, section, section.last, section.level - 2)
        return items
    if first.level and not first.made:
        shift = first.level - 1
        head: list[Item] = [Piece(one.page, first.first, first.body, shift)]
        return [*head, *listing, Piece(one.page, first.body, first.last, shift)]
    if one.kept and (first.first, first.last) == (0, len(one.page.lines)) and not one.page.used:
        return [Piece(one.page, first.first, first.last, exact=True)]
    begin = first.children[0] if first.children and not first.level else None
    if (
        begin
        and one.page.top >= begin.first
        and not begin.made
        and (begin.level == 1 or (len(first.children) == 1 and not one.page.beheaded))
    ):
        shift = begin.level - 1
        head = [Piece(one.page, first.first, begin.body, shift)]
        return [*head, *listing, Piece(one.page, begin.body, first.last, shift)]
    shift = max(0, first.level - 1)
    return [Made("title", (f"# {one.title}",)), *listing, Piece(one.page, first.body, first.last, shift)]
