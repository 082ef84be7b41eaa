"""Fences, code spans and links found without a parse, in linear time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

_MARKS = re.compile(r"```|~~~")
_OPENING = re.compile(r"((?:[ \t>]|[-+*][ \t]|\d{1,9}[.)][ \t])*)(`{3,}|~{3,})([^\n]*)$", re.MULTILINE)
# What begins a line, after at most three spaces. Written so that the search is one for `<`.
AT_START = r"<(?:(?<=\n<)|(?<=\n <)|(?<=\n  <)|(?<=\n   <)|(?<=\A<)|(?<=\A <)|(?<=\A  <)|(?<=\A   <))"
_HTML = re.compile(rf"{AT_START}(?:(script|pre|style|textarea|[?!])|[A-Za-z/])([^\n]*)", re.IGNORECASE)
_DEEP_CLOSING = re.compile(r"^ {4,}(?:`{3,}|~{3,})[ \t]*$", re.MULTILINE)
_CLOSING = {char: re.compile(rf" {{0,3}}({char}{{3,}})[ \t]*$", re.MULTILINE) for char in "`~"}


@dataclass(frozen=True, slots=True)
class Block:
    """A leaf block of a Markdown text: lines `start` (from 0) to `end` (exclusive).

    `content` is its text as CommonMark reads it. `info` is the info string of a fence, or `h1` to `h6` for a heading.
    `closed` is False for a fence that has no closing line.
    """

    kind: Literal["fence", "code", "text", "heading", "html"]
    start: int
    end: int
    content: str
    info: str = ""
    closed: bool = True


def lines_containing(text: str, words: Iterable[str]) -> Iterator[tuple[int, str]]:
    """The lines that contain one of some words, with their numbers (from 0): much faster than a pattern on every line."""
    starts = set()
    for word in words:
        at = text.find(word)
        while at >= 0:
            starts.add(text.rfind("\n", 0, at) + 1)
            at = text.find(word, _line_end(text, at))
    number = before = 0
    for start in sorted(starts):
        number += text.count("\n", before, start)
        before = start
        yield number, text[start : _line_end(text, start)]


def scan_fences(text: str, first: int = 0) -> tuple[Block, ...] | None:
    """The fences of a text whose first line has the number `first`; None where only a parse is certain.

    A line of backquotes or tildes indented by at most three columns always opens a fence: it ends any paragraph or block
    quote before it, and is either inside a list item that is indented no deeper, or ends that as well. The place where it
    closes is certain when all lines up to there are indented like it. Where all fences are like this, and none can be
    inside an HTML block, a scan is enough. A property test holds that scan and parser agree.
    Source: https://spec.commonmark.org/0.31.2/#fenced-code-blocks and #html-blocks

    Line feeds are its only line ends.
    """
    if "```" not in text and "~~~" not in text:
        return ()
    found: list[Block] = []
    at, line = 0, first
    has_tildes = "~~~" in text
    while opening := _opening(text, at, has_tildes):
        prefix, marks, info = opening.groups()
        if len(prefix) > 3 or prefix.strip(" ") or _in_html(text, at, opening.start()):
            return None
        line += text.count("\n", at, opening.start())
        if marks[0] == "`" and "`" in info:  # a code span, as in ```x```
            at = opening.end()
            continue
        begin = min(opening.end() + 1, len(text))
        closing = _closing(text, begin, marks)
        end = closing.start() if closing else len(text)
        content = text[begin:end]
        if prefix:
            # a line like a closing one, indented deeper, closes a fence in a list item and none outside
            if closing is None or not _is_inside(content + closing[0], prefix) or _DEEP_CLOSING.search(content):
                return None
            content = "\n".join(row[len(prefix) :] for row in content.split("\n"))
        rows = content.count("\n") + 1
        found.append(Block("fence", line, line + rows + bool(closing), content, info.strip(), closing is not None))
        if closing is None:
            return tuple(found)
        line += rows
        at = closing.end()
    return tuple(found)


def fence_end(text: str, at: int) -> int:
    """The offset after the fence, inside no other block, whose opening line begins at `at`."""
    opening = _OPENING.match(text, at)
    closing = _closing(text, opening.end(), opening[2]) if opening else None
    return min(closing.end() + 1, len(text)) if closing else len(text)


def _opening(text: str, at: int, has_tildes: bool) -> re.Match[str] | None:
    """The next line that opens a fence. Finding the marks first is faster than trying a pattern on every line."""
    while True:
        found = text.find("```", at)
        if has_tildes:
            found = match.start() if (match := _MARKS.search(text, at)) else -1
        if found < 0:
            return None
        if opening := _OPENING.match(text, text.rfind("\n", 0, found) + 1):
            return opening
        at = _line_end(text, found)


def _in_html(text: str, at: int, end: int) -> bool:
    """Whether an HTML block that begins after `at` may reach `end`: most end at a blank line, some at a mark of their own."""
    if text.find("<", at, end) < 0:
        return False
    for match in _HTML.finditer(text, at, end):
        is_comment = match[1] == "!" and match[2].startswith("--") and "-->" in match[2][2:]
        if not is_comment and (match[1] or text.find("\n\n", match.start(), end) < 0):
            return True
    return False


def _closing(text: str, at: int, marks: str) -> re.Match[str] | None:
    """The line that closes a fence: at least as many of the same marks, and nothing after them."""
    while (found := text.find(marks, at)) >= 0:
        if closing := _CLOSING[marks[0]].match(text, text.rfind("\n", 0, found) + 1):
            return closing
        at = _line_end(text, found)
    return None


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return end if end >= 0 else len(text)


def _is_inside(content: str, prefix: str) -> bool:
    """Whether every line is empty or indented with at least `prefix`, which is spaces."""
    return all(row.startswith(prefix) or not row for row in content.split("\n"))


_CODE = re.compile(r"\\.|`+")
_NOT_NEWLINE = re.compile(r"[^\n]")


def without_code(text: str) -> str:
    """The text of one block with a blank for each character of a code span, so that offsets and lines stay."""
    if "`" not in text:
        return text
    kept, spans, at = [], code_spans(text), 0
    while found := _CODE.search(text, at):
        start, end = found.start(), spans.get(found.start())
        part = text[start : end or found.end()]
        kept += [text[at:start], _NOT_NEWLINE.sub(" ", part) if end else part]
        at = start + len(part)
    return "".join(kept) + text[at:]


def code_spans(text: str) -> dict[int, int]:
    """The end of each code span in the text of one block, by its start: for each place where one may begin.

    The next run of as many backquotes closes a span. A backslash keeps the first backquote of a run from opening one, and
    means nothing inside a span.
    Source: https://spec.commonmark.org/0.31.2/#code-spans
    """
    ends: dict[int, int] = {}
    following: dict[int, int] = {}
    for found in reversed(list(re.finditer("`+", text))):
        start, end = found.span()
        for begin in (start, start + 1):
            if end - begin in following:
                ends[begin] = following[end - begin]
        following[end - start] = end
    return ends


_LONGEST = 1_000  # characters of a label (CommonMark 0.31.2, link reference definitions)
_TOKEN = re.compile(r"\\.|`+|!?\[|\]")
_INLINE = re.compile(
    r"\(\s*(?P<to><[^<>]{0,2000}>|(?:[^\s()<>\\]|\\.|\([^\s()]{0,500}\)){0,2000})"
    r"(?:\s+(?:\"[^\"]{0,500}\"|'[^']{0,500}'|\([^()]{0,500}\)))?\s*\)"
)
_LABEL = re.compile(r"\[(?P<label>[^\[\]]{0,500})\]")
DEFINITION = re.compile(r" {0,3}\[(?P<label>[^\[\]^][^\[\]]{0,300})\]:\s*(?P<to><[^<>]*>|\S+)")


@dataclass(frozen=True)
class LinkSpan:
    """A link or image on a line, by offsets: `start` of its opening bracket (-1: on an earlier line), `close` of the other.

    An inline link has its destination `to` and that one's place `at`; any other has the `label` of a definition.
    """

    start: int
    close: int
    end: int
    text: str
    to: str = ""
    at: tuple[int, int] = (0, 0)
    label: str = ""


def links_on(line: str) -> Iterator[LinkSpan]:
    """Every link and image on a line, inner ones first; none from code spans and escapes."""
    opened: list[int] = []
    spans, at = code_spans(line), 0
    while found := _TOKEN.search(line, at):
        token, at = found[0], found.end()
        if token[0] == "`":
            at = spans.get(found.start(), at)
        elif token[-1] == "[" and token[0] != "\\":
            opened.append(found.start())
        elif token == "]":
            start = opened.pop() if opened else -1
            link = _link(line, start, found.start())
            if link:
                yield link
                if link.end > at and line[at : at + 1] == "[":
                    at = link.end


def _link(line: str, start: int, close: int) -> LinkSpan | None:
    begin = line.index("[", start) + 1 if start >= 0 else 0
    text = line[begin : min(close, begin + _LONGEST)]
    after = line[close + 1 : close + 2]
    if after == "(" and (inline := _INLINE.match(line, close + 1)):
        return LinkSpan(start, close, inline.end(), text, inline["to"].strip("<>"), inline.span("to"))
    named = _LABEL.match(line, close + 1) if after == "[" else None
    if named and (label := named["label"].strip() or (text if start >= 0 else "")):
        return LinkSpan(start, close, named.end(), text, label=label)
    if start >= 0 and after != ":":
        return LinkSpan(start, close, close + 1, text, label=text)
    return None
