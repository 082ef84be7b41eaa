"""Sections and sentences that were written for another tool or another form, and do not fit a skill."""

from __future__ import annotations

import re
from collections.abc import Iterator

from skill_fleet.drafting.page import Page
from skill_fleet.drafting.sections import Section, tree
from skill_fleet.drafting.spots import Spots

FOREIGN = re.compile(
    r"\b(token (budget|optimi[sz]ation|usage|limit)|output format|response format|context (loading|window|management)|"
    r"do not return|communication protocol|progress tracking|integration with other agents)",
    re.I,
)
_FOLD = re.compile(r"\b(?:expand|click)\b[^.\n]{0,40}\b(?:below|sections?|details|to expand)\b", re.I)
_SELF = re.compile(r"\b(?:what |to |when )?this (?:sub-?agent|agent|prompt|chat ?mode|slash command|wiki page)\b", re.I)
_FEW = 6


def other_tools(page: Page, spot: Spots) -> Iterator[str]:
    """Token budgets, answer formats and the like, each with its place; and what speaks of a subagent or of a click."""
    found: list[Section] = []
    for section in tree(page).walk():
        inside = any(one.first <= section.first < one.last for one in found[-1:])
        if section.level and not inside and FOREIGN.search(section.title):
            found.append(section)
    for section in found:
        yield (
            f'"{section.title}" ({spot(page, section.first)}) tells another tool how to answer, contrary to a skill: '
            "drop it, unless it holds for every agent."
        )
    for pattern, hint in ((_FOLD, re.compile("xpand|lick")), (_SELF, re.compile("his "))):
        said: dict[str, list[str]] = {}
        for number, line in enumerate(page.lines):
            phrase = pattern.search(line) if hint.search(line) else None
            place = spot(page, number) if phrase else ""
            if phrase and place and not page.literal(number):
                said.setdefault(phrase[0][0].upper() + phrase[0][1:], []).append(place)
        if said:
            phrases = ", ".join(f'"{phrase}" ({", ".join(places[:3])})' for phrase, places in list(said.items())[:_FEW])
            yield f"{phrases} no longer fit{'s' if len(said) == 1 else ''} now that this is a skill."
