"""What a text that was cut promises of itself and no longer holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from skill_fleet.drafting.omitting.records import record_of
from skill_fleet.drafting.pages.page import Page
from skill_fleet.drafting.pages.plain import with_and
from skill_fleet.drafting.pages.roles import CONTENT
from skill_fleet.drafting.pages.sections import tree
from skill_fleet.drafting.pages.spots import Spots
from skill_fleet.drafting.wording.sentences import first_sentence

_HELD = 0.6  # the share of a promise's words that the text has to have
_STEM = 6  # letters by which words are compared: "update" and "updates"
_ENDING = re.compile(r"(?<=\w{3})(?:ings?|ed|es|s|ions?|e)$")
_SPLIT = re.compile(r",?\s+(?:and|or)\s+|[,;]\s+|\s[-\u2013\u2014:]\s|\b(?:covering|including)\s")
_SAYS = re.compile(
    r"\b(overview|introduction|about|summary|when (?:not )?to use|quick (?:reference|start)|contents)\b", re.I
)
_QUICK = re.compile(r"\bquick\b", re.I)  # its rows may answer in a line what no section explains
_FILE = re.compile(r"[\w-]\.(?:md|py|sh)\b")
_SMALL = {
    "with", "from", "when", "using", "that", "this", "your", "into", "need", "needs", "covering", "existing", "code", "building",
    "build", "creating", "create", "setting", "handling", "working", "operations", "correctly", "properly", "needing",
}  # fmt: skip
MOST = 12


def unexplained(main: Page, pages: Sequence[Page], phrases: Sequence[str], index: bool) -> list[str]:
    """Of a text that was cut, or is an `index` of files that are not here: the phrases that no section explains.

    Sections that say what the text is about explain nothing, nor do scenarios to try it on.
    """
    if not phrases or not (index or main.part.cut_tail or main.part.cut_head or main.torn_tail or main.torn_head):
        return []
    held = [stems for page in pages if not _tries(page) for stems in _held(page, index)]
    return [phrase for phrase in phrases if not _explained(_stems(phrase), held)]


def _explained(phrase: set[str], held: Sequence[set[str]]) -> bool:
    """Whether one section has most of the words; words from all over explain nothing together."""
    return any(len(phrase - stems) <= (1 - _HELD) * len(phrase) for stems in held) or not phrase


def unkept(
    main: Page,
    pages: Sequence[Page],
    unserved: Sequence[str],
    spot: Spots,
    index: bool,
    shortened: bool,
) -> Iterator[str]:
    """What the description names and no section explains, and the occasions that are `unserved`; `shortened`: the
    description is without those.
    """
    given = main.matter.get("description", "") or first_sentence(main, tree(main))
    named = unexplained(main, pages, _SPLIT.split(given)[1:], index)  # the first part says what it is
    lacking = list(dict.fromkeys(phrase.strip(" .?") for phrase in (*named, *unserved)))
    if not lacking:
        return
    said_so = set().union(*map(_stems, lacking))
    said = ", ".join(f'"{phrase}"' for phrase in lacking[:MOST])
    if shortened and not named:
        yield f"The description leaves out {said}: the files that it names are not here, and no section that is left has most of the words."
        return
    tests = [page for page in pages if _tries(page) and any(said_so & stems for stems in _held(page, index))]
    tries = [place.partition(":")[0] for page in tests if (place := spot(page, page.top))]
    only = f" ({' and '.join(tries)} only tries them)" if tries else ""
    sections = (
        one for one in tree(main).walk() if one.level and _SAYS.search(one.title) and not _QUICK.search(one.title)
    )
    where = [f'"{section.title}" ({place})' for section in sections if (place := spot(main, section.first))]
    out = f"take {'it' if len(lacking) == 1 else 'them'} out of {with_and(['the description', *where])}"
    why, supply = ("The files that it names are not here", "them") if index else ("The source is cut", "the whole text")
    yield f"{why}, and no section that is left explains {said}{only}: supply {supply}, or {out}."


def _tries(page: Page) -> bool:
    return bool(record_of(page, tree(page)))


def _held(page: Page, index: bool) -> Iterator[set[str]]:
    """The stems of what each of a page's sections says, its heading with it, without sections that only say what the page
    is about; of an index without the lines that only name a file.
    """
    end = page.start
    for section in tree(page).walk():
        if section.first < end:
            continue
        if section.level and _SAYS.search(section.title):
            end = section.last
            continue
        lines = page.lines[section.first : section.stub]
        said = (line for line, below in pairwise((*lines, "")) if not (index and _names(line, below)))
        yield _stems("\n".join(said))


def _names(line: str, below: str) -> bool:
    """Whether a line names a file and says no more: no row with a column besides, no step with parts below it."""
    row = line.startswith("|") and line.count("|") >= CONTENT
    return not row and bool(_FILE.search(line)) and not (below.strip() and below[:1].isspace())


def _stems(text: str) -> set[str]:
    words = re.findall(r"[^\W\d_]{4,}", text.lower())
    return {(_ENDING.sub("", word) or word)[:_STEM] for word in words if word not in _SMALL}
