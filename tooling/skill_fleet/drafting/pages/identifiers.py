"""What a text without sub-headings is about, by the names in its code, its tree of files, or its first words."""

from __future__ import annotations

import re
from collections.abc import Container

from skill_fleet.drafting.pages.page import Page
from skill_fleet.drafting.pages.plain import plain, shortened

MOST_NAMES = 6
MOST_DEFINED = 3
_DEFINED = re.compile(r"\s*(?:export\s+)?(?:async\s+)?(?:def|class|func|function|interface|struct|type)\s+(\w{3,})")
_DECORATED = re.compile(r"\s*@([\w.]{3,})")
_IMPORTED = re.compile(r"\s*(?:from|import)\s+([A-Za-z]\w+)")
_LISTED = re.compile(r"[\s\u2500-\u257f|`+-]*[\u2500-\u257f][\s\u2500-\u257f-]*(?P<name>[\w.-]+/?)")
_END = re.compile(r"(?<=[.!?])(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\betc\.)(?<!\bvs\.)\s")
_MARKS = re.compile(r"[ \t>]*(?:[-*+][ \t]+)?")
_PATTERNS = (_DECORATED, _IMPORTED, _LISTED)


def defined_names(page: Page, first: int, last: int) -> list[str]:
    """The types that the code there defines, else its functions: what a reader of it may come for."""
    lines = [line for fence in page.fences(first, last) for line in page.lines[fence.first + 1 : fence.last]]
    names = [match[1] for line in lines if (match := _DEFINED.match(line)) and not match[1].startswith("_")]
    return [name for name in dict.fromkeys(names) if name[:1].isupper()] or list(dict.fromkeys(names))


def identifiers(page: Page, first: int, last: int, common: Container[str] = ()) -> list[str]:
    """A few names that say what the code is about: what it defines, without `common` ones; if it defines nothing, its
    decorators, else its imports, else the files that it lists.
    """
    if defined := defined_names(page, first, last):
        return [name for name in defined if name not in common][:MOST_DEFINED]
    found: tuple[dict[str, None], ...] = ({}, {}, {})
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
            text = plain(_MARKS.sub("", page.lines[block.first], count=1)).strip("* ")
            if len(text.split()) > 2:
                return shortened(_END.split(text)[0].rstrip(".:"), 100)
    return ""
