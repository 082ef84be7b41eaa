"""Tables that lead to sections of the text, and the rows whose section is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from skill_fleet.drafting.omitting.records import record_of
from skill_fleet.drafting.pages.page import Page
from skill_fleet.drafting.pages.plain import plain
from skill_fleet.drafting.pages.sections import tree
from skill_fleet.drafting.pages.spots import Spots

_STEM = 6  # letters by which words are compared: "update" and "updates"
_HOLLOW = {"pattern", "section", "guide", "example", "the", "and"}
MOST_TABLES = 100  # each is compared with every heading
_LEADS = re.compile(r"(location|section|see|see section)$", re.I)
_CELL = re.compile(r"(?<!\\)\|")


def led_astray(page: Page, pages: Sequence[Page], spot: Spots) -> Iterator[str]:
    """Values of a column headed Location, Section or See that are no heading of the documents."""
    tables = [block for block in page.outline.blocks if block.kind == "table"]
    if not tables:
        return
    guides = [one for one in pages if one is page or not record_of(one, tree(one))]
    titles = [_plain(section.title) for one in guides for section in tree(one).walk() if section.title]
    for block in tables[:MOST_TABLES]:
        heads = _cells(page.lines[block.first])
        at = next((number for number, head in enumerate(heads) if _LEADS.match(head)), -1)
        place = spot(page, block.first)
        if at < 0 or not place:
            continue
        rows = [
            cells[at]
            for line in page.lines[block.first + 2 : block.end][:MOST_TABLES]
            if len(cells := _cells(line)) > at
        ]
        values = [value for value in rows if value and not re.search(r"[/`#]|\.\w{2,4}$", value)]
        gone = [value for value in values if not any(_plain(value) in title for title in titles)]
        if gone and len(values) > 1:
            said = ", ".join(f'"{value}"{_nearest(value, pages, spot)}' for value in dict.fromkeys(gone))
            yield f'{len(gone)} of {len(values)} rows under "{heads[at]}" ({place}) have no section: {said}.'


def _nearest(value: str, pages: Sequence[Page], spot: Spots) -> str:
    """Where a heading stands that has every word of a value, in whatever form: " (SKILL.md:3?)", or nothing."""
    words = [_stem(word) for word in _plain(value).split() if word.rstrip("s") not in _HOLLOW]
    for page in pages:
        for section in tree(page).walk():
            stems = {_stem(word) for word in _plain(section.title).split()}
            if words and section.level and stems.issuperset(words) and (place := spot(page, section.first)):
                return f" (see {place}?)"
    return ""


def _stem(word: str) -> str:
    return word.rstrip("s")[:_STEM]


def _cells(line: str) -> list[str]:
    return [plain(cell) for cell in _CELL.split(line.strip().removeprefix("|").removesuffix("|"))]


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))
