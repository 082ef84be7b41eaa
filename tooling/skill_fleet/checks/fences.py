"""Fences without a parse: a scan of the lines that start one, for texts where that is certain.

A fence that begins at the first column is at the top level wherever it stands: it ends any paragraph, list or quotation
before it. So where all fences do, and no HTML block could swallow one, looking at lines is enough; anywhere else the
answer is None and the parser decides. A property test holds the two together.
Source: https://spec.commonmark.org/0.31.2/#fenced-code-blocks and #html-blocks
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

_OPENING = re.compile(r"^((?:[ \t>]|[-+*][ \t]|\d{1,9}[.)][ \t])*)(`{3,}|~{3,})([^\n]*)$", re.MULTILINE)
_HTML = re.compile(r"^ {0,3}<[A-Za-z/!?]", re.MULTILINE)
_CLOSING = {char: re.compile(rf"^ {{0,3}}({char}{{3,}})[ \t]*$", re.MULTILINE) for char in "`~"}


@dataclass(frozen=True, slots=True)
class Block:
    """A leaf of a text: `start` and `end` are its lines, from 0, `end` being the line after the last one.

    `info` is what stands behind a fence's opening, or `h1` to `h6` for a heading; `closed` is False for a fence that
    ends only because the text, the list item or the quotation around it does. `content` is what CommonMark makes of it.
    """

    kind: Literal["fence", "code", "text", "heading", "html"]
    start: int
    end: int
    content: str
    info: str = ""
    closed: bool = True


def scan_fences(text: str) -> tuple[Block, ...] | None:
    """The fences of a text with plain line ends; None where only a parse can tell."""
    if "```" not in text and "~~~" not in text:
        return ()
    found: list[Block] = []
    at, line = 0, 0
    while opening := _OPENING.search(text, at):
        prefix, marks, info = opening.groups()
        if marks[0] == "`" and "`" in info:  # a code span, as in ```x```
            if prefix.strip():  # or, in a container, who knows
                return None
            line += text.count("\n", at, opening.end())
            if _HTML.search(text, at, opening.start()):
                return None
            at = opening.end()
            continue
        if prefix or _HTML.search(text, at, opening.start()):
            return None
        line += text.count("\n", at, opening.start())
        begin = min(opening.end() + 1, len(text))
        closing = _closing(text, begin, marks)
        end = closing.start() if closing else len(text)
        rows = text.count("\n", opening.start(), end)
        content = text[begin:end]
        if closing is None and not text.endswith("\n"):
            rows += 1
        last = line + rows + (1 if closing else 0)
        found.append(Block("fence", line, last, content, info.strip(), closing is not None))
        if closing is None:
            return tuple(found)
        line += rows
        at = closing.end()
    return tuple(found)


def _closing(text: str, at: int, marks: str) -> re.Match[str] | None:
    """The line that closes a fence: at least as many of the same marks, and nothing behind them."""
    return next((match for match in _CLOSING[marks[0]].finditer(text, at) if len(match[1]) >= len(marks)), None)
