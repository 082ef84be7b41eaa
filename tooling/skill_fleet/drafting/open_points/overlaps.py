"""Subjects that stand in more than one file, and lists that name the same files again: which one does a reader take?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from skill_fleet.drafting.pages.page import Page
from skill_fleet.drafting.pages.sections import tree
from skill_fleet.drafting.pages.spots import Spots, listed
from skill_fleet.drafting.wording.names import bare_title

MOST = 6
WIDEST = 6  # what stands in more files than that is how the text speaks, not what it is about
_STEM = 6  # letters by which words are compared: "task" and "tasks" need a shorter one's whole length
_HOLLOW = {
    "a", "advanced", "an", "and", "basic", "best", "common", "complete", "configuration", "create", "example", "examples", "for",
    "from", "guide", "how", "in", "integration", "is", "modern", "more", "new", "no", "not", "of", "on", "or", "overview", "pattern", "patterns",
    "practice", "practices", "quick", "reference", "see", "set", "setup", "start", "the", "to", "up", "use", "using", "with",
}  # fmt: skip
_INSIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}|<[^<>]*>")
_FILE = re.compile(r"[\w-]+\.(?:md|py|sh|txt|json|ya?ml)\b")
LEAST_FILES = 5
_SAME = 0.8


def overlaps(pages: Sequence[Page], spot: Spots) -> Iterator[str]:
    """Two words that headings of several references have in common, with the places; the widest spread first."""
    where: dict[tuple[str, str], dict[str, str]] = {}
    said: dict[tuple[str, str], str] = {}
    for page in pages:
        for section in tree(page).walk():
            place = spot(page, section.first) if section.level in (1, 2, 3) else ""
            file = place.rpartition(":")[0]
            if not file.startswith("references/"):
                continue
            words = re.findall(r"[^\W\d_]{2,}", _INSIDE.sub(" ", bare_title(section.title)))
            for one, other in pairwise(words):
                if one.lower() not in _HOLLOW and other.lower() not in _HOLLOW:
                    pair = (_stem(one), _stem(other))
                    where.setdefault(pair, {}).setdefault(file, place)
                    said.setdefault(pair, f"{one} {other}")
    wide = sorted(
        (pair for pair, files in where.items() if 1 < len(files) <= WIDEST), key=lambda pair: -len(where[pair])
    )
    if wide:
        rows = "; ".join(f'"{said[pair]}" ({listed([*where[pair].values()])})' for pair in wide[:MOST])
        yield f"Subjects that stand in several files: {rows}. Say in the table which to open first, if it matters."


def _stem(word: str) -> str:
    return word.lower().rstrip("s")[:_STEM]


def listings(pages: Sequence[Page], spot: Spots) -> Iterator[str]:
    """Lists, tables and trees that name at least five files, hardly any that the others of them do not name."""
    for page in pages:
        found: list[tuple[str, set[str]]] = []
        times: Counter[str] = Counter()
        for block in page.outline.blocks:
            if block.kind not in ("table", "fence", "bullet_list"):  # numbered steps are a procedure
                continue
            place = spot(page, block.first)
            names = (
                {name for line in page.lines[block.first : block.end] for name in _FILE.findall(line)}
                if place
                else set()
            )
            times.update(names)
            if len(names) >= LEAST_FILES:
                found.append((place, names))
        same = [place for place, names in found if sum(times[name] > 1 for name in names) >= _SAME * len(names)]
        if len(same) > 1:
            often = "twice" if len(same) == 2 else f"{len(same)} times"
            yield (
                f"The same files are listed {often} ({listed(same)}): make one list that says of each when to read it and what "
                "is in it."
            )
