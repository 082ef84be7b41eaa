"""The description: what the skill is and when to use it, in the document's own words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from skill_fleet.drafting.names import bare_title
from skill_fleet.drafting.page import Page
from skill_fleet.drafting.plain import plain, shortened, tidy
from skill_fleet.drafting.sections import Section

MOST = 1024
ROOM = 400


def describe(page: Page, section: Section, title: str, neighbours: Sequence[str] = ()) -> str:
    """At most 1,024 characters: the front matter's description, else the first sentence; then when to use it."""
    text = page.matter.get("description", "") or first_sentence(page, section)
    text = text or f"{title}."
    if not re.search(r"\bwhen\b", text, re.I):
        topics = [bare_title(child.title) for child in _topics(section)]
        use = f"Use when working on {'; '.join(topics)}" if topics else ""
        text = f"{text.rstrip('. ')}. {shortened(use, ROOM - len(text)) if use else ''}".strip()
    return safe(text) or "Notes."


def safe(text: str) -> str:
    """Without what breaks a front matter, a prompt or a template: angle brackets, braces, three hyphens."""
    text = re.sub(r"-{3,}", "--", re.sub(r"[<>{}]", "", tidy(text)))
    return shortened(text, MOST)


def first_sentence(page: Page, section: Section) -> str:
    """The first sentence of the first paragraph of prose."""
    for block in page.blocks(section.first, section.last):
        if block.kind == "paragraph":
            text = plain(" ".join(page.lines[block.first : block.end]))
            if text:
                return shortened(re.split(r"(?<=[.!?\u3002])\s+", text, maxsplit=1)[0], ROOM)
    return ""


def _topics(section: Section) -> tuple[Section, ...]:
    while len(section.children) == 1:
        section = section.children[0]
    return section.children
