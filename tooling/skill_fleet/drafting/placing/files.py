"""From items to the text of files, and the account of where every line of every source went."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from skill_fleet.drafting.pages.anchors import Slugs
from skill_fleet.drafting.pages.page import Page
from skill_fleet.drafting.pages.plain import DEEPEST
from skill_fleet.drafting.placing.items import Contents, Item, Made, Piece, settled
from skill_fleet.drafting.placing.links import Links
from skill_fleet.drafting.types import Generated
from skill_fleet.markdown import DEFINITION

_ATX = re.compile(r"( {0,3})(#{1,6})(?=[ \t]|$)")


@dataclass(frozen=True)
class Placed:
    """Lines `first` up to `last` of a page (from 0) that stand in `file` from its line `line` (from 1) on."""

    page: Page
    first: int
    last: int
    file: str
    line: int


@dataclass
class Written:
    """The texts, for each of their lines where it comes from, and links whose target is missing, with the lines that name it."""

    files: dict[str, str] = field(default_factory=dict)
    placed: list[Placed] = field(default_factory=list)
    generated: list[Generated] = field(default_factory=list)
    missing: dict[str, list[tuple[Page, int]]] = field(default_factory=dict)


def write_files(layout: Mapping[str, Sequence[Item]], raw: Mapping[str, str]) -> Written:
    """Write each file; items are set off by one blank line, and every file ends with one line end.

    Two passes: where everything stands has to be known before a link to it can be written. `raw` maps the source paths
    of files that are no pages to where they stand.
    """
    items = {path: list(settled(layout[path])) for path in layout}
    links = _links(items, raw)
    written = Written(missing=links.missing)
    for path, content in items.items():
        lines: list[str] = []
        before: Item | None = None
        for item in content:
            if before is not None and _spaced(before, item):
                lines.append("")
                written.generated.append(Generated(path, len(lines), len(lines), "blank line at a seam"))
            start = len(lines) + 1
            if isinstance(item, Piece):
                lines += _raised(item, links, path)
                written.placed.append(Placed(item.page, item.first, item.last, path, start))
            else:
                lines += item.lines if isinstance(item, Made) else _listed(item, links)
                written.generated.append(Generated(path, start, len(lines), item.name))
            before = item
        written.files[path] = "\n".join([*lines, ""])
    return written


def _links(items: Mapping[str, Sequence[Item]], raw: Mapping[str, str]) -> Links:
    pages: dict[str, Page] = {}
    spans: dict[int, list[tuple[int, int, str]]] = {}
    slugs: dict[tuple[int, int], str] = {}
    for path, content in items.items():
        known = Slugs()
        for item in content:
            if isinstance(item, Piece):
                pages.setdefault(item.page.part.path, item.page)
                spans.setdefault(id(item.page), []).append((item.first, item.last, path))
                for block in item.page.blocks(item.first, item.last):
                    if block.level:
                        slugs[id(item.page), block.first] = known.add(block.text)
            elif isinstance(item, Made):
                for line in item.lines:
                    if mark := _ATX.match(line):
                        known.add(line[mark.end() :])
    for ranges in spans.values():
        ranges.sort()
    return Links(pages, raw, spans, slugs)


def _spaced(before: Item, item: Item) -> bool:
    return not (isinstance(before, Made) and not before.after) and not (isinstance(item, Made) and not item.before)


def _listed(contents: Contents, links: Links) -> list[str]:
    said = []
    for title, line in contents.entries:
        slug = links.slugs.get((id(contents.page), line))
        text = title.replace("[", "\\[").replace("]", "\\]")
        said.append(f"[{text}](#{slug})" if slug else text)
    return [f"Contents: {'; '.join(said)}."] if contents.inline else [f"- {one}" for one in said]


def _raised(piece: Piece, links: Links, file: str) -> list[str]:
    """The lines of a piece with its headings raised and its links led to where their targets stand now."""
    page = piece.page
    lines = list(page.lines[piece.first : piece.last])
    for at, end in _runs(page, lines, piece.first):
        text = "\n".join(lines[at:end])
        if "]" in text and "[" in text:
            lines[at:end] = links.rewritten(page, piece.first + at, text, file).split("\n")
    if piece.shift:
        for block in page.blocks(piece.first, piece.last):
            if block.level:
                _raise(lines, block.first - piece.first, block.end - piece.first, block.level, piece.shift)
    return lines


def _runs(page: Page, lines: Sequence[str], offset: int) -> Iterator[tuple[int, int]]:
    """Lines that stand together outside of code, in which a link can go on to the next line; a definition by itself."""
    at = 0
    while at < len(lines):
        end = at + 1
        if lines[at].strip() and not page.literal(offset + at):
            if "]:" not in lines[at] or not DEFINITION.match(lines[at]):
                while end < len(lines) and lines[end].strip() and not page.literal(offset + end):
                    if "]:" in lines[end] and DEFINITION.match(lines[end]):
                        break
                    end += 1
            yield at, end
        at = end


def _raise(lines: list[str], first: int, end: int, level: int, shift: int) -> None:
    """Write another level; an underlined heading gets the other underline, if there is one for its new level."""
    wanted = min(DEEPEST, max(1, level - shift))
    mark = _ATX.match(lines[first])
    if mark and end == first + 1:
        lines[first] = f"{mark[1]}{'#' * wanted}{lines[first][mark.end() :]}"
    elif wanted <= 2:
        lines[end - 1] = lines[end - 1].replace(" =-"[level], " =-"[wanted])
