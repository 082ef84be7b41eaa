"""What a file is made of before it is text: pieces of pages, and lines of ours between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from skill_fleet.drafting.pages.cuts import NOTICE
from skill_fleet.drafting.pages.page import Page

FROM_SUMMARY = "heading from a summary"


@dataclass(frozen=True)
class Piece:
    """Lines `first` up to `last` of a page, headings raised by `shift` levels; `exact`: not even blank ends go."""

    page: Page
    first: int
    last: int
    shift: int = 0
    exact: bool = False


@dataclass(frozen=True)
class Made:
    """Lines that come from no source: a named block, set off by a blank line `before` and `after` it."""

    name: str
    lines: tuple[str, ...]
    before: bool = True
    after: bool = True


@dataclass(frozen=True)
class Contents:
    """A contents list of a long file: titles with the lines of a page that they stand on; `inline`: on one line."""

    page: Page
    entries: tuple[tuple[str, int], ...]
    name: str = "contents"
    inline: bool = False


Item = Piece | Made | Contents


def settled(items: Sequence[Item]) -> Iterator[Item]:
    """The items as they are written: neighbours joined, used-up lines cut out, what a cut took away put back.

    Blanks and rules at the ends of a piece are not written: they stand at a seam, where we put one blank line.
    """
    joined: list[Item] = []
    for item in items:
        before = joined[-1] if joined else None
        if (
            isinstance(item, Piece)
            and isinstance(before, Piece)
            and before.page is item.page
            and (before.last, before.shift, before.exact) == (item.first, item.shift, item.exact)
        ):
            joined[-1] = Piece(item.page, before.first, item.last, item.shift, item.exact)
        else:
            joined.append(item)
    for item in joined:
        if not isinstance(item, Piece) or item.exact:
            yield item
        else:
            yield from _mended(item)


def _mended(piece: Piece) -> Iterator[Item]:
    page = piece.page
    at = piece.first
    parts: list[Piece | Made] = []
    for used in page.used_in(piece.first, piece.last):
        parts.append(_trimmed(replace(piece, first=at, last=used.first)))
        if used.first in page.summary_at:
            level, title = page.summary_at[used.first]
            parts.append(summary_heading(level - piece.shift, title))
        at = max(at, used.last)
    parts.append(_trimmed(replace(piece, first=at, last=piece.last)))
    placed = [part for part in parts if isinstance(part, Made) or part.first < part.last]
    whole = [part for part in placed if isinstance(part, Piece)]
    if whole and whole[0].first == page.top:
        if page.torn_head:
            yield Made("notice of a cut", (NOTICE,))
        if page.opening:
            yield Made("opening of a cut fence", (page.opening,), after=False)
    yield from placed
    if whole and whole[-1].last == page.bottom:
        if page.closing:
            yield Made("closing of a cut fence", (page.closing,), before=False)
        if page.torn_tail:
            yield Made("notice of a cut", (NOTICE,))


def summary_heading(level: int, title: str) -> Made:
    """The heading that the summary of a fold becomes."""
    return Made(FROM_SUMMARY, (f"{'#' * max(1, level)} {title}",))


def _trimmed(piece: Piece) -> Piece:
    page, first, last = piece.page, piece.first, piece.last
    while first < last and page.blank(first):
        first += 1
    return replace(piece, first=first, last=page.trimmed(first, last))
