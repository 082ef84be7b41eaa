"""What a text says twice: a file in several versions, a line word for word, itself inside a fence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from skill_fleet.drafting.pages.page import Page
from skill_fleet.drafting.pages.spots import Spots, listed
from skill_fleet.drafting.planning.templates import claimed_names

MOST_FILES = 12
MOST_LINES = 5
_LEAST = 40  # characters from which a line said twice is no coincidence
_ITEM = re.compile(r"\s*(?:[-*+]|\d+[.)])\s+\S|[A-Z`*\[]")


def repeats(pages: Sequence[Page], spot: Spots) -> Iterator[str]:
    """Each kind once, with the places; of many files only the first dozen, of many lines none, for they are meant."""
    yield from _versions(pages, spot)
    for page in pages:
        yield from _lines(page, spot)
        yield from _wrapped(page, spot)


def _versions(pages: Sequence[Page], spot: Spots) -> Iterator[str]:
    claims: dict[str, list[str]] = {}
    for page in pages:
        for fence, path in claimed_names(page):
            if place := spot(page, fence.first):
                claims.setdefault(path, []).append(place)
    several = [(path, places) for path, places in claims.items() if len(places) > 1]
    if several:
        said = "; ".join(f"`{path}` ({listed(places)})" for path, places in several[:MOST_FILES])
        more = f"; and {len(several) - MOST_FILES} more" if len(several) > MOST_FILES else ""
        yield f"Blocks that are parts or versions of one file: {said}{more}. Say which holds where they differ."


def _lines(page: Page, spot: Spots) -> Iterator[str]:
    prose: dict[str, list[int]] = {}
    shown = {
        n for f in page.outline.fences if f.info.split(" ")[0] in ("markdown", "md") for n in range(f.first, f.last)
    }
    for number, line in enumerate(page.lines):
        if len(line) >= _LEAST and _ITEM.match(line) and (number in shown or not page.literal(number)):
            prose.setdefault(line.strip(), []).append(number)
    pairs = (numbers for numbers in prose.values() if len(numbers) == 2)  # what is said more often is meant
    twice = [places for numbers in pairs if len(places := [place for n in numbers if (place := spot(page, n))]) == 2]
    if 0 < len(twice) <= MOST_LINES:
        yield f"Said twice, word for word: {'; '.join(listed(places) for places in twice)}. Drop one of each."


def _wrapped(page: Page, spot: Spots) -> Iterator[str]:
    """A fence of Markdown that begins with the page's own title: the document stands in it once more, as code."""
    titles = {block.text for block in page.outline.blocks if block.level == 1}
    for fence in page.outline.fences:
        first = page.lines[fence.first + 1] if fence.last - fence.first > 3 else ""
        if first.startswith("# ") and first[2:].strip() in titles and (place := spot(page, fence.first)):
            yield f"The document stands inside a fence, as code ({place}): take the fence and its second title away."
