"""What a text that was cut promises of itself and no longer holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from skill_fleet.drafting.omitting.records import record_of
from skill_fleet.drafting.pages.page import Page
from skill_fleet.drafting.pages.sections import Section, tree
from skill_fleet.drafting.pages.spots import Spots
from skill_fleet.drafting.wording.occasions import Occasions
from skill_fleet.drafting.wording.sentences import first_sentence

_HELD = 0.6  # the share of a promise's words that the text has to have
_STEM = 6  # letters by which words are compared: "update" and "updates"
_ENDING = re.compile(r"(?<=\w{3})(?:ings?|ed|es|s|ions?)$")
_SPLIT = re.compile(r",?\s+(?:and|or)\s+|[,;]\s+|\s[-\u2013\u2014:]\s|\b(?:covering|including)\s")
_SAYS = re.compile(
    r"\b(overview|introduction|about|summary|when (?:not )?to use|quick (?:reference|start)|contents)\b", re.I
)
_FILE = re.compile(r"[\w-]\.(?:md|py|sh)\b")
_SMALL = {
    "with", "from", "when", "using", "that", "this", "your", "into", "need", "needs", "covering", "existing", "code", "building",
    "build", "creating", "create", "handling", "working", "operations", "correctly", "properly", "needing",
}  # fmt: skip
MOST = 8


def unkept(main: Page, pages: Sequence[Page], found: Occasions, spot: Spots, index: bool = False) -> Iterator[str]:
    """Of a text that was cut, or is an `index` of files that are not here: what its description and its occasions name
    and no section of it explains.
    """
    if not (index or main.part.cut_tail or main.part.cut_head or main.torn_tail or main.torn_head):
        return
    tests = [page for page in pages if record_of(page, tree(page))]
    held = {stem for page in pages if page not in tests for stem in _held(page, index)}
    given = main.matter.get("description", "") or first_sentence(main, tree(main))
    phrases = [*_SPLIT.split(given)[1:], *found.when]  # the first part says what it is
    lacking: list[str] = []
    said_so: set[str] = set()
    for phrase in phrases:
        stems = _stems(phrase)
        gone = stems - held
        if len(gone) > (1 - _HELD) * len(stems) and 2 * len(gone - said_so) > len(gone):
            lacking.append(phrase.strip(" .?"))
            said_so |= gone
    if lacking:
        why = "The files that it names are not here" if index else "The source is cut"
        said = ", ".join(f'"{phrase}"' for phrase in lacking[:MOST])
        named = [spot(page, page.top).partition(":")[0] for page in tests if said_so & set(_held(page, index))]
        only = f" ({' and '.join(filter(None, named))} only tries them)" if any(named) else ""
        yield (
            f"{why}, and no section that is left explains {said}{only}: supply "
            f"{'them' if index else 'the whole text'}, or take {'it' if len(lacking) == 1 else 'them'} out of {_where(main, spot)}."
        )


def _where(main: Page, spot: Spots) -> str:
    """The places that promise: the description, and sections that say what the text is about."""
    sections = (one for one in tree(main).walk() if one.level and _SAYS.search(one.title))
    said = [f'"{one.title}" ({place})' for one in sections if (place := spot(main, one.first))]
    return " and ".join([", ".join(["the description", *said[:-1]]), *said[-1:]])


def _held(page: Page, index: bool) -> Iterator[str]:
    """The stems of what a page's sections say, without those that only say what the page is about; of an index without
    the lines that name a file.
    """
    lines = list(page.lines[page.start :])
    for section in tree(page).walk():
        if section.level and _SAYS.search(section.title):
            _blank(lines, section, page.start)
    yield from _stems("\n".join(line for line in lines if not (index and _FILE.search(line))))


def _blank(lines: list[str], section: Section, start: int) -> None:
    lines[section.first - start : section.last - start] = [""] * (section.last - section.first)


def _stems(text: str) -> set[str]:
    words = re.findall(r"[^\W\d_]{4,}", text.lower())
    return {(_ENDING.sub("", word) or word)[:_STEM] for word in words if word not in _SMALL}
