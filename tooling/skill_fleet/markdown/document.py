"""A Markdown text and its parts, as CommonMark defines them and markdown-it-py parses them.

A parse takes longer than all checks together. So fences are found without one where that is possible, and a caller looks
for the lines that it is interested in before it asks for their blocks.
Source: https://spec.commonmark.org/0.31.2/
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from skill_fleet.markdown.scanning import AT_START, Block, fence_end, lines_containing, scan_fences, without_code
from skill_fleet.markdown.words import plain

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token


@cache
def parser() -> MarkdownIt:
    """The CommonMark parser; its `parse` stops at blocks. Any address makes a link, even one that a browser must not open."""
    from markdown_it import MarkdownIt  # 30 ms, and most runs on a clean skill do not need it

    made = MarkdownIt("commonmark", {"maxNesting": 50}).disable(["inline", "text_join"])
    made.validateLink = lambda url: True  # type: ignore[method-assign]
    return made


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


_TEXT = ("text", "code_inline", "text_special")  # the last one: an escape or an entity


@dataclass(frozen=True, slots=True)
class Link:
    """A link or an image: its target (escapes resolved), and the line and column (from 1) where that begins.

    For a link by reference, these are the line and the column of its label.
    """

    target: str
    line: int
    column: int
    is_image: bool = False


# Links that are certain without a parse, where a text has nothing else that may mean something to them.
_PLAIN_LINK = re.compile(r"(!?)\[[^]\[`\\<&]*\]\(([A-Za-z0-9_./#-]+)\)")
_PLAIN_LINKS = re.compile(rf"(?:[^]\[`\\<&!]++|!(?!\[)|(?<!`)`[^]\[`\\<&]++`(?!`)|{_PLAIN_LINK.pattern})*+")
_MAX_LABELS = 10
"""The number of definitions of one target by which the place of a link is looked for."""
_CUT = re.compile(r"\n\n(?=#{1,6}[ \t\n])")
_LONG_HTML = re.compile(rf"{AT_START}(?:(?:script|pre|style|textarea)(?![a-z0-9-])|\?|!(?!--.*-->))", re.IGNORECASE)


@dataclass(frozen=True)
class _Part:
    """Lines of a text that are parsed alone; the first one is line `start` (from 0) of the text."""

    text: str
    start: int
    env: dict[str, Any]

    @cached_property
    def end(self) -> int:
        """The line after its last one."""
        return self.start + self.text.count("\n")

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """Its leaf blocks, with their lines in the text."""
        found = _blocks(parser().parse(self.text, self.env))
        return tuple(replace(each, start=each.start + self.start, end=each.end + self.start) for each in found)

    @cached_property
    def fences(self) -> tuple[Block, ...]:
        """Its fences, without a parse where that is possible."""
        if (scanned := scan_fences(self.text, self.start)) is not None:
            return scanned
        return tuple(block for block in self.blocks if block.kind == "fence")


def _parts(text: str, env: dict[str, Any]) -> Iterator[_Part]:
    """Cut a text where no block goes on: at headings after a blank line, outside fences and HTML."""
    start = line = 0
    while start < len(text):
        cut = _CUT.search(text, start)
        part = _Part(text[start : cut.end() if cut else len(text)], line, env)
        if cut and (end := _open_end(text, start, part)):
            part = _Part(text[start:end], line, env)
        yield part
        start, line = start + len(part.text), part.end


def _open_end(text: str, start: int, part: _Part) -> int:
    """The offset at which the block ends that goes on after `part`, which begins at `start`; 0 when none does."""
    has_html = "<" in part.text and _LONG_HTML.search(part.text)
    if has_html and _LONG_HTML.search(_without(part.fences, part.text.split("\n"), part.start)):
        return len(text)
    if not part.fences or part.fences[-1].closed:
        return 0
    rows, row = part.text.split("\n"), part.fences[-1].start - part.start
    indent = len(rows[row]) - len(rows[row].lstrip(" "))
    if not indent and rows[row][0] in "`~":  # inside no other block
        return fence_end(text, start + sum(len(each) + 1 for each in rows[:row]))
    # a deeper one, or one after other marks, ends with its list or quotation
    return len(text) if indent <= 3 and rows[row][indent] in "`~" else 0


def _without(fences: Iterable[Block], lines: list[str], first: int = 0) -> str:
    """The text of `lines`, of which the first one has the number `first`, with a blank line for each line of a fence."""
    rows = lines.copy()
    for fence in fences:
        rows[fence.start - first : fence.end - first] = [""] * (fence.end - fence.start)
    return "\n".join(rows)


@dataclass(frozen=True)
class Markdown:
    """A Markdown text. `first_line` is the number (from 1) of its first line in the file."""

    source: str
    first_line: int = 1
    _env: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def text(self) -> str:
        """The source with line feeds as its only line ends, and one at its end."""
        text = self.source
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        if "\0" in text:
            text = text.replace("\0", "\ufffd")
        return text if text.endswith("\n") else f"{text}\n"

    @cached_property
    def lines(self) -> list[str]:
        """The lines. Only CommonMark's line ends count, not all of Python's (form feed, U+2028)."""
        return self.text.split("\n")[:-1]

    @cached_property
    def _parts(self) -> tuple[_Part, ...]:
        return tuple(_parts(self.text, self._env))

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The leaf blocks, in the order of the text."""
        return tuple(block for part in self._parts for block in part.blocks)

    def blocks_at(self, lines: Iterable[int]) -> tuple[Block, ...]:
        """The leaf blocks that contain one of `lines` (from 0)."""
        wanted = sorted(lines)
        if not wanted:
            return ()
        near = (part for part in self._parts if _has(wanted, part))
        return tuple(block for part in near for block in part.blocks if _has(wanted, block))

    @cached_property
    def fences(self) -> tuple[Block, ...]:
        """The fenced code blocks, without a parse where that is possible."""
        if (scanned := scan_fences(self.text)) is not None:
            return scanned
        return tuple(fence for part in self._parts for fence in part.fences)

    @cached_property
    def without_fences(self) -> str:
        """The text with a blank line for each line of a fence."""
        return _without(self.fences, self.lines) if self.fences else self.text

    def lines_with(self, pattern: re.Pattern[str], words: Iterable[str]) -> list[int]:
        """The lines (from 0) outside fences in which `pattern` matches. Each match contains one of `words`."""
        if not any(word in self.text for word in words):
            return []
        return [number for number, line in lines_containing(self.without_fences, words) if pattern.search(line)]

    def prose_at(self, lines: Iterable[int]) -> Iterator[tuple[int, str]]:
        """The lines of the paragraphs and headings that contain one of `lines` (from 0), with their numbers in the file.

        A code span becomes blanks.
        """
        for block in self.blocks_at(lines):
            if block.kind in ("text", "heading"):
                rows = without_code("\n".join(self.lines[block.start : block.end])).split("\n")
                yield from enumerate(rows, self.first_line + block.start)

    def links_at(self, lines: Iterable[int]) -> Iterator[Link]:
        """The links and images of the blocks that contain one of `lines` (from 0), in the order of the text.

        All of them where the text may define reference links, because any bracket may be a link then.
        """
        for block in self.blocks if "]:" in self.text else self.blocks_at(lines):
            if block.kind in ("text", "heading") and "]" in block.content:
                yield from self._links_of(block)

    @cached_property
    def headings(self) -> tuple[tuple[int, str], ...]:
        """The headings as plain text, with their lines in the file."""
        found = []
        for block in self.blocks:
            if block.kind == "heading":
                found.append((self.first_line + block.start, inline_text(block.content, self._env)))
        return tuple(found)

    def _links_of(self, block: Block) -> Iterator[Link]:
        lines = self.lines[block.start : block.end]
        row, column = 0, 0
        for encoded, is_image in self._targets(block):
            target = _decoded(encoded)
            place = _place(lines, {target, encoded} - {""}, self._labels.get(encoded, ()), row, column)
            if place:
                row, column = place
            line, at = place or (0, 0)
            yield Link(target, self.first_line + block.start + line, at + 1, is_image)

    @cached_property
    def _labels(self) -> dict[str, list[str]]:
        """The labels of the link definitions, in upper case, by their targets; for after the parse."""
        found: dict[str, list[str]] = {}
        for label, definition in self._env.get("references", {}).items():
            found.setdefault(definition["href"], []).append(label)
        return found

    def _targets(self, block: Block) -> Iterator[tuple[str, bool]]:
        """The targets of the links and images of a block, with their special characters encoded; whether it is an image."""
        if _PLAIN_LINKS.fullmatch(block.content):
            yield from ((target, bool(mark)) for mark, target in _PLAIN_LINK.findall(block.content))
            return
        for token in _inline(block.content, self._env):
            if token.type in ("link_open", "image") and token.markup != "autolink":
                yield str(token.attrs.get("href" if token.type == "link_open" else "src", "")), token.type == "image"


def inline_text(content: str, env: dict[str, Any] | None = None) -> str:
    """The text of inline Markdown without its marks. Anchors are made of that of headings."""
    return "".join(token.content for token in _inline(content, {} if env is None else env) if token.type in _TEXT)


def _inline(content: str, env: dict[str, Any]) -> Iterator[Token]:
    tokens: list[Token] = []
    markdown_it = parser()
    markdown_it.inline.parse(_without_open_brackets(content), markdown_it, env, tokens)
    yield from _flat(tokens)


def _has(lines: list[int], part: _Part | Block) -> bool:
    """Whether one of the sorted `lines` is in `part`."""
    return bisect_left(lines, part.start) < bisect_left(lines, part.end)


def _flat(tokens: list[Token]) -> Iterator[Token]:
    """The tokens, and those inside images, at any depth."""
    for token in tokens:
        yield token
        if token.type == "image":
            yield from _flat(token.children or [])


def _without_open_brackets(content: str) -> str:
    """The text of a block with a letter for each bracket that opens after the last link.

    Nothing closes such a bracket, and the parser would search to the end for each: quadratic time.
    """
    end = content.find(")", content.rfind("]") + 1)
    return content[:end] + content[end:].replace("[", "x") if end >= 0 else content


def _place(
    lines: list[str], targets: Iterable[str], labels: Sequence[str], row: int, column: int
) -> tuple[int, int] | None:
    """The first place of a target or, of a link by reference, of its label after (row, column); None where it has escapes."""
    marked = [(f"{opening}{target}", len(opening)) for target in targets for opening in ("](", "](<")]
    for number in range(row, len(lines)):
        line, start = lines[number], column + 1 if number == row and (row or column) else 0
        found = [at + skipped for text, skipped in marked if (at := line.find(text, start)) >= 0]
        upper = line.upper() if labels else ""
        for label in labels[:_MAX_LABELS] if len(upper) == len(line) else ():
            at = upper.find(f"[{label}]", start)
            if at >= 0 and line[at + len(label) + 2 : at + len(label) + 3] != "(":
                found.append(at + 1)
        if found:
            return number, min(found)
    return None


def _decoded(target: str) -> str:
    if "%" not in target:
        return target
    from urllib.parse import unquote

    return unquote(target)


_EXPLICIT = re.compile(r"""(?:\b(?:id|name)\s*=\s*["']?|\{:?(?:[ \t]*\.[\w-]+)*[ \t]*#)([^"'\s>}]+)""")
_HTML = re.compile(r"^[^\S\n]*<", re.MULTILINE)
_NO_ANCHOR = re.compile(r"[^a-z0-9_ -]+")
_PLAIN_HEADING = re.compile(r"^#{1,6} +([\w ,.;:()/&'\"!?-]+?) *$", re.MULTILINE)


def slug(heading: str) -> str:
    """The anchor that GitHub makes of a heading's text: lower case, hyphens for spaces, no punctuation.

    Source: https://docs.github.com/en/get-started/writing-on-github (section links)
    """
    heading = heading.strip().lower()
    if heading.isascii():
        return _NO_ANCHOR.sub("", heading).replace(" ", "-")
    kept = (char for char in heading if char in "-_ " or char.isalnum() or _is_mark(char))
    return "".join(kept).replace(" ", "-")


def anchors(text: Markdown) -> frozenset[str]:
    """Every anchor of a text, in lower case: of its headings, of attributes such as `{ #id }`, and of HTML."""
    found = set(_slugs(words for _, words in text.headings))
    return frozenset(found | {match.lower() for match in _EXPLICIT.findall(text.text)})


def sure_anchors(text: Markdown) -> frozenset[str]:
    """Anchors that are certain without a parse: those of headings in plain words, outside fences."""
    beside = text.without_fences
    if "<" in beside and _HTML.search(beside):
        return frozenset()  # a heading inside an HTML block does not count
    return frozenset(map(slug, _PLAIN_HEADING.findall(beside)))


def _slugs(headings: Iterable[str]) -> Iterable[str]:
    """The anchors of headings in order: a second heading of the same words gets `-1` appended, a third `-2`."""
    seen: dict[str, int] = {}
    for heading in headings:
        word = slug(heading)
        yield f"{word}-{seen[word]}" if word in seen else word
        # with and without the sign that makes an emoji of a letter: renderers differ
        yield word.replace("\ufe0f", "")
        seen[word] = seen.get(word, 0) + 1


def _is_mark(char: str) -> bool:
    return not char.isascii() and unicodedata.category(char)[0] == "M"


def estimated_tokens(text: str) -> int:
    """An estimate of the tokens that a model takes a text for: four ASCII characters each, or one other character."""
    plain = len(text) if text.isascii() else len(text.encode("ascii", "ignore"))
    return -(-plain // 4) + len(text) - plain


@dataclass(frozen=True)
class Part:
    """Lines `first` to `last` (from 1, inclusive) under `heading` ("" before the first), including lower headings."""

    heading: str
    level: int
    first: int
    last: int


def parts_of(path: str, text: str) -> tuple[Part, ...]:
    """The parts of a file, each up to the next heading of its level or above, a title up to the first section.

    What is no Markdown is one part.
    """
    count = max(1, len(text.removesuffix("\n").split("\n")))
    blocks = Markdown(without_front_matter(text)).blocks if path.endswith(".md") else ()
    found = [(plain(one.content), int(one.info[1:]), one.start + 1) for one in blocks if one.kind == "heading"]
    parts = [Part("", 0, 1, (found[0][2] - 1) if found else count)]
    for at, (heading, level, first) in enumerate(found, 1):
        last = next((line - 1 for _, other, line in found[at:] if other <= max(level, 2)), count)
        parts.append(Part(heading, level, first, last))
    return tuple(parts)


def part_at(parts: Iterable[Part], line: int) -> Part:
    """The innermost of the parts of a file that contains `line`; the first if none does."""
    first, *others = parts
    return max((part for part in others if part.first <= line <= part.last), key=lambda one: one.level, default=first)


def without_front_matter(text: str) -> str:
    """The text with blank lines for its front matter, so that line numbers stay."""
    if not text.startswith("---\n") or (end := text.find("\n---\n", 3)) < 0:
        return text
    return "\n" * text.count("\n", 0, end + 5) + text[end + 5 :]
