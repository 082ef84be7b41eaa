"""What a text without sub-headings is about, by the names in its code, its tree of files, or its first words."""

from __future__ import annotations

import re

from skill_fleet.drafting.page import Page
from skill_fleet.drafting.plain import plain, shortened

MOST_NAMES = 6
_EVERYWHERE = {
    "Any",
    "List",
    "Dict",
    "Optional",
    "Union",
    "Callable",
    "Tuple",
    "Set",
    "Iterator",
    "AsyncGenerator",
    "Annotated",
}
_TAKEN = re.compile(r"\s*from [\w.]+ import \(?(?P<names>[\w, ]+)|\s*import (?:type )?\{(?P<braced>[\w, ]+)\}")
_DEFINED = re.compile(r"\s*(?:export\s+)?(?:async\s+)?(?:def|class|func|function|interface|struct|type)\s+(\w{3,})")
_DECORATED = re.compile(r"\s*@([\w.]{3,})")
_IMPORTED = re.compile(r"\s*(?:from|import)\s+([A-Za-z]\w+)")
_LISTED = re.compile(r"[\s\u2500-\u257f|`+-]*[\u2500-\u257f][\s\u2500-\u257f-]*(?P<name>[\w.-]+/?)")
_PATTERNS = (_DEFINED, _DECORATED, _IMPORTED, _LISTED)


def identifiers(page: Page, first: int, last: int) -> list[str]:
    """Up to six names that a reader may come with: the types that the code takes from its libraries, which say what it is
    about; else what it defines, its decorators, its imports, the files it lists.
    """
    taken = [
        name.strip()
        for fence in page.fences(first, last)
        for line in page.lines[fence.first + 1 : fence.last]
        if (match := _TAKEN.match(line))
        for name in (match["names"] or match["braced"]).split(",")
    ]
    if types := [
        name
        for name in dict.fromkeys(name.split(" ")[0] for name in taken)
        if name[:1].isupper() and not {name} & _EVERYWHERE
    ]:
        return types[:MOST_NAMES]
    found: tuple[dict[str, None], ...] = ({}, {}, {}, {})
    for fence in page.fences(first, last):
        for line in page.lines[fence.first + 1 : fence.last]:
            for names, pattern in zip(found, _PATTERNS, strict=True):
                if len(names) < MOST_NAMES and (match := pattern.match(line)) and not match[1].startswith("__"):
                    names[match[1]] = None
    return next((list(names) for names in found if names), [])


def opening_words(page: Page, first: int, last: int) -> str:
    """The first sentence's words, short enough for a table."""
    for block in page.blocks(first, last):
        if block.kind in ("paragraph", "blockquote") or block.kind.endswith("_list"):
            text = plain(page.lines[block.first].strip().lstrip(">-*+ "))
            if len(text.split()) > 2:
                return shortened(re.split(r"(?<=[.!?])\s", text)[0].rstrip(".:"), 100)
    return ""
