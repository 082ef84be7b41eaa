"""A dump: many files in one text, each between a `FILE:` and an `END FILE:` banner.

Split by line pattern before Markdown is parsed: the rules of a banner would make headings of it, and a fence that is
open at the end of one file would swallow the next.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from skill_fleet.drafting.page import Part, Used

_RULE = re.compile(r"([=#*~_-])\1{9,}\s*$")
_NAME = re.compile(r"(?P<end>END )?FILE: (?P<path>\S.*?)\s*$")
_ONE_LINE = re.compile(r"([=#*~-])\1{2,} (?P<end>END )?FILE: (?P<path>\S.*?) \1{3,}\s*$")
_CHUNK = re.compile(r"\s*<!-- Chunk \d+: bytes (?P<from>\d+)-\d+\b.*-->\s*$")


@dataclass(frozen=True)
class Unpacked:
    """The files of one document, and its lines that belong to none of them."""

    parts: tuple[Part, ...]
    used: tuple[Used, ...]


@dataclass(frozen=True)
class _Banner:
    first: int
    last: int
    path: str
    end: bool


def unpack(document: str, path: str, lines: Sequence[str]) -> Unpacked:
    """The parts of a document: one if it is no dump. A part without its first or last banner is cut there."""
    used: list[Used] = []
    start = next((at for at, line in enumerate(lines) if line.strip()), 0)
    chunk = _CHUNK.match(lines[start]) if lines else None
    start = start + 1 if chunk else 0
    if chunk:
        used.append(Used(0, start, "chunk comment"))
    banners = list(_banners(lines))
    if not banners:
        cut = bool(chunk and int(chunk["from"]))
        return Unpacked((Part(document, start, tuple(lines[start:]), path, cut_head=cut),), tuple(used))
    ended = any(banner.end for banner in banners)
    parts: list[Part] = []
    at, current = start, ""
    for banner in [*banners, _Banner(len(lines), len(lines), "", False)]:
        if banner.end and current and banner.path != current:
            continue  # the banner of a dump that this file quotes
        last = banner.first == len(lines)
        text = tuple(lines[at : banner.first])
        if any(line.strip() for line in text):
            headless = banner.end and not current
            own = current or (banner.path if headless else "")
            parts.append(Part(document, at, text, own, cut_head=headless, cut_tail=last and bool(current) and ended))
        elif text:
            used.append(Used(at, banner.first, "blank line between banners"))
        if not last:
            used.append(Used(banner.first, banner.last, "banner"))
        at, current = banner.last, "" if banner.end else banner.path
    return Unpacked(tuple(parts), tuple(used))


def _banners(lines: Sequence[str]) -> Iterator[_Banner]:
    for at, line in enumerate(lines):
        if "FILE: " not in line[:200]:
            continue
        found = _NAME.match(line)
        if found and 0 < at < len(lines) - 1 and _RULE.match(lines[at - 1]) and _RULE.match(lines[at + 1]):
            yield _Banner(at - 1, at + 2, found["path"], bool(found["end"]))
        elif one := _ONE_LINE.match(line):
            yield _Banner(at, at + 1, one["path"], bool(one["end"]))
