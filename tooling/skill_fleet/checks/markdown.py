"""What a Markdown text is made of. CommonMark decides, through markdown-it-py; nothing is guessed from its looks.

A parse costs more than all rules together, so callers ask in steps: `blocks` (fences, code, text, without a look into
the text) and `prose` (the text with its code taken out). Most rules first look for a word that would make them ask.
Source: https://spec.commonmark.org/0.31.2/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_BACKQUOTES = re.compile(r"\\?`+")


@dataclass(frozen=True, slots=True)
class Block:
    """A leaf of the text: `start` and `end` are its lines, from 0, `end` being the line after the last one.

    `info` is what stands behind a fence's opening, or `h1` to `h6` for a heading; `closed` is False for a fence that
    ends only because the text, the list item or the quotation around it does. `content` is what CommonMark makes of it.
    """

    kind: Literal["fence", "code", "text", "heading", "html"]
    start: int
    end: int
    content: str
    info: str = ""
    closed: bool = True


@dataclass(frozen=True)
class Markdown:
    """One Markdown text. `first_line` is the number of its first line in its file."""

    source: str
    first_line: int = 1

    @cached_property
    def text(self) -> str:
        """The source with line ends as CommonMark sees them, and one at the end."""
        text = self.source
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        return text if text.endswith("\n") else f"{text}\n"

    @cached_property
    def lines(self) -> list[str]:
        """Its lines. Only CommonMark's line ends count, not Python's (form feed, U+2028)."""
        return self.text.split("\n")[:-1]

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """Its leaf blocks in the order of the text."""
        return tuple(_blocks(_block_parser().parse(self.text)))

    @cached_property
    def prose(self) -> tuple[tuple[int, str], ...]:
        """Its lines of text with their numbers in the file, without fences, code and HTML; each code span is blanks."""
        found = []
        for block in self.blocks:
            if block.kind in ("text", "heading"):
                lines = without_code("\n".join(self.lines[block.start : block.end])).split("\n")
                found += [(self.first_line + block.start + number, line) for number, line in enumerate(lines)]
        return tuple(found)


def without_code(text: str) -> str:
    """The text of one block with a blank for each character of a code span; its length and lines stay.

    A run of backquotes opens a span that the next run of the same length closes; a backslash keeps a run from opening.
    Source: https://spec.commonmark.org/0.31.2/#code-spans
    """
    if "`" not in text:
        return text
    runs = [match.span() for match in _BACKQUOTES.finditer(text)]
    at_length: dict[int, list[int]] = {}
    starts = []
    for index, (start, end) in enumerate(runs):
        begin = start + (text[start] == "\\")
        starts.append(begin)
        at_length.setdefault(end - begin, []).append(index)
    for indexes in at_length.values():
        indexes.reverse()  # the nearest is popped first
    kept, at, index = [], 0, 0
    while index < len(runs):
        start, end = runs[index]
        escaped = starts[index] != start
        # an escaped backquote is text, and the rest of its run opens
        begin = starts[index] + escaped
        length = end - begin
        closing = _next(at_length.get(length, []), index) if length else None
        if closing is None:
            index += 1
            continue
        kept.append(text[at:begin])
        at = runs[closing][1]
        kept.append(re.sub(r"[^\n]", " ", text[begin:at]))
        index = closing + 1
    kept.append(text[at:])
    return "".join(kept)


def _next(indexes: list[int], after: int) -> int | None:
    while indexes and indexes[-1] <= after:
        indexes.pop()
    return indexes[-1] if indexes else None


def _blocks(tokens: list[Token]) -> Iterator[Block]:
    heading = ""
    for token in tokens:
        start, end = token.map or (0, 0)
        if token.type == "fence":
            closed = end - start > token.content.count("\n") + 1
            yield Block("fence", start, end, token.content, token.info.strip(), closed)
        elif token.type == "code_block":
            yield Block("code", start, end, token.content)
        elif token.type == "html_block":
            yield Block("html", start, end, token.content)
        elif token.type == "heading_open":
            heading = token.tag
        elif token.type == "inline":
            yield Block("heading" if heading else "text", start, end, token.content, heading)
            heading = ""


@cache
def _block_parser() -> MarkdownIt:
    from markdown_it import MarkdownIt  # 30 ms, and most runs on a clean skill never need it

    return MarkdownIt("commonmark", {"maxNesting": 50}).disable(["inline", "text_join"])
