"""Finding fences without a parse, in texts where a scan of the lines gives the same answer.

A line of backquotes or tildes indented by at most three columns always opens a fence: it ends any paragraph or block
quote before it, and is either inside a list item that is indented no deeper, or ends that as well. The place where it
closes is certain when all lines up to there are indented like it. Where all fences are like this, and none can be inside
an HTML block, a scan is enough; for any other text the answer is None, and the parser decides. A property test holds
that scan and parser agree.
Source: https://spec.commonmark.org/0.31.2/#fenced-code-blocks and #html-blocks
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

_MARKS = re.compile(r"```|~~~")
_OPENING = re.compile(r"((?:[ \t>]|[-+*][ \t]|\d{1,9}[.)][ \t])*)(`{3,}|~{3,})([^\n]*)$", re.MULTILINE)
_HTML = re.compile(r"^ {0,3}<(?:(script|pre|style|textarea|[?!])|[A-Za-z/])([^\n]*)", re.MULTILINE | re.IGNORECASE)
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
    level: int = field(default=0, compare=False)
    """The number of lists, items and quotes around it, if it was parsed; 0 from a scan."""


def scan_fences(text: str, first: int = 0) -> tuple[Block, ...] | None:
    """The fences of a text, whose first line has the number `first`; None where only a parse is certain.

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


def end_of_fence(text: str, at: int) -> int:
    """The offset after the fence whose opening line begins at `at`; it is inside no list and no quote."""
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
