"""A Markdown text in pieces, cut where no block can reach across, so that only those which a rule asks about are parsed.

A heading at the left edge ends every paragraph, list and quotation before it, and a blank line most HTML. What can
still be open there is a fence at the top, whose end is then looked up, or HTML that ends at a mark of its own, after
which nothing is cut any more. A property test holds that the pieces together are what one parse of the whole sees.
Source: https://spec.commonmark.org/0.31.2/#overview (the phase of block structure)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from skill_fleet.checks.fences import Block, end_of_fence, scan_fences

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_CUT = re.compile(r"\n\n(?=#{1,6}[ \t\n])")
_LASTING_HTML = re.compile(
    r"^ {0,3}<(?:(?:script|pre|style|textarea)(?![a-z0-9-])|\?|!(?!--.*-->))", re.MULTILINE | re.I
)


@dataclass(frozen=True)
class Piece:
    """Some lines of a text, from 0: `start`, and `end` behind the last one. What they hold is known without the rest."""

    text: str
    start: int
    end: int
    env: dict[str, Any]

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """Its leaf blocks, with their lines in the whole text."""
        return tuple(_blocks(parser().parse(self.text, self.env), self.start))

    @cached_property
    def fences(self) -> tuple[Block, ...]:
        """Its fences, by their lines where that is enough."""
        if "blocks" not in self.__dict__ and (found := scan_fences(self.text, self.start)) is not None:
            return found
        return tuple(block for block in self.blocks if block.kind == "fence")


def pieces_beside(lines: list[str], beside: str, env: dict[str, Any]) -> Iterator[Piece]:
    """Cut a text whose fences are known: `beside` is the text of `lines` with these left blank. `env` is where the
    parser keeps definitions of links."""
    lasting = _LASTING_HTML.search(beside)
    ends, at, line = [], 0, 0
    for cut in _CUT.finditer(beside, 0, lasting.start() if lasting else len(beside)):
        line += beside.count("\n", at, cut.end())
        at = cut.end()
        ends.append(line)
    start = 0
    for end in (*ends, len(lines)):
        yield Piece("".join(f"{row}\n" for row in lines[start:end]), start, end, env)
        start = end


def pieces(text: str, env: dict[str, Any]) -> Iterator[Piece]:
    """Cut a text with plain line ends, and one at its end, whose fences only a parse can tell."""
    start, line = 0, 0
    while start < len(text):
        cut = _CUT.search(text, start)
        piece = _piece(text, start, cut.end() if cut else len(text), line, env)
        if cut and (end := _end_of_what_is_open(text, start, piece)):
            piece = _piece(text, start, end, line, env)
        yield piece
        start, line = start + len(piece.text), piece.end


def _piece(text: str, start: int, end: int, line: int, env: dict[str, Any]) -> Piece:
    return Piece(text[start:end], line, line + text.count("\n", start, end), env)


def _end_of_what_is_open(text: str, start: int, piece: Piece) -> int | None:
    """Where in the text that ends which the end of the piece, begun at `start`, would cut in two; None for a clean cut."""
    fence = piece.fences[-1] if piece.fences else None
    if fence and not fence.closed and fence.end == piece.end and fence.level == 0:  # in a list it ends with that
        at = start
        for _ in range(fence.start - piece.start):
            at = text.index("\n", at) + 1
        return end_of_fence(text, at)
    for match in _LASTING_HTML.finditer(piece.text):
        line = piece.start + piece.text.count("\n", 0, match.start())
        if not any(each.start <= line < each.end for each in piece.fences):
            return len(text)
    return None


def _blocks(tokens: list[Token], first: int) -> Iterator[Block]:
    heading = ""
    for token in tokens:
        start, end = token.map or (0, 0)
        start, end = start + first, end + first
        if token.type == "fence":
            closed = end - start > token.content.count("\n") + 1
            yield Block("fence", start, end, token.content, token.info.strip(), closed, token.level)
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
def parser() -> MarkdownIt:
    """CommonMark, whose `parse` stops at the blocks. All addresses count as links, also those a browser must not open."""
    from markdown_it import MarkdownIt  # 30 ms, and most runs on a clean skill never need it

    made = MarkdownIt("commonmark", {"maxNesting": 50}).disable(["inline", "text_join"])
    made.validateLink = lambda url: True  # type: ignore[method-assign]
    return made
