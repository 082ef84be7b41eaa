"""What a text without sub-headings is about, by the names in its code, its tree of files, or its first words."""

from __future__ import annotations

import re
from collections.abc import Container

from skill_fleet.drafting.page import Page
from skill_fleet.drafting.plain import plain, shortened

MOST_NAMES = 6
MOST_TYPES = 3
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


def taken_types(page: Page, first: int, last: int) -> list[str]:
    """The types that the code there takes from its libraries, which a reader may come with."""
    lines = (line for fence in page.fences(first, last) for line in page.lines[fence.first + 1 : fence.last])
    found = (match["names"] or match["braced"] for line in lines if (match := _TAKEN.match(line)))
    names = dict.fromkeys(name.strip().split(" ")[0] for names in found for name in names.split(","))
    return [name for name in names if name[:1].isupper() and name not in _EVERYWHERE]


def identifiers(page: Page, first: int, last: int, common: Container[str] = ()) -> list[str]:
    """A few names that say what the code is about: types that it takes from its libraries, without `common` ones; if it
    takes none, what it defines, else its decorators, its imports, the files it lists.
    """
    if types := taken_types(page, first, last):
        return [name for name in types if name not in common][:MOST_TYPES]
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
