"""A dump: many files in one text, each behind a banner with its path.

Known are `FILE: path` between rules (with or without `END FILE: path`), the plain, XML and Markdown forms of repomix, and
gitingest. Split by line, before Markdown is parsed: the rules of a banner would make headings of
it, and a fence that is open at the end of one file would swallow the next.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_RULE = re.compile(r"([=#*~_-])\1{9,}\s*$")
_BANNER = re.compile(r"(?P<end>END )?(?:FILE|File): (?P<path>\S.{0,280}?)\s*$")
_XML = re.compile(r'<file path="([^"]{1,280})">\s*$')
_HEADING = re.compile(r"#{2,4} File: `?(\S.{0,280}?)`?\s*$")
_FENCE = re.compile(r"(`{3,}|~{3,})[^`]*$")
_CHUNK = re.compile(r"\s*<!-- Chunk \d+: bytes (\d+)-\d+\b.*-->\s*$")


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
    lines = text.removesuffix("\n").split("\n") if text else []
    chunk = _CHUNK.match(lines[0]) if lines else None
    is_later = chunk is not None and int(chunk[1]) > 0
    at, current = (1, "") if chunk else (0, "")
    consumed = [(0, 1, "comment about the chunk")] if chunk else []
    banners = [*_ruled(lines)] or [*_xml(lines)] or [*_headed(lines)]
    if not banners:
        return Unpacked((_part(name, at, lines[at:], path, home, head=is_later),), tuple(consumed), False)
    tail = any(banner.end for banner in banners)
    parts: list[Part] = []
    for number, banner in enumerate([*banners, _Banner(len(lines), len(lines), "")]):
        inside, is_first = lines[at : banner.first], number == 0
        if not any(map(str.strip, inside)):
            consumed.append((at, banner.first, "blank line between banners"))
        elif banner.end:  # of another file than the current one: the banners between are lost
            cut = current not in ("", banner.path)
            parts.append(_part(name, at, inside, current or banner.path, "", not current, cut))
        elif current:
            parts.append(_part(name, at, inside, current, "", False, tail))
        elif is_first and not is_later:
            consumed.append((at, banner.first, "preface of the dump"))
        elif number == len(banners):
            consumed.append((at, banner.first, "end of the dump"))
        else:
            parts.append(_part(name, at, inside, "", "", is_first))
        consumed.append((banner.first, banner.last, "banner"))
        at, current = banner.last, "" if banner.end else banner.path
    return Unpacked(tuple(parts), tuple(span for span in consumed if span[1] > span[0]), True)


def _part(
    name: str, first: int, lines: list[str], path: str, home: str, head: bool = False, tail: bool = False
) -> Part:
    if head and _fence_faults(lines, True) < _fence_faults(lines, False):
        return Part(name, first - 1, ["```text", *lines], path, home, head, tail, opened=True)
    return Part(name, first, lines, path, home, head, tail)


def _fence_faults(lines: Sequence[str], opened: bool) -> int:
    """How many fences seem to open inside of others, if the text begins inside one or not."""
    faults = 0
    for line in lines:
        if line.startswith("```"):
            bare = not line.strip("` \t")
            faults += opened and not bare
            opened = not (opened and bare)
    return faults


def _ruled(lines: Sequence[str]) -> Iterator[_Banner]:
    """`FILE: path` between two rules."""
    after = 0
    for at, line in enumerate(lines):
        found = _BANNER.match(line) if line[:1] in ("F", "E") and 0 < at < len(lines) - 1 else None
        if found and _RULE.match(lines[at - 1]) and _RULE.match(lines[at + 1]):
            yield _Banner(max(at - 1, after), at + 2, found["path"], bool(found["end"]))
            after = at + 2


def _xml(lines: Sequence[str]) -> Iterator[_Banner]:
    """`<file path="path">` and `</file>`; a file ends only where another begins or the list of files ends."""
    starts = [(at, found[1]) for at, line in enumerate(lines) if line[:6] == "<file " and (found := _XML.match(line))]
    limits = [at for at, _ in starts[1:]] + [len(lines)]
    for (at, path), limit in zip(starts, limits, strict=False):
        yield _Banner(at, at + 1, path)
        last = next((line for line in range(limit - 1, at, -1) if lines[line].strip() == "</file>"), 0)
        if last:
            yield _Banner(last, last + 1, path, end=True)


def _headed(lines: Sequence[str]) -> Iterator[_Banner]:
    """`## File: path` and a fence around the file, for two files or more."""
    at, found = 0, list[_Banner]()
    while at < len(lines):
        heading = _HEADING.match(lines[at]) if lines[at].startswith("##") else None
        below = next((one for one in range(at + 1, min(at + 4, len(lines))) if heading and lines[one].strip()), at)
        fence = _FENCE.match(lines[below]) if heading else None
        if heading and fence:
            end = next((one for one in range(below + 1, len(lines)) if lines[one].strip() == fence[1]), len(lines))
            found += [_Banner(at, below + 1, heading[1]), _Banner(end, end + 1, heading[1], end=True)]
            at = end
        at += 1
    yield from found if len(found) > 2 else ()
