"""What a Markdown text is made of. CommonMark decides, through markdown-it-py; nothing is guessed from its looks.

A parse costs more than all rules together, so callers ask in steps: `fences` (mostly without a parse), then
`blocks_near`, `prose_near` and `links_near` the lines where a rule saw a word that made it ask.
Source: https://spec.commonmark.org/0.31.2/
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from skill_fleet.markdown.fences import Block, end_of_fence, scan_fences
from skill_fleet.markdown.links import without_code

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
    """Where `target` is written behind a bracket, from (row, column) on; None when it is spelled in another way there."""
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


_EXPLICIT = re.compile(r"""(?:\b(?:id|name)\s*=\s*["']?|\{#)([^"'\s>}]+)""")
_HTML = re.compile(r"^[^\S\n]*<", re.MULTILINE)
_NO_ANCHOR = re.compile(r"[^a-z0-9_ -]+")
_PLAIN_HEADING = re.compile(r"^#{1,6} +([\w ,.;:()/&'\"!?-]+?) *$", re.MULTILINE)


def slug(heading: str) -> str:
    """The anchor that GitHub makes of a heading's text: lower case, blanks to hyphens, no punctuation.

    Source: https://docs.github.com/en/get-started/writing-on-github (section links)
    """
    heading = heading.strip().lower()
    if heading.isascii():
        return _NO_ANCHOR.sub("", heading).replace(" ", "-")
    kept = (char for char in heading if char in "-_ " or char.isalnum() or _is_mark(char))
    return "".join(kept).replace(" ", "-")


def anchors(text: Markdown) -> frozenset[str]:
    """Every anchor of a text, in lower case: of its headings, and those that its HTML or its headings set."""
    found = set(_slugs(words for _, words in text.headings))
    return frozenset(found | {match.lower() for match in _EXPLICIT.findall(text.text)})


def sure_anchors(text: Markdown) -> frozenset[str]:
    """Anchors that are there for sure, told without a parse: of headings in plain words, outside fences."""
    beside = text.without_fences
    if "<" in beside and _HTML.search(beside):
        return frozenset()  # a heading inside an HTML block is none
    return frozenset(map(slug, _PLAIN_HEADING.findall(beside)))


def _slugs(headings: Iterable[str]) -> Iterable[str]:
    """The anchors of headings in order: the second of the same words gets `-1` behind it, the third `-2`."""
    seen: dict[str, int] = {}
    for heading in headings:
        word = slug(heading)
        yield f"{word}-{seen[word]}" if word in seen else word
        # both spellings, since renderers differ in what they do with the sign that makes an emoji of a letter
        yield word.replace("\ufe0f", "")
        seen[word] = seen.get(word, 0) + 1


def _is_mark(char: str) -> bool:
    return not char.isascii() and unicodedata.category(char)[0] == "M"
