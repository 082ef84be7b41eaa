"""From a Part that is Markdown to a Page: front matter, cut fences, folds and outline, in that order."""

from __future__ import annotations

from dataclasses import replace

from skill_fleet.drafting.pages.cuts import closing_mark, opening_mark, starts_inside
from skill_fleet.drafting.pages.details import folds
from skill_fleet.drafting.pages.headlines import as_markdown, with_headings
from skill_fleet.drafting.pages.levels import deepened, levelled
from skill_fleet.drafting.pages.outline import Block, Fence, Outline, outline
from skill_fleet.drafting.pages.page import Page, Part, Used, running_sums
from skill_fleet.drafting.pages.rewritten import unchanged
from skill_fleet.drafting.pages.wrapped import wrapping
from skill_fleet.drafting.sources.matter import read_matter


def open_page(part: Part, kept: bool = False) -> Page:
    """Everything that can be known about a part before deciding where its lines go.

    Its headings become Markdown's, their levels without gaps; those of a `kept` file stay as their author wrote them.
    """
    matter, start = (dict(part.drawn.matter), 0) if part.drawn else read_matter(part.lines)
    inside = 0 if start or part.drawn else starts_inside(part.lines, part.cut_head)
    hidden = start or inside
    shown = [""] * hidden + list(part.lines[hidden:])
    text = unchanged(shown) if kept else as_markdown(shown)
    lines = list(text.seen)
    wrap = () if hidden or part.drawn else wrapping(lines)
    for mark in wrap:
        lines[mark.first : mark.last] = [""] * (mark.last - mark.first)
    found = outline(lines)
    if not (kept or text.kind or wrap) and (other := with_headings(lines, found)):
        text, found = other
    if text.kind:
        part = replace(part, lines=(*part.lines[:hidden], *text.lines[hidden:]))
    moved = None if kept else levelled(part.lines, found.blocks, fragment=part.cut_head or bool(inside))
    if moved:
        part, found = replace(part, lines=moved[0]), replace(found, blocks=moved[1])
    if inside:
        found = _with_first_fence(found, inside)
    closing = closing_mark(part.lines, found)
    folded = folds(part.lines, found.blocks)
    found = replace(found, blocks=folded.blocks)
    if folded.deeper and not kept:
        deep = deepened(part.lines, found.blocks, folded.deeper)
        part, found = replace(part, lines=deep[0]), replace(found, blocks=deep[1])
    used = (Used(0, start, "front matter"), *folded.used) if start else folded.used
    used = (*used, *wrap, *text.used, *(part.drawn.used if part.drawn else ()))
    used = tuple(sorted(used, key=lambda one: one.first))
    return Page(
        part=part,
        outline=found,
        used=used,
        matter=matter,
        start=start,
        note=text.note,
        opening=opening_mark(found) if inside else "",
        closing=closing,
        torn_head=bool(inside) or part.cut_head,
        torn_tail=bool(closing) or part.cut_tail,
        summaries=folded.summaries,
        sums=running_sums(part.lines, found),
        starts=tuple(block.first for block in found.blocks),
    )


def _with_first_fence(found: Outline, inside: int) -> Outline:
    blocks = tuple(b._replace(first=max(b.first, inside)) for b in found.blocks)
    return Outline(
        (Block("fence", 0, blocks[0].first if blocks else inside, inside), *blocks),
        (Fence(0, inside, "", "```", True), *found.fences),
        ((0, inside), *found.literal),
    )


def kept_page(part: Part) -> Page:
    """A part that is Markdown and is kept as it is: its headings and links are known, and none of its lines is used up."""
    page = open_page(part, kept=True)
    return replace(page, used=(), start=0, opening="", closing="", torn_head=False, torn_tail=False, summaries=())


def raw_page(part: Part) -> Page:
    """A part that is kept as it is: nothing in it is Markdown."""
    return Page(part, Outline((), (), ((0, len(part.lines)),)))
