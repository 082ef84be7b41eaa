"""A page without what is left out of it: those lines are blank, and set aside in the ledger with the reason."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate

from skill_fleet.drafting.omitting.torn import torn_ends
from skill_fleet.drafting.omitting.unfit import unfit
from skill_fleet.drafting.pages.outline import Outline
from skill_fleet.drafting.pages.page import Page, Used, running_sums
from skill_fleet.drafting.pages.sections import tree


def leave_out(page: Page) -> Page:
    """The page without its unfit sections and torn ends, and without headings that have nothing left below them."""
    head, tail = torn_ends(page)
    left = without(page, [*unfit(page), *(end for end in (head, tail) if end)])
    if not (head or tail):
        return left
    return replace(
        left,
        opening="" if head else page.opening,
        closing="" if tail else page.closing,
        torn_head=page.torn_head and not head,
        torn_tail=page.torn_tail and not tail,
    )


def without(page: Page, leaving: Sequence[Used]) -> Page:
    """The page without some of its lines, and without headings that have nothing left below them."""
    if not leaving:
        return page
    found = _merged(leaving)
    found = _merged([*found, *_hollow(page, found)])
    lines, inside = list(page.lines), bytearray(len(page.lines))
    for one in found:
        lines[one.first : one.last] = [""] * (one.last - one.first)
        inside[one.first : one.last] = b"\1" * (one.last - one.first)
    shape = Outline(
        tuple(block for block in page.outline.blocks if not inside[block.first]),
        tuple(fence for fence in page.outline.fences if not inside[fence.first]),
        tuple(span for span in page.outline.literal if not inside[span[0]]),
    )
    return replace(
        page,
        part=replace(page.part, lines=tuple(lines)),
        outline=shape,
        used=tuple(sorted((*page.used, *around(found, page.used)), key=lambda one: (one.first, one.last))),
        summaries=tuple(one for one in page.summaries if not inside[one[0]]),
        sums=running_sums(tuple(lines), shape),
        starts=tuple(block.first for block in shape.blocks),
    )


def _merged(found: Sequence[Used]) -> list[Used]:
    """In order, each line once: what begins inside another only lengthens it."""
    merged: list[Used] = []
    for one in sorted(found, key=lambda one: (one.first, -one.last)):
        if merged and one.first < merged[-1].last:
            merged[-1] = replace(merged[-1], last=max(merged[-1].last, one.last))
        else:
            merged.append(one)
    return merged


def _hollow(page: Page, found: Sequence[Used]) -> Iterator[Used]:
    """Sections of which nothing is left but headings and rules; of one inside another only the outer."""
    gone = bytearray(len(page.lines))
    for one in found:
        gone[one.first : one.last] = b"\1" * (one.last - one.first)
    heads = {line for section in tree(page).walk() for line in range(section.first, section.body)}
    left = list(
        accumulate((not (gone[at] or at in heads or page.blank(at)) for at in range(len(page.lines))), initial=0)
    )
    starts = [one.first for one in found]
    end = 0
    for section in tree(page).walk():
        at = bisect_left(starts, section.first)
        if section.level < 2 or section.first < end or at == len(found) or found[at].first >= section.last:
            continue
        if not gone[section.first] and left[section.last] == left[section.first]:
            end = section.last
            yield Used(section.first, page.trimmed(section.first, end), found[at].reason, aside=True)


def around(found: Sequence[Used], used: Sequence[Used]) -> Iterator[Used]:
    """What is set aside, without the tags inside it that are used up."""
    starts = [tag.first for tag in used]
    for one in found:
        at = one.first
        for tag in used[bisect_left(starts, one.first) : bisect_left(starts, one.last)]:
            if tag.first > at:
                yield replace(one, first=at, last=tag.first)
            at = max(at, tag.last)
        if at < one.last:
            yield replace(one, first=at)
