"""A page without what is left out of it: those lines are blank, and set aside in the ledger with the reason."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace

from skill_fleet.drafting.outline import Outline
from skill_fleet.drafting.page import Page, Used, running_sums
from skill_fleet.drafting.sections import tree
from skill_fleet.drafting.torn import torn_ends
from skill_fleet.drafting.unfit import unfit


def leave_out(page: Page) -> Page:
    """The page without its unfit sections and torn ends, and without headings that have nothing left below them."""
    head, tail = torn_ends(page)
    found = _merged([*unfit(page), *(end for end in (head, tail) if end)])
    if not found:
        return page
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
        used=tuple(sorted((*page.used, *_around(found, page.used)), key=lambda one: (one.first, one.last))),
        opening="" if head else page.opening,
        closing="" if tail else page.closing,
        torn_head=page.torn_head and not head,
        torn_tail=page.torn_tail and not tail,
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
    """Sections of which nothing is left but headings."""
    gone = [one.first for one in found]
    for section in tree(page).walk():
        inside = found[bisect_left(gone, section.first) : bisect_left(gone, section.last)]
        if section.level < 2 or not inside or inside[0].first == section.first:
            continue
        filled = page.size(section.first, section.last).filled
        filled -= sum(page.size(one.first, one.last).filled for one in inside)
        heads = [one for one in section.walk() if not any(gap.first <= one.first < gap.last for gap in inside)]
        rules = sum(page.lines[at].strip() != "" and page.blank(at) for at in range(section.body, section.last))
        if filled <= sum(one.body - one.first for one in heads) + rules:
            yield Used(section.first, page.trimmed(section.first, section.last), inside[0].reason, aside=True)


def _around(found: Sequence[Used], used: Sequence[Used]) -> Iterator[Used]:
    """What is set aside, without the tags inside it that are used up."""
    for one in found:
        at = one.first
        for tag in used:
            if one.first <= tag.first < one.last:
                if tag.first > at:
                    yield replace(one, first=at, last=tag.first)
                at = max(at, tag.last)
        if at < one.last:
            yield replace(one, first=at)
