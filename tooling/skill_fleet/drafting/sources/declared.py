"""A section that is front matter in all but place: "Skill Metadata" with a list of keys and values."""

from __future__ import annotations

import re
from dataclasses import replace

from skill_fleet.drafting.pages.page import Page, Used
from skill_fleet.drafting.pages.plain import plain
from skill_fleet.drafting.pages.sections import tree

_TITLE = re.compile(r"(skill )?metadata$", re.I)
_ITEM = re.compile(r"\s*[-*+]\s+(\*\*|__)(?P<key>[A-Za-z][\w -]{0,40}):?\1:?\s*(?P<value>\S.*)$")


def declared(page: Page) -> Page:
    """The page with such a section read as front matter and used up; front matter of its own goes before it."""
    for section in tree(page).walk():
        if not section.level or section.made or section.children or not _TITLE.match(section.title):
            continue
        lines = [line for line in page.lines[section.body : section.last] if line.strip()]
        items = [_ITEM.match(line) for line in lines]
        if not items or not all(items):
            continue
        fields = {found["key"].strip().lower(): plain(found["value"]) for found in items if found}
        end = section.last
        while not page.lines[end - 1].strip():
            end -= 1
        used = sorted((*page.used, Used(section.first, end, "metadata, now front matter")), key=lambda one: one.first)
        return replace(page, matter={**fields, **page.matter}, used=tuple(used))
    return page
