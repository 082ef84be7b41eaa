"""Taking the fences that are whole files out of the references, leaving a link to each."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from skill_fleet.drafting.pages.page import Page, Used
from skill_fleet.drafting.placing.contents import CONTENTS_FROM
from skill_fleet.drafting.placing.items import Contents, Item, Made, Piece
from skill_fleet.drafting.placing.layout import Layout
from skill_fleet.drafting.planning.templates import Template


def extract(layout: Layout, found: Sequence[Template]) -> None:
    """Give each template that stands in a reference its own file; what stays in SKILL.md is short, and stays whole."""
    by_page: dict[Page, list[Template]] = defaultdict(list)
    for template in found:
        by_page[template.page].append(template)
    for path in [one.path for one in layout.references]:
        items: list[Item] = []
        for item in layout.files[path]:
            here = by_page.get(item.page, ()) if isinstance(item, Piece) else ()
            items += _without(item, here, layout, path) if isinstance(item, Piece) and here else [item]
        left = sum(item.last - item.first for item in items if isinstance(item, Piece))
        long = left > CONTENTS_FROM
        layout.files[path] = [item for item in items if long or not isinstance(item, Contents)]


def _start(template: Template) -> int:
    return template.fence.first


def _without(piece: Piece, found: Sequence[Template], layout: Layout, path: str) -> list[Item]:
    items: list[Item] = []
    at = piece.first
    for template in found[bisect_left(found, piece.first, key=_start) : bisect_left(found, piece.last, key=_start)]:
        fence, target = template.fence, template.path
        if target not in layout.files:
            up = "../" * path.count("/")
            items.append(replace(piece, first=at, last=fence.first))
            items.append(Made("link to a whole file", (f"The file: [{target}]({up}{target}){template.hint}",)))
            layout.hints[target] = template.hint
            layout.files[target] = [Piece(piece.page, fence.first + 1, fence.last - 1, exact=True)]
            for mark in (fence.first, fence.last - 1):
                layout.used.append((piece.page, Used(mark, mark + 1, f"fence mark of {target}")))
            at = fence.last
    return [*items, replace(piece, first=at)]
