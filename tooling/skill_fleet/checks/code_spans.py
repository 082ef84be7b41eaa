"""Code spans, found without a parse of everything else in the text."""

from __future__ import annotations

import re

_NOT_NEWLINE = re.compile(r"[^\n]")


def without_code(text: str) -> str:
    """The text of one block with a blank for each character of a code span; its length and lines stay.

    A run of backquotes opens a span that the next run of the same length closes; a backslash keeps the first backquote
    of a run from opening one, and means nothing inside a span.
    Source: https://spec.commonmark.org/0.31.2/#code-spans
    """
    if "`" not in text:
        return text
    runs = [match.span() for match in re.finditer("`+", text)]
    waiting: dict[int, list[int]] = {}
    for index in range(len(runs) - 1, -1, -1):  # the nearest last, where it is popped
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
    """Whether an odd number of backslashes stands before `at`, none of them inside the span that ends at `since`."""
    start = at
    while start > since and text[start - 1] == "\\":
        start -= 1
    return (at - start) % 2 == 1


def _after(indexes: list[int], index: int) -> int | None:
    while indexes and indexes[-1] <= index:
        indexes.pop()
    return indexes[-1] if indexes else None
