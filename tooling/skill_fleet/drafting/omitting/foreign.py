"""Sections and sentences that were written for another tool or another form, and do not fit a skill."""

from __future__ import annotations

import re
from collections.abc import Iterator

from skill_fleet.drafting.pages.page import Page
from skill_fleet.drafting.pages.sections import Section, tree
from skill_fleet.drafting.pages.spots import Spots, listed

FOREIGN = re.compile(
    r"\b(token (budget|optimi[sz]ation|usage|limit)|output format|response format|context (loading|window|management)|"
    r"do not return|communication protocol|progress tracking|integration with other agents)",
    re.I,
)
_FOLD = re.compile(r"\b(?:expand|click)\b[^.\n]{0,40}\b(?:below|sections?|details|to expand)\b", re.I)
_SELF = re.compile(r"\b(?:what |to |when )?this (?:sub-?agent|agent|prompt|chat ?mode|slash command|wiki page)\b", re.I)
_PERSONA = re.compile(
    r"(?:you are (?:an? |the )(?=[\w* -]{3,60}\b(?:specialist|expert|agent|assistant|engineer|developer|architect|builder|"
    r"reviewer|writer|who|with)\b)|act as an? )",
    re.I,
)
_ROLE = re.compile(r"(your|the agent's) (role|task|mission|persona|identity)\b", re.I)
_SPOKEN = re.compile(r"\b(?:tell|let) me (?:know )?(?:which|what|if|when|where|about)\b|\btemplate readability\b", re.I)


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
            phrases = ", ".join(f'"{phrase}" ({listed(places)})' for phrase, places in list(said.items()))
            yield f"{phrases} no longer fit{'s' if len(said) == 1 else ''} now that this is a skill."


def spoken(page: Page, spot: Spots) -> Iterator[str]:
    """Lines and sections that give the reader a persona, or speak to the tool that once wrote the text."""
    said: list[str] = []
    for section in tree(page).walk():
        if section.level and _ROLE.match(section.title) and (place := spot(page, section.first)):
            said.append(f'"{section.title}" ({place})')
    for number, line in enumerate(page.lines):
        phrase = (_PERSONA.match(line.lstrip("> *")) if "ou are" in line or "ct as" in line else None) or (
            _SPOKEN.search(line) if " me " in line or "eadability" in line else None
        )
        if phrase and (not page.literal(number) or phrase.re is _SPOKEN) and (place := spot(page, number)):
            said.append(f'"{phrase[0].strip(" *")} \u2026" ({place})')
    if said:
        yield f"{', '.join(said)}: spoken to a persona or another tool; say it as what to do, or drop it."
