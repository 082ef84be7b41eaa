"""Headings as topics: what a row of a table says of them, all in one casing, never only a file's own name."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence

from skill_fleet.drafting.omitting.records import DATE
from skill_fleet.drafting.pages.identifiers import identifiers, opening_words
from skill_fleet.drafting.pages.page import Page
from skill_fleet.drafting.pages.plain import shortened
from skill_fleet.drafting.pages.sections import Section
from skill_fleet.drafting.wording.casing import in_title_case, leading_lower
from skill_fleet.drafting.wording.names import bare_title

_TOPICS = 25
ABOUT_ITSELF = {
    "overview", "introduction", "table of contents", "contents", "toc", "references", "reference", "see also",
    "when to use", "license", "licence", "changelog", "quick reference", "quick start", "links", "resources",
    "contributing", "your role", "skill metadata", "further reading", "conclusion", "summary", "executive summary",
}  # fmt: skip


def listing(topics: Sequence[str], most: int = _TOPICS) -> str:
    """All topics, and only of very many how many more there are."""
    more = f" and {len(topics) - most} more" if len(topics) > most else ""
    return f"{', '.join(topics[:most])}{more}"


def topic_of(title: str, page: Page) -> str:
    """A heading as the object of a sentence: without number, kind and what it says in parentheses."""
    bare = bare_title(title)
    short = re.sub(r"\s+\([^()]*\)$", "", bare) or bare
    return cased([short], page)[0]


def cased(titles: Sequence[str], page: Page) -> list[str]:
    """Headings as the objects of a sentence, alike: all as the text writes them if one is in Title Case."""
    bare = [_short(title) for title in titles[:_TOPICS]]
    if not any(in_title_case(title) for title in bare):
        bare = [leading_lower(title, page) for title in bare]
    return [*bare, *titles[_TOPICS:]]  # of more than are listed only the number counts


def _short(title: str) -> str:
    bare = bare_title(title)
    return shortened(re.sub(r"\s+\([^()]*\)$", "", bare) or bare, 60)


def more_than_title(page: Page, section: Section, given: str, common: Container[str] = ()) -> str:
    """What a file holds whose own name is its only topic: its one sub-heading too, else its words, else names it uses
    that are not `common`."""
    inner = [child.title for child in section.walk() if child is not section and child.title]
    telling = [title for title in inner if bare_title(title).lower() not in ABOUT_ITSELF]
    title = cased([given], page)[0]
    if len(telling) == 1 and bare_title(telling[0]) != bare_title(given):
        return f"{title}: {cased(telling, page)[0]}"
    if words := opening_words(page, section.body, section.last):
        return words if _said(words).startswith(_said(title)) else f"{title}: {words}"
    said = identifiers(page, section.first, section.last, common)
    return f"{title} ({', '.join(f'`{name}`' for name in said)})" if said else title


def _said(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def dated(title: str) -> str:
    """A record as an object: "Code Review Report - 2026-01-29" is "the code review report of 2026-01-29"."""
    found = DATE.search(title)
    bare = DATE.sub("", bare_title(title)).strip(" ,;-\u2013\u2014:()")
    said = " ".join(word.lower() if word[1:].islower() else word for word in bare.split())
    return f"the {said} of {found[0]}" if found and said else f"the {said or title}"
