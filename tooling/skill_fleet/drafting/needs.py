"""Names that the code of one file imports and the code of another defines: why a reader of the first opens the second."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from skill_fleet.drafting.items import Item, Piece
from skill_fleet.drafting.page import Page

MOST = 4
_PYTHON = re.compile(r"\s*from\s+[\w.]+\s+import\s+(?P<names>\(?[\w\s,]*)")
_SCRIPT = re.compile(r"\s*import\s+(?:type\s+)?\{(?P<names>[\w\s,$]*)")
_NAME = re.compile(r"(?<!\w)[A-Za-z_]\w{2,}")
_DEFINED = re.compile(
    r"(?:export\s+)?(?:default\s+)?(?:async\s+)?(?:def|class|function|interface|type|const)\s+([A-Za-z_]\w{2,})"
)


def imported(items: Sequence[Item]) -> frozenset[str]:
    """The names that the fences among the items import from somewhere."""
    pieces = (item for item in items if isinstance(item, Piece))
    return frozenset(name for piece in pieces for name in _imports(piece.page, piece.first, piece.last))


def _imports(page: Page, first: int, last: int) -> Iterator[str]:
    for fence in page.fences(first, last):
        lines = iter(page.lines[fence.first + 1 : fence.last])
        for line in lines:
            if found := _PYTHON.match(line) or _SCRIPT.match(line):
                text = line
                while ("(" in text and ")" not in text) or ("{" in text and "}" not in text):
                    text += f" {(more := next(lines, ')}'))}"
                    if more == ")}":
                        break
                yield from _NAME.findall(re.sub(r"\s+as\s+\w+|['\"][^'\"]*['\"]", "", text[found.start("names") :]))


def defined(page: Page, first: int, last: int, wanted: Collection[str]) -> list[str]:
    """Of the names that are wanted, those that the fences there define at their left margin, at most four."""
    if not wanted:
        return []
    lines = (line for fence in page.fences(first, last) for line in page.lines[fence.first + 1 : fence.last])
    names = (found[1] for line in lines if (found := _DEFINED.match(line)))
    return [name for name in dict.fromkeys(names) if name in wanted][:MOST]
