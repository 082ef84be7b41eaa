"""A dump: many files in one text, each behind a banner with its path.

Known are `FILE: path` between rules (with or without `END FILE: path`), the plain, XML and Markdown forms of repomix, and
gitingest. Split by line, before Markdown is parsed: the rules of a banner would make headings of it, and a fence that is
open at the end of one file would swallow the next.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_RULE = re.compile(r"([=#*~_-])\1{9,}\s*$")
_BANNER = re.compile(r"(?P<end>END )?(?:FILE|File): (?P<path>\S.{0,280}?)\s*$")
_XML = re.compile(r'<file path="(?P<path>[^"]{1,280})">\s*$')
_HEADING = re.compile(r"#{2,4} File: `?(?P<path>\S.{0,280}?)`?\s*$")
_FENCE = re.compile(r"(?P<mark>`{3,}|~{3,})[^`]*$")
_CHUNK = re.compile(r"\s*<!-- Chunk \d+: bytes (?P<start>\d+)-\d+\b.*-->\s*$")


@dataclass(frozen=True, eq=False)
class Part:
    """A file in a document: its lines from line `first` on (from 0). A document that is no dump is one part.

    `path` is "" if the banner of a cut file is missing. `cut_head` and `cut_tail`: its beginning or end is missing; if it
    is `opened`, the beginning of a fence is missing too, and its first line is one that opens it.
    """

    document: str
    first: int
    lines: Sequence[str]
    path: str
    home: str = ""
    cut_head: bool = False
    cut_tail: bool = False
    opened: bool = False


@dataclass(frozen=True)
class Unpacked:
    """The parts of a document and its lines that are in none: first and last line (from 0, exclusive), and the reason."""

    parts: tuple[Part, ...]
    consumed: tuple[tuple[int, int, str], ...]
    is_dump: bool


@dataclass(frozen=True)
class _Banner:
    first: int
    last: int
    path: str
    end: bool = False


def unpack(name: str, path: str, home: str, text: str) -> Unpacked:
    """The files of a document: one for a document that is no dump."""
    lines = text.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    start = 0
    chunk = _CHUNK.match(lines[0]) if lines else None
    consumed: list[tuple[int, int, str]] = []
    if chunk:
        start = 1
        consumed.append((0, 1, "comment about the chunk"))
    banners = [*_ruled(lines)] or [*_xml(lines)] or [*_headed(lines)]
    if not banners:
        cut = bool(chunk and int(chunk["start"]))
        return Unpacked((_part(name, start, lines[start:], path, home, head=cut),), tuple(consumed), False)
    ends = any(banner.end for banner in banners)
    parts: list[Part] = []
    at, current = start, ""

    def take(last: int, path: str, head: bool = False, tail: bool = False) -> None:
        if any(line.strip() for line in lines[at:last]):
            parts.append(_part(name, at, lines[at:last], path, "", head, tail))
        elif last > at:
            consumed.append((at, last, "blank line between banners"))

    for number, banner in enumerate(banners):
        if banner.end:
            # an end of another file than the current one: the banners between are lost
            take(banner.first, current or banner.path, head=not current, tail=current not in ("", banner.path))
        elif current:
            take(banner.first, current, tail=ends)
        elif (
            any(line.strip() for line in lines[at : banner.first])
            and number == 0
            and not (chunk and int(chunk["start"]))
        ):
            consumed.append((at, banner.first, "preface of the dump"))
        else:
            take(banner.first, "", head=number == 0)
        consumed.append((banner.first, banner.last, "banner"))
        at, current = banner.last, "" if banner.end else banner.path
    if current:
        take(len(lines), current, tail=ends)
    elif at < len(lines):
        consumed.append((at, len(lines), "end of the dump"))
    return Unpacked(tuple(parts), tuple(sorted(consumed)), True)


def _part(
    name: str, first: int, lines: list[str], path: str, home: str, head: bool = False, tail: bool = False
) -> Part:
    if head and _is_inside_fence(lines):
        return Part(name, first - 1, ["```text", *lines], path, home, head, tail, opened=True)
    return Part(name, first, lines, path, home, head, tail)


def _is_inside_fence(lines: Sequence[str]) -> bool:
    """Whether a text without its beginning starts in a fence: read so, fewer fences seem to open inside of others."""
    faults = {True: 0, False: 0}
    for start in faults:
        opened = start
        for line in lines:
            if line.startswith("```"):
                bare = not line.strip("` \t")
                faults[start] += opened and not bare
                opened = not (opened and bare)
    return faults[True] < faults[False]


def _ruled(lines: Sequence[str]) -> Iterator[_Banner]:
    """`FILE: path` between two rules; one inside the fence of a Markdown file is a quotation."""
    after, opened = 0, ""
    for at, line in enumerate(lines):
        found = _BANNER.match(line) if line[:1] in ("F", "E") else None
        above, below = (0 <= near < len(lines) and bool(_RULE.match(lines[near])) for near in (at - 1, at + 1))
        if found and above and below:
            if opened and _closes_soon(lines, at, opened):
                continue
            yield _Banner(max(at - 1, after), at + 2, found["path"], bool(found["end"]))
            after, opened = at + 2, ""
        elif line[:3] in ("```", "~~~") and (mark := _FENCE.match(line)):
            opened = mark["mark"] if not opened else "" if line.strip().startswith(opened) else opened


def _closes_soon(lines: Sequence[str], at: int, mark: str) -> bool:
    """Whether the fence that is open at a banner closes within 60 lines, bare, so that it quotes the banner."""
    return next((line.strip() == mark for line in lines[at : at + 60] if line.startswith(mark)), False)


def _xml(lines: Sequence[str]) -> Iterator[_Banner]:
    """`<file path="path">` and `</file>`; a file ends only where another begins or the list of files ends."""
    starts = [at for at, line in enumerate(lines) if line.startswith("<file ") and _XML.match(line)]
    for number, at in enumerate(starts):
        found = _XML.match(lines[at])
        limit = starts[number + 1] if number + 1 < len(starts) else len(lines)
        last = next((line for line in range(limit - 1, at, -1) if lines[line].strip() == "</file>"), 0)
        yield _Banner(at, at + 1, found["path"] if found else "")
        if last:
            yield _Banner(last, last + 1, found["path"] if found else "", end=True)


def _headed(lines: Sequence[str]) -> Iterator[_Banner]:
    """`## File: path` and a fence around the file."""
    at, found = 0, list[_Banner]()
    while at < len(lines):
        heading = _HEADING.match(lines[at]) if lines[at].startswith("##") else None
        below = next((line for line in range(at + 1, min(at + 4, len(lines))) if lines[line].strip()), at)
        fence = _FENCE.match(lines[below]) if heading and below > at else None
        if not (heading and fence):
            at += 1
            continue
        end = next((line for line in range(below + 1, len(lines)) if lines[line].strip() == fence["mark"]), len(lines))
        found.append(_Banner(at, below + 1, heading["path"]))
        if end < len(lines):
            found.append(_Banner(end, end + 1, heading["path"], end=True))
        at = end + 1
    yield from found if len(found) > 2 else ()
