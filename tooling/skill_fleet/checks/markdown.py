"""What a Markdown text is made of. CommonMark decides, through markdown-it-py; nothing is guessed from its looks.

A parse costs more than all rules together, so callers ask in steps: `fences` (mostly without a parse), `blocks`
(without a look into the text), `prose` and `links`. Most rules first look for a word that would make them ask.
Source: https://spec.commonmark.org/0.31.2/
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from skill_fleet.checks.code_spans import without_code
from skill_fleet.checks.fences import Block, scan_fences

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token


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
        return tuple(_blocks(_parser().parse(self.text, self._env)))

    @cached_property
    def fences(self) -> tuple[Block, ...]:
        """Its fences."""
        if "blocks" not in self.__dict__ and (found := scan_fences(self.text)) is not None:
            return found
        return tuple(block for block in self.blocks if block.kind == "fence")

    @cached_property
    def without_fences(self) -> str:
        """The text without its fences where they can be told without a parse, or else all of it."""
        found = scan_fences(self.text)
        if not found:
            return self.text
        rows = self.lines.copy()
        for fence in reversed(found):
            rows[fence.start : fence.end] = []
        return "\n".join(rows)

    @cached_property
    def prose(self) -> tuple[tuple[int, str], ...]:
        """Its lines of text with their numbers in the file, without fences, code and HTML; each code span is blanks."""
        found = []
        for block in self.blocks:
            if block.kind in ("text", "heading"):
                lines = without_code("\n".join(self.lines[block.start : block.end])).split("\n")
                found += [(self.first_line + block.start + number, line) for number, line in enumerate(lines)]
        return tuple(found)

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """Its links and images, in the order of the text."""
        found: list[Link] = []
        for block in self.blocks:
            if block.kind in ("text", "heading") and "]" in block.content:
                found += self._links_of(block)
        return tuple(found)

    @cached_property
    def headings(self) -> tuple[tuple[int, str], ...]:
        """Its headings as text, without markup, with their lines in the file."""
        found = []
        for block in self.blocks:
            if block.kind == "heading":
                parts = (token.content for token in self._inline(block) if token.type in ("text", "code_inline"))
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
        parser = _parser()
        parser.inline.parse(block.content, parser, self._env, tokens)
        yield from _flat(tokens)


def _flat(tokens: list[Token]) -> Iterator[Token]:
    """The tokens with those inside of images, which may hold further images."""
    for token in tokens:
        yield token
        if token.type == "image":
            yield from _flat(token.children or [])


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
def _parser() -> MarkdownIt:
    """CommonMark, whose `parse` stops at the blocks. All addresses count as links, also those a browser must not open."""
    from markdown_it import MarkdownIt  # 30 ms, and most runs on a clean skill never need it

    parser = MarkdownIt("commonmark", {"maxNesting": 50}).disable(["inline", "text_join"])
    parser.validateLink = lambda url: True  # type: ignore[method-assign]
    return parser
