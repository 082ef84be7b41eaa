"""What a Markdown text is made of. CommonMark decides, through markdown-it-py; nothing is guessed from its looks.

A parse costs more than all rules together, so callers ask in steps: `fences` (mostly without a parse), then
`blocks_near`, `prose_near` and `links_near` the lines where a rule saw a word that made it ask.
Source: https://spec.commonmark.org/0.31.2/
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from skill_fleet.checks.code_spans import without_code
from skill_fleet.checks.fences import Block, scan_fences
from skill_fleet.checks.pieces import Piece, parser, pieces, pieces_beside

if TYPE_CHECKING:
    from markdown_it.token import Token

_WORDS = ("text", "code_inline", "text_special")  # the last: what an escape or an entity stands for


@dataclass(frozen=True, slots=True)
class Link:
    """A link or an image: where it leads as written in the text (escapes resolved), and the place of that, from 1."""

    target: str
    line: int
    column: int
    is_image: bool = False


@dataclass(frozen=True)
class Markdown:
    """One Markdown text. `first_line` is the number of its first line in its file."""

    source: str
    first_line: int = 1
    _env: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def text(self) -> str:
        """The source with line ends as CommonMark sees them, and one at the end."""
        text = self.source
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        if "\0" in text:
            text = text.replace("\0", "\ufffd")
        return text if text.endswith("\n") else f"{text}\n"

    @cached_property
    def lines(self) -> list[str]:
        """Its lines. Only CommonMark's line ends count, not Python's (form feed, U+2028)."""
        return self.text.split("\n")[:-1]

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """Its leaf blocks in the order of the text."""
        return tuple(block for piece in self._pieces for block in piece.blocks)

    def blocks_near(self, lines: Iterable[int]) -> tuple[Block, ...]:
        """Its leaf blocks, at least those that hold one of `lines` (from 0), without a parse of all others."""
        wanted = sorted(lines)
        if not wanted:
            return ()
        near = (piece for piece in self._pieces if bisect_left(wanted, piece.start) < bisect_left(wanted, piece.end))
        return tuple(block for piece in near for block in piece.blocks)

    @cached_property
    def _pieces(self) -> tuple[Piece, ...]:
        if self._scanned is None:
            return tuple(pieces(self.text, self._env))
        return tuple(pieces_beside(self.lines, self.without_fences, self._env))

    @cached_property
    def _scanned(self) -> tuple[Block, ...] | None:
        return scan_fences(self.text)

    @cached_property
    def fences(self) -> tuple[Block, ...]:
        """Its fences."""
        if self._scanned is not None:
            return self._scanned
        return tuple(fence for piece in self._pieces for fence in piece.fences)

    @cached_property
    def without_fences(self) -> str:
        """The text with its fences left blank."""
        if not self.fences:
            return self.text
        rows = self.lines.copy()
        for fence in self.fences:
            rows[fence.start : fence.end] = [""] * (fence.end - fence.start)
        return "\n".join(rows)

    def lines_with(self, pattern: re.Pattern[str], words: Iterable[str]) -> list[int]:
        """The lines (from 0) in which `pattern` finds something, which holds one of `words`: to look for these first
        takes a fraction of the time."""
        if not any(word in self.text for word in words):
            return []
        return [
            number
            for number, line in enumerate(self.lines)
            if any(word in line for word in words) and pattern.search(line)
        ]

    def prose_near(self, lines: Iterable[int]) -> Iterator[tuple[int, str]]:
        """Its lines of text with their numbers in the file, at least those of `lines` (from 0) that are text: without
        fences, code and HTML; each code span is blanks."""
        for block in self.blocks_near(lines):
            if block.kind in ("text", "heading"):
                rows = without_code("\n".join(self.lines[block.start : block.end])).split("\n")
                yield from enumerate(rows, self.first_line + block.start)

    def links_near(self, lines: Iterable[int]) -> Iterator[Link]:
        """Its links and images, at least those that begin in `lines` (from 0), in the order of the text. Where the text
        may define addresses, these are all: any bracket may be a link then."""
        blocks = self.blocks if "]:" in self.text else self.blocks_near(lines)
        for block in blocks:
            if block.kind in ("text", "heading") and "]" in block.content:
                yield from self._links_of(block)

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """Its links and images, in the order of the text."""
        return tuple(self.links_near(range(len(self.lines))))

    @cached_property
    def headings(self) -> tuple[tuple[int, str], ...]:
        """Its headings as text, without markup, with their lines in the file."""
        found = []
        for block in self.blocks:
            if block.kind == "heading":
                parts = (token.content for token in self._inline(block) if token.type in _WORDS)
                found.append((self.first_line + block.start, "".join(parts)))
        return tuple(found)

    def _links_of(self, block: Block) -> Iterator[Link]:
        lines = self.lines[block.start : block.end]
        row, column = 0, 0
        for token in self._inline(block):
            if token.type not in ("link_open", "image") or token.markup == "autolink":
                continue
            target = _decoded(str(token.attrs.get("href" if token.type == "link_open" else "src", "")))
            place = _place(lines, target, row, column)
            if place:
                row, column = place
            line, at = place or (0, 0)
            yield Link(target, self.first_line + block.start + line, at + 1, token.type == "image")

    def _inline(self, block: Block) -> Iterator[Token]:
        tokens: list[Token] = []
        markdown_it = parser()
        markdown_it.inline.parse(_without_loose_ends(block.content), markdown_it, self._env, tokens)
        yield from _flat(tokens)


def _flat(tokens: list[Token]) -> Iterator[Token]:
    """The tokens with those inside of images, which may hold further images."""
    for token in tokens:
        yield token
        if token.type == "image":
            yield from _flat(token.children or [])


def _without_loose_ends(content: str) -> str:
    """The text of a block with letters for the brackets that open behind the last link: nothing closes them, and for each
    the parser would look to the end."""
    end = content.find(")", content.rfind("]") + 1)
    return content[:end] + content[end:].replace("[", "x") if end >= 0 else content


def _place(lines: list[str], target: str, row: int, column: int) -> tuple[int, int] | None:
    """Where `target` is written behind a bracket, from (row, column) on; None when it is spelt in another way there."""
    for number in range(row, len(lines)):
        start = column + 1 if number == row and (row or column) else 0
        for opening in ("](", "](<"):
            at = lines[number].find(opening + target, start) if target else -1
            if at >= 0:
                return number, at + len(opening)
    return None


def _decoded(target: str) -> str:
    if "%" not in target:
        return target
    from urllib.parse import unquote

    return unquote(target)
