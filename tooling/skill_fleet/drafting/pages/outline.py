"""The blocks of a Markdown text as CommonMark sees them: what is a heading, what must not be cut.

markdown-it-py's block parser decides, with GFM tables. Inline text is never parsed and nested tokens are not kept, so
that megabytes take a second; and link reference definitions count as paragraphs, for the parser's rule is quadratic.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from skill_fleet.drafting.pages.tables import quick_heading, quick_table

_KEPT_NESTED = {"fence", "code_block", "html_block"}


class Block(NamedTuple):
    """A block at the top level, from line `first` (from 0) up to where the next one starts; `end` is without blanks."""

    kind: str
    first: int
    last: int
    end: int
    level: int = 0
    text: str = ""


@dataclass(frozen=True)
class Fence:
    """A fenced code block at any depth: marks included, `info` is what follows the opening mark."""

    first: int
    last: int
    info: str
    mark: str
    top: bool


@dataclass(frozen=True)
class Outline:
    """Everything later steps ask about the shape of a text."""

    blocks: tuple[Block, ...]
    fences: tuple[Fence, ...]
    literal: tuple[tuple[int, int], ...]


_SCRATCH = Token("", "", 0)  # what the rules write into when nobody will read it: making a token is most of their work


class _TopLevel(StateBlock):
    """Keeps the tokens of the top level, and code and HTML at any depth; the rest is parsed and thrown away."""

    def push(self, ttype: str, tag: str, nesting: Literal[-1, 0, 1]) -> Token:
        level = self.level - 1 if nesting < 0 else self.level
        self.level += nesting
        if ttype not in _KEPT_NESTED and (level or nesting < 0 or ttype == "inline"):
            return _SCRATCH
        token = Token(ttype, tag, nesting, block=True, level=level)
        self.tokens.append(token)
        return token


def _parser() -> MarkdownIt:
    markdown = MarkdownIt("commonmark")
    markdown.disable("reference")
    markdown.block.ruler.before("code", "table", quick_table, {"alt": ["paragraph"]})
    markdown.block.ruler.before("table", "quick_heading", quick_heading, {"alt": []})
    return markdown


_PARSER = _parser()


def outline(lines: Sequence[str]) -> Outline:
    """The outline of a text given as lines (without their ends)."""
    source = "\n".join(lines).replace("\0", "\ufffd")
    state = _TopLevel(source, _PARSER, {}, [])
    _PARSER.block.tokenize(state, 0, state.lineMax)
    tops: list[Token] = []
    fences: list[Fence] = []
    literal: list[tuple[int, int]] = []
    texts: dict[int, str] = {}
    for token in state.tokens:
        if token.map is None:
            continue
        first, last = token.map
        if token.type in _KEPT_NESTED:
            literal.append((first, min(last, len(lines))))
            if token.type == "fence":
                fences.append(Fence(first, min(last, len(lines)), token.info.strip(), token.markup, token.level == 0))
        if token.level == 0:
            tops.append(token)
            if token.type == "heading_open":
                texts[first] = _heading_text(lines[first:last], token.markup)
    starts = [token.map[0] for token in tops if token.map] + [len(lines)]
    blocks = tuple(
        Block(
            kind=token.type.removesuffix("_open"),
            first=starts[at],
            last=max(starts[at + 1], starts[at]),
            end=min(token.map[1], len(lines)),
            level=int(token.tag[1]) if token.type == "heading_open" else 0,
            text=texts.get(token.map[0], ""),
        )
        for at, token in enumerate(tops)
        if token.map
    )
    return Outline(blocks, tuple(fences), tuple(literal))


def _heading_text(lines: Sequence[str], markup: str) -> str:
    if markup.startswith("#"):
        text = lines[0].strip().lstrip("#").strip()
        bare = text.rstrip("#")
        return bare.strip() if bare != text and (not bare or bare[-1] in " \t") else text
    return " ".join(line.strip() for line in lines[:-1])
