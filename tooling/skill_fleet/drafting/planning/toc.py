"""A contents list of the source: links to its own headings and nothing else. Our table takes its place."""

from __future__ import annotations

import re
from bisect import bisect_right

from skill_fleet.drafting.pages.anchors import anchors_of, loosely
from skill_fleet.drafting.pages.page import Page, Used
from skill_fleet.drafting.pages.sections import Section
from skill_fleet.drafting.planning.plan import Slot

_ENTRY = re.compile(r"\s*(?:[-*+]|\d+[.)])\s+\[.*\]\(#(?P<anchor>[^()\s]*)\)\s*$")
_TITLE = re.compile(
    r"(table of )?contents$|toc$|on this page$|(inhalt|inhaltsverzeichnis|sommaire|table des mati\u00e8res|contenido|\u00edndice"
    r"|indice|\u0441\u043e\u0434\u0435\u0440\u0436\u0430\u043d\u0438\u0435|\u76ee\u5f55|\u76ee\u6b21)$",
    re.I,
)


def replaced_contents(root: Slot) -> Used | None:
    """The contents list of the main page, with its heading, if half of its links lead to what our table lists.

    The others lead to what stands in SKILL.md itself, which a reader of it sees.
    """
    page = root.page
    moved = sorted(_moved(root))
    for block in page.outline.blocks:
        if not block.kind.endswith("_list"):
            continue
        entries = [_ENTRY.match(line) for line in page.lines[block.first : block.end] if line.strip()]
        if len(entries) < 2 or not all(entries):
            continue
        anchors = anchors_of(page)
        lines = [anchors.get(e["anchor"], anchors.get(loosely(e["anchor"]))) for e in entries if e]
        away = sum(line is not None and _inside(line, moved) for line in lines)
        if None not in lines and 2 * away >= len(lines):
            return Used(*_with_heading(page, root, block.first, block.end), "contents list, replaced by the table")
        return None
    return None


def _moved(root: Slot) -> list[tuple[int, int]]:
    return [
        (section.first, section.last)
        for slot in root.walk()
        for section in ((slot.section, *slot.more) if slot.fate == "file" else ())
    ] + [
        (slot.section.first, slot.section.first + 1)
        for slot in root.walk()
        if slot.fate == "open" and slot.section.level and any(kid.fate == "file" for kid in slot.kids)
    ]


def _inside(line: int, ranges: list[tuple[int, int]]) -> bool:
    at = bisect_right(ranges, (line, 1 << 60)) - 1
    return at >= 0 and ranges[at][0] <= line < ranges[at][1]


def _with_heading(page: Page, root: Slot, first: int, end: int) -> tuple[int, int]:
    for slot in root.walk():
        section = slot.section
        if slot.fate == "stay" and section.body <= first < section.last and _only(page, section, first, end):
            return section.first, end
    return first, end


def _only(page: Page, section: Section, first: int, end: int) -> bool:
    around = [*range(section.body, first), *range(end, section.last)]
    return bool(_TITLE.match(section.title)) and all(page.blank(line) for line in around)
