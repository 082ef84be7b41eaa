"""Where a text speaks of itself or of its neighbours as of files: what no longer holds once it is a SKILL.md."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from skill_fleet.drafting.open_points.unique import only_there
from skill_fleet.drafting.pages.page import Page
from skill_fleet.drafting.pages.roles import (
    LEAST_STEPS,
    OTHER_SKILL,
    SAYS_OF_ITSELF,
    SKILL_FILE,
    lists_itself,
    steps_of,
)
from skill_fleet.drafting.pages.sections import Section, tree
from skill_fleet.drafting.pages.spots import Spots, listed
from skill_fleet.drafting.sources.shelf import name_of
from skill_fleet.drafting.wording.names import bare_title, skill_name, subject_title

_OF_TEXT = re.compile(r"\b(skill|design|index|readme)\b", re.I)
_TRIED = re.compile(r"\b(?:test|trial|baseline) results\b", re.I)
_FOR_AUTHORS = re.compile(
    r"\b(next steps after (skill )?creation|to add (new|more) (patterns|content|references)|updating? this (skill|document|index)|"
    r"maintaining this|for maintainers|expected baseline \w+|will inform .{0,60}\bskill|run without (the|this) skill)\b|\((?:with|without) (?:the )?skill\)|\b(?:red|green) phase\b",
    re.I,
)


def selfnaming(main: Page, pages: Sequence[Page], spot: Spots, index: bool = False) -> Iterator[str]:
    """The title, a SKILL.md that is named but not here, and sections that speak to the skill's authors.

    Of an `index` whose files are not here, that SKILL.md is asked for with them.
    """
    top = next((section for section in tree(main).walk() if section.level == 1 and not section.made), None)
    title = bare_title(top.title) if top else ""
    if top and _OF_TEXT.search(title) and subject_title(title) != title and (place := spot(main, top.first)):
        yield f'The title "{title}" ({place}) says what the text was: "{subject_title(title)}" is enough.'
    if _OF_TEXT.search(title) and not index and (said := other_skill_file(main, spot)):
        yield (
            f"The text names a `SKILL.md` ({listed(said)}) that is not among the sources, and is one itself now: "
            "supply that one with `--from`, or reword."
        )
    spoken: dict[str, list[str]] = {}
    for page in pages:
        guides = {
            section.first: section for section in tree(page).walk() if len(steps_of(page, section)) >= LEAST_STEPS
        }
        for at, line in enumerate(page.lines):
            found = _FOR_AUTHORS.search(line)
            if not found or page.literal(at) or not (place := spot(page, at)):
                continue
            if at in guides and found[0].lower().startswith("next"):
                yield f'"{guides[at].title}" ({place}) is headed for the authors of the text, its steps are for who uses it: rename it.'
            else:
                spoken.setdefault(found[0], []).append(place)
    if spoken:
        said_so = ", ".join(f'"{phrase}" ({listed(places)})' for phrase, places in list(spoken.items())[:12])
        yield f"{said_so}: spoken to the authors of the text, not to who uses it: reword, or drop?"


def other_skill_file(page: Page, spot: Spots) -> list[str]:
    """The places that name a SKILL.md, in a text that was none."""
    if name_of(page.part).lower().endswith("skill.md"):
        return []
    return [place for at, line in enumerate(page.lines) if SKILL_FILE.search(line) and (place := spot(page, at))]


def rating(page: Page, spot: Spots) -> list[Section]:
    """The sections that list or rate what the text holds."""
    return [one for one in tree(page).walk() if one.level > 1 and lists_itself(page, one) and spot(page, one.first)]


def rated(pages: Sequence[Page], spot: Spots, lists: Sequence[Section] = ()) -> Iterator[str]:
    """Sections that list or rate what the text holds: an agent can do nothing with them, but with what only they name.

    `lists` are sections that may be dropped besides: what only they say too is to be kept.
    """
    said: list[str] = []
    only: list[str] = []
    for page in pages:
        sections = rating(page, spot)
        said += (f'"{one.title}" ({spot(page, one.first)})' for one in sections)
        inside = {at for one in sections for at in range(one.first, one.last)}
        only += (spot(page, at) for at in (only_there(page, (*sections, *lists)) if sections else ()) if at in inside)
    phrases = [
        f'"{found[0]}" ({place})'
        for page in pages
        for at, line in enumerate(page.lines)
        if ("kill" in line or "his " in line)
        and (found := SAYS_OF_ITSELF.search(line))
        and not page.literal(at)
        and (place := spot(page, at))
    ]
    if said:
        new = f"; keep what stands only there ({listed(only)})" if only else ""
        yield f"{', '.join(said[:12])}: what the text holds, not what to do: drop what the other sections say themselves{new}."
    if phrases:
        yield f"{', '.join(phrases[:12])}: said of the text, not what to do: reword, or drop the sentence."


def tried(pages: Sequence[Page], spot: Spots) -> Iterator[str]:
    """Results of trying the text that were kept, for they say what was wrong and why."""
    for page in pages:
        for section in tree(page).walk():
            if section.level > 1 and _TRIED.search(section.title) and (place := spot(page, section.first)):
                yield f'"{section.title}" ({place}) tells how a trial went: keep what was wrong and why, drop verdicts and line numbers.'


def other_skills(pages: Sequence[Page], title: str, spot: Spots, beside: bool = False) -> Iterator[str]:
    """Other skills that the text sends to; one of its own name, which is another if the text lay `beside` it."""
    own = skill_name(subject_title(title))
    named: dict[str, list[str]] = {}
    for page in pages:
        for at, line in enumerate(page.lines):
            if " skill" not in line or page.literal(at) or len(line) > 4000:
                continue
            for name in OTHER_SKILL.findall(line):
                if place := spot(page, at):
                    named.setdefault(name, []).append(place)
    mine = named.pop(own, [])
    if mine:
        which = "whose name this draft bears: let it not take that one's place" if beside else "which is this one"
        yield f"The text names the skill `{own}` ({listed(mine)}), {which}."
    if named:
        said = ", ".join(f"`{name}` ({listed(places)})" for name, places in list(named.items())[:20])
        yield f"Other skills that it sends to: {said}. Require those that the fleet has; drop the others."
