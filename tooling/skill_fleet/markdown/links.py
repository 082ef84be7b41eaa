"""Links and code spans on a line of Markdown, found without a parse, in linear time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

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
    spans = _spans(line)
    at = 0
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
    if start < 0:
        return None
    if after == "[" and (named := _LABEL.match(line, close + 1)):
        return LinkSpan(start, close, named.end(), text, label=named["label"].strip() or text)
    if after not in ("(", ":") or after == "(":
        return LinkSpan(start, close, close + 1, text, label=text)
    return None


def _spans(line: str) -> dict[int, int]:
    """The start and end of each code span: the next run of as many backquotes closes it."""
    if "`" not in line:
        return {}
    runs = [(found.start(), found.end()) for found in re.finditer(r"`+", line)]
    following: dict[int, int] = {}
    latest: dict[int, int] = {}
    for start, end in reversed(runs):
        following[start] = latest.get(end - start, 0)
        latest[end - start] = end
    return {start: end for start, end in following.items() if end}


_NOT_NEWLINE = re.compile(r"[^\n]")


def without_code(text: str) -> str:
    """The text of one block with a blank for each character of a code span, so that offsets and lines stay.

    The next run of as many backquotes closes a span. A backslash keeps the first backquote of a run from opening one, and
    means nothing inside a span.
    Source: https://spec.commonmark.org/0.31.2/#code-spans
    """
    if "`" not in text:
        return text
    runs = [match.span() for match in re.finditer("`+", text)]
    waiting: dict[int, list[int]] = {}
    for index in range(len(runs) - 1, -1, -1):  # the nearest one last, to be popped
        waiting.setdefault(runs[index][1] - runs[index][0], []).append(index)
    kept, at, index = [], 0, 0
    while index < len(runs):
        start, end = runs[index]
        if _is_escaped(text, start, at):
            start += 1
        closing = _after(waiting.get(end - start, []), index) if end > start else None
        if closing is not None:
            kept.append(text[at:start])
            at = runs[closing][1]
            kept.append(_NOT_NEWLINE.sub(" ", text[start:at]))
            index = closing
        index += 1
    kept.append(text[at:])
    return "".join(kept)


def _is_escaped(text: str, at: int, since: int) -> bool:
    """Whether an odd number of backslashes precedes `at`, counted from the end `since` of the span before."""
    start = at
    while start > since and text[start - 1] == "\\":
        start -= 1
    return (at - start) % 2 == 1


def _after(indexes: list[int], index: int) -> int | None:
    while indexes and indexes[-1] <= index:
        indexes.pop()
    return indexes[-1] if indexes else None
