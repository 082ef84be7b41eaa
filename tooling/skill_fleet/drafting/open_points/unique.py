"""Lines of some sections that say what the rest of a page does not: they are lost if the sections are dropped."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from skill_fleet.drafting.pages.page import Page
from skill_fleet.drafting.pages.sections import Section

_ITEM = re.compile(r"\s*(?:[-*+]\s|\|)")
FILE = re.compile(r"[\w./-]*\w\.\w{1,5}\b")
_WORD = re.compile(r"[^\W\d_]{4,}")


def only_there(page: Page, sections: Sequence[Section]) -> Iterator[int]:
    """The items and rows of the sections with a word, names of files aside, that stands nowhere else on the page."""
    inside = sorted({at for one in sections for at in range(one.body, one.last)})
    times = Counter(word for line in page.lines for word in _words(line)) if inside else Counter()
    own = Counter(word for at in inside for word in _words(page.lines[at]))
    for at in inside:
        line = page.lines[at]
        if _ITEM.match(line) and not page.literal(at) and any(own[word] == times[word] for word in _words(line)):
            yield at


def _words(line: str) -> list[str]:
    return [word.rstrip("s") for word in _WORD.findall(FILE.sub("", line).lower())]
