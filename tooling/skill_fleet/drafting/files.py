"""From items to the text of files, and the account of where every line of every source went."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from skill_fleet.drafting.items import Item, Made, Piece, settled
from skill_fleet.drafting.page import Page
from skill_fleet.drafting.types import Generated

_ATX = re.compile(r"( {0,3})(#{1,6})(?=[ \t]|$)")


@dataclass(frozen=True)
class Placed:
    """Lines `first` up to `last` of a page (from 0) that stand in `file` from its line `line` (from 1) on."""

    page: Page
    first: int
    last: int
    file: str
    line: int


@dataclass(frozen=True)
class Written:
    """The texts, and for each of their lines where it comes from."""

    files: dict[str, str]
    placed: tuple[Placed, ...]
    generated: tuple[Generated, ...]


def write_files(layout: Mapping[str, Sequence[Item]]) -> Written:
    """Write each file; items are set off by one blank line, and every file ends with one line end."""
    files: dict[str, str] = {}
    placed: list[Placed] = []
    generated: list[Generated] = []
    for path, items in layout.items():
        lines: list[str] = []
        before: Item | None = None
        for item in settled(items):
            if before is not None and _spaced(before, item):
                lines.append("")
                generated.append(Generated(path, len(lines), len(lines), "blank line at a seam"))
            start = len(lines) + 1
            if isinstance(item, Made):
                lines += item.lines
                generated.append(Generated(path, start, len(lines), item.name))
            else:
                lines += _raised(item)
                placed.append(Placed(item.page, item.first, item.last, path, start))
            before = item
        files[path] = "\n".join([*lines, ""])
    return Written(files, tuple(placed), tuple(generated))


def _spaced(before: Item, item: Item) -> bool:
    return not (isinstance(before, Made) and not before.after) and not (isinstance(item, Made) and not item.before)


def _raised(piece: Piece) -> Iterator[str]:
    """The lines of a piece with its headings raised; an underlined heading gets the other underline."""
    lines = list(piece.page.lines[piece.first : piece.last])
    if piece.shift:
        for block in piece.page.blocks(piece.first, piece.last):
            if block.level:
                level = min(6, max(1, block.level - piece.shift))
                at = block.first - piece.first
                mark = _ATX.match(lines[at])
                if mark and piece.page.lines[block.first].lstrip().startswith("#") and block.end == block.first + 1:
                    lines[at] = f"{mark[1]}{'#' * level}{lines[at][mark.end() :]}"
                elif level <= 2:
                    under = block.end - 1 - piece.first
                    lines[under] = lines[under].replace("-=="[block.level], " =-"[level])
    return iter(lines)
