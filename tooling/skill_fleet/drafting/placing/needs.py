"""Names that the code of one file needs and the code of another defines: why a reader of the first opens the second."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

from skill_fleet.drafting.pages.page import Page
from skill_fleet.drafting.placing.items import Item, Piece

MOST = 4
_PYTHON = re.compile(r"\s*from\s+[\w.]+\s+import\s+(?P<names>\(?[\w\s,]*)")
_SCRIPT = re.compile(r"\s*import\s+(?:type\s+)?\{(?P<names>[\w\s,$]*)")
_NAME = re.compile(r"(?<!\w)[A-Za-z_]\w{2,}")
_USED = re.compile(r"(?<![\w.])(?:[a-z]+_[a-z_]+|[A-Z]\w*[a-z]\w*[A-Z]\w*)(?=[(),.\])])")
_DEFINED = re.compile(
    r"(?:export\s+)?(?:default\s+)?(?:async\s+)?(?:def|class|function|interface|type|const)\s+([A-Za-z_]\w{2,})"
)
_ASSIGNED = re.compile(r"([A-Za-z_]\w{2,})(?:\s*:\s*[\w\[\], .]+)?\s*=(?!=)")


@dataclass(frozen=True)
class Needs:
    """Names that the code of SKILL.md `imports`, and others that it `uses` and does not define."""

    imports: frozenset[str] = frozenset()
    uses: frozenset[str] = frozenset()


def needs_of(items: Sequence[Item]) -> Needs:
    """What the fences among the items have from somewhere else; of the names used, those that are spelt like code."""
    imports: set[str] = set()
    uses: set[str] = set()
    own: set[str] = set()
    for piece in (item for item in items if isinstance(item, Piece)):
        imports.update(_imports(piece.page, piece.first, piece.last))
        for line in _code(piece.page, piece.first, piece.last):
            uses.update(_USED.findall(line))
            own.update(found[1] for found in (_DEFINED.match(line.lstrip()), _ASSIGNED.match(line)) if found)
    return Needs(frozenset(imports), frozenset(uses - own - imports))


def _code(page: Page, first: int, last: int) -> Iterator[str]:
    return (line for fence in page.fences(first, last) for line in page.lines[fence.first + 1 : fence.last])


def _imports(page: Page, first: int, last: int) -> Iterator[str]:
    lines = _code(page, first, last)
    for line in lines:
        if found := _PYTHON.match(line) or _SCRIPT.match(line):
            text = line
            while ("(" in text and ")" not in text) or ("{" in text and "}" not in text):
                text += f" {(more := next(lines, ')}'))}"
                if more == ")}":
                    break
            yield from _NAME.findall(re.sub(r"\s+as\s+\w+|['\"][^'\"]*['\"]", "", text[found.start("names") :]))


def defined(page: Page, first: int, last: int, needs: Needs, known: Container[str] = ()) -> list[str]:
    """Of the names that are needed, those that the fences there define at their left margin, at most four; of an
    imported one its assignment will do. Without `known` ones, which another file defines before.
    """
    if not (needs.imports or needs.uses):
        return []
    names: dict[str, None] = {}
    for line in _code(page, first, last):
        found, assigned = _DEFINED.match(line), _ASSIGNED.match(line)
        if found and (found[1] in needs.imports or found[1] in needs.uses):
            names[found[1]] = None
        elif assigned and assigned[1] in needs.imports:
            names[assigned[1]] = None
    return [name for name in names if name not in known][:MOST]
