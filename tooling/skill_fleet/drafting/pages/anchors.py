"""Anchors of headings, as GitHub makes them, and where each went."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from markdown_it import MarkdownIt

from skill_fleet.drafting.pages.page import Page, Used
from skill_fleet.markdown import slug

_LINK = re.compile(r"!?\[([^\[\]]*)\](?:\([^()\s]*\)|\[[^\[\]]*\])")
_MARKED = re.compile(r"[_<\[&]")  # other marks are no part of an anchor anyhow
_INLINE = MarkdownIt("commonmark", {"maxNesting": 20})
_NAMED = re.compile(r"<a\s[^<>]*?(?:id|name)=[\"']?([\w.:-]+)", re.I)
_TO = re.compile(r"\](?:\(|:\s*)[^\s()#]*#([^\s()]+)")
_EXPLICIT = re.compile(r"\{#([\w.:-]+)\}\s*$")


class Slugs:
    """The anchors of one file: the same heading a second time gets `-1`, then `-2`."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def add(self, heading: str) -> str:
        """The anchor of the next heading of the file."""
        word = slug(_rendered(_EXPLICIT.sub("", heading[:1000])))
        count = self._seen.get(word, -1) + 1
        self._seen[word] = count
        return f"{word}-{count}" if count else word


def _rendered(heading: str) -> str:
    """The words of a heading as a reader sees them; a link whose definition is elsewhere is its text."""
    if not _MARKED.search(heading):
        return heading
    tokens = _INLINE.parseInline(_LINK.sub(r"\1", heading))[0].children or []
    return "".join(token.content for token in tokens if token.type in ("text", "code_inline"))


def anchors_of(page: Page) -> dict[str, int]:
    """Every anchor of a page with the line it stands on, exact ones and, where free, loosely spelt ones."""
    exact: dict[str, int] = {}
    slugs = Slugs()
    for block in page.outline.blocks:
        if block.level:
            exact.setdefault(slugs.add(block.text), block.first)
            if explicit := _EXPLICIT.search(block.text):
                exact.setdefault(explicit[1], block.first)
    for line, name in _named(page):
        exact.setdefault(name, line)
    loose: dict[str, int] = {}
    for name, line in exact.items():
        loose.setdefault(loosely(name), line)
    return {**loose, **exact}


def linked_lines(page: Page, dropped: Used | None) -> Iterator[int]:
    """The lines of a page that its links lead to; those of the contents list `dropped` do not count."""
    gone = range(dropped.first, dropped.last) if dropped else range(0)
    lines = [line for at, line in enumerate(page.lines) if "#" in line and at not in gone]
    names = {found[1] for line in lines for found in _TO.finditer(line)}
    anchors = anchors_of(page) if names else {}
    for name in map(unquote, names):
        line = anchors.get(name, anchors.get(loosely(name)))
        if line is not None:
            yield line


def loosely(anchor: str) -> str:
    """An anchor without what tools disagree on (hyphens, case, emoji), kept apart from exact ones by a space in front."""
    return " " + re.sub(r"[\W_]+", "", anchor.removeprefix("user-content-").lower())


def _named(page: Page) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(page.lines):
        if "<a " in line or "<A " in line:
            for found in _NAMED.finditer(line):
                yield number, found[1]
