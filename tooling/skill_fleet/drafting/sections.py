"""A Page as a tree of sections, and the cutting of a long one that has no headings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

from skill_fleet.drafting.page import Page
from skill_fleet.drafting.plain import plain, shortened

_LABEL = re.compile(r"\s*(\*\*|__)(?P<text>[^*_]{2,80}?):?\1:?\s*$")
PIECE_LINES = 300
PIECE_TOKENS = 4000


@dataclass(frozen=True)
class Section:
    """Lines `first` up to `last`: a heading up to `body`, then its text. The root has level 0 and no heading.

    `made` is the heading that has to be written where the source has none: a `<summary>`, or a piece cut by length.
    """

    title: str
    level: int
    first: int
    body: int
    last: int
    children: tuple[Section, ...] = ()
    made: bool = False

    @property
    def stub(self) -> int:
        """Where the section's own text ends and its first child begins."""
        return self.children[0].first if self.children else self.last

    @property
    def piece(self) -> bool:
        """Whether it was cut by length: it has no line of its own for a heading."""
        return self.made and self.body == self.first

    def walk(self) -> Iterator[Section]:
        """This section and all below it, in order."""
        ahead = [self]
        while ahead:
            section = ahead.pop()
            yield section
            if section.children:
                ahead += section.children[::-1]


_TREES: WeakKeyDictionary[Page, Section] = WeakKeyDictionary()  # several steps ask, and a page never changes


def tree(page: Page) -> Section:
    """The sections of a page: headings of the top level, and `<summary>` lines that stand for one."""
    known = _TREES.get(page)
    if known is None:
        known = _TREES[page] = _tree(page)
    return known


def _tree(page: Page) -> Section:
    heads = [(b.first, b.end, b.level, plain(b.text), False) for b in page.outline.blocks if b.level]
    heads += [(first, body, level, title, True) for first, body, level, title in page.summaries]
    heads.sort()
    root = Section("", 0, page.start, page.start, len(page.lines))
    return replace(root, children=_nest(heads, root.last))


def _nest(heads: Sequence[tuple[int, int, int, str, bool]], last: int) -> tuple[Section, ...]:
    """Built from the end, so that each heading finds its children complete: one pass, whatever levels are skipped."""
    pending: list[Section] = []
    for first, body, level, title, made in reversed(heads):
        children = []
        while pending and pending[-1].level > level:
            children.append(pending.pop())
        end = pending[-1].first if pending else last
        pending.append(Section(title, level, first, body, end, tuple(children), made))
    return tuple(reversed(pending))


def pieces(page: Page, first: int, last: int, level: int) -> tuple[Section, ...]:
    """Lines without headings as sections of some 300 lines, cut between blocks, best where a bold label stands.

    Nothing that CommonMark sees as one block (list, table, fence, quote) is cut, so a piece can be longer.
    """
    starts = [first]
    for at in (block.first for block in page.blocks(first + 1, last)):
        if _introduces(page, at):
            continue
        size = page.size(starts[-1], at)
        label = _LABEL.match(page.lines[at]) is not None
        wanted = PIECE_LINES // 3 if label else PIECE_LINES - 40
        if size.lines >= wanted or size.tokens >= (PIECE_TOKENS // 3 if label else PIECE_TOKENS - 500):
            starts.append(at)
    return tuple(
        Section(_title(page, a, b), level, a, a, b, made=True)
        for a, b in zip(starts, [*starts[1:], last], strict=True)
        if a < b
    )


def _introduces(page: Page, at: int) -> bool:
    """Whether what stands before line `at` belongs to it: "as follows:", or the mark of an indented admonition."""
    while at and not page.lines[at - 1].strip():
        at -= 1
    before = page.lines[at - 1].strip() if at else ""
    return before.endswith(":") or before.startswith(("!!! ", "??? ", "???+ ", "=== "))


def labels(page: Page, first: int, last: int) -> Iterator[tuple[int, str]]:
    """Lines that are one bold label and nothing else: headings in all but name."""
    for block in page.blocks(first, last):
        if block.kind == "paragraph":
            found = _LABEL.match(page.lines[block.first])
            if found:
                yield block.first, found["text"].strip().rstrip(":")


def _title(page: Page, first: int, last: int) -> str:
    for _, label in labels(page, first, min(first + 2, last)):
        return label
    for line in page.lines[first:last]:
        if not line.strip():
            continue
        text = plain(line.strip().strip("|>-*+#`~= \t"))
        if len(re.findall(r"\w", text)) >= 3:
            return shortened(text, 48)
    return ""
