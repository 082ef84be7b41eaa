"""A Page as a tree of sections, and the cutting of a long one that has no headings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from weakref import WeakKeyDictionary

from skill_fleet.drafting.pages.page import Page
from skill_fleet.drafting.pages.plain import plain, shortened, with_and
from skill_fleet.drafting.pages.telling import telling_words

_LABEL = re.compile(r"\s*(\*\*|__)(?P<text>[^*_]{2,80}?):?\1:?\s*$")
PIECE_LINES = 300
PIECE_TOKENS = 4000
READ = 400  # lines of a piece that its words are taken from


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


def pieces(page: Page, first: int, last: int, level: int, of: str = "") -> tuple[Section, ...]:
    """Lines without headings as sections of some 300 lines, cut between blocks, best where a bold label stands.

    Nothing that CommonMark sees as one block (list, table, fence, quote) is cut, so a piece can be longer. They are
    called by the section that they are `of` and by what tells each from the others; a lone one is the section.
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
    spans = [(a, b) for a, b in zip(starts, [*starts[1:], last], strict=True) if a < b]
    titles = [of] if of and len(spans) == 1 else _titles(page, spans, of)
    return tuple(Section(title, level, a, a, b, made=True) for title, (a, b) in zip(titles, spans, strict=True))


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


def _titles(page: Page, spans: Sequence[tuple[int, int]], of: str) -> list[str]:
    """What stands on top of a piece if that is a label, else its telling words, else how it begins."""
    words = telling_words([islice(_prose(page, a, b), READ) for a, b in spans])
    result: list[str] = []
    for (first, last), told in zip(spans, words, strict=True):
        own = next((label for _, label in labels(page, first, min(first + 2, last))), "") or with_and(told)
        own = own or _beginning(page, first, last)
        result.append(f"{of}: {own}" if of and own else own or of)
    return result


def _prose(page: Page, first: int, last: int) -> Iterator[str]:
    """The lines that are no code; if there are none, all of them."""
    said = (page.lines[at] for at in range(first, last) if not page.literal(at))
    some = next(said, None)
    return iter(page.lines[first:last]) if some is None else chain((some,), said)


def _beginning(page: Page, first: int, last: int) -> str:
    for line in page.lines[first:last]:
        if not line.strip():
            continue
        text = plain(line.strip()).strip("|>-*+#`~= \t")
        if len(re.findall(r"\w", text)) >= 3:
            return shortened(text, 48)
    return ""
