"""A dump: many files in one text, each between banners. Which kind of dump it is, and its files.

Split by line pattern before Markdown is parsed: the rules of a banner would make headings of it, and a fence that is
open at the end of one file would swallow the next. A document that only shows how a dump looks is none: what is in a
fence is passed over, and of the kinds whose marks stand in other texts too, nothing but files may be there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from skill_fleet.drafting.pages.page import Part, Used
from skill_fleet.drafting.sources.banners import Banner, Lines, commented, lined, ruled, tailed
from skill_fleet.drafting.sources.enclosed import documented, filed, headed, pathed, quoted
from skill_fleet.drafting.sources.preambles import SAID, is_preface, preamble
from skill_fleet.drafting.sources.quoting import outside, unquoted

_CHUNK = re.compile(r"\s*<!-- Chunk \d+: bytes (?P<from>\d+)-\d+\b.*-->\s*$")
_TITLE = re.compile(r"# +(?P<title>\S.*)$")
BETWEEN = "blank line between banners"


@dataclass(frozen=True)
class Unpacked:
    """The files of one document, its lines that belong to none of them, and what is no file, with the reason."""

    parts: tuple[Part, ...]
    used: tuple[Used, ...]
    aside: tuple[tuple[Part, str], ...] = ()


@dataclass
class _Files:
    document: str
    lines: Lines
    parts: list[Part] = field(default_factory=list)
    used: list[Used] = field(default_factory=list)
    aside: list[tuple[Part, str]] = field(default_factory=list)

    def take(self, first: int, last: int, path: str, head: bool = False, tail: bool = False, why: str = "") -> None:
        """Lines `first` up to `last` as a file, or as what is set aside if that is `why`; blank ones are used up."""
        text = tuple(self.lines[first:last])
        part = Part(self.document, first, text, path, cut_head=head, cut_tail=tail)
        if not any(line.strip() for line in text):
            self.used += [Used(first, last, BETWEEN)] if text else []
        elif why:
            self.aside.append((part, why))
        else:
            self.parts.append(part)


def unpack(document: str, path: str, lines: Sequence[str]) -> Unpacked:
    """The parts of a document: one if it is no dump. A part without its first or last banner is cut there."""
    start = next((at for at, line in enumerate(lines) if line.strip()), 0)
    chunk = _CHUNK.match(lines[start]) if lines else None
    start = start + 1 if chunk else 0
    banners, solid = _found(lines, start)
    files = _Files(document, lines, used=[Used(0, start, "chunk comment")] if chunk else [])
    if not banners:
        cut = bool(chunk and int(chunk["from"]))
        return Unpacked((Part(document, start, tuple(lines[start:]), path, cut_head=cut),), tuple(files.used))
    ended = any(banner.end for banner in banners)
    last = _last_ends(banners)
    at, current = start, ""
    for number, banner in enumerate(banners):
        if banner.end and current and banner.path not in ("", current):
            if last[number].get(current, 0) > number:
                continue  # the banner of a dump that this file quotes
            _two(files, at, banner.first, current, banner.path)
        else:
            headless = banner.end and not current
            why = preamble(lines[at : banner.first]) or (SAID if solid else "") if not (headless or current) else ""
            files.take(at, banner.first, current or (banner.path if headless else ""), head=headless, why=why)
        files.used.append(Used(banner.first, banner.last, "banner"))
        at, current = banner.last, "" if banner.end else banner.path
    files.take(at, len(lines), current, tail=bool(current) and ended, why=SAID if solid and not current else "")
    return Unpacked(tuple(files.parts), tuple(files.used), tuple(files.aside))


def _found(lines: Lines, start: int) -> tuple[list[Banner], bool]:
    """The banners of the kind of dump that the text is, and whether it is one that nothing but files may stand in."""
    if banners := unquoted(lines, ruled(lines)):
        return banners, False
    for finder, weak in (
        (documented, False),
        (filed, False),
        (tailed, False),
        (headed, True),
        (quoted, True),
        (pathed, True),
        (lined, True),
        (commented, True),
    ):
        banners = unquoted(lines, list(finder(lines)))
        if len({banner.path for banner in banners if not banner.end}) < 2:
            continue
        gaps = _gaps(banners)
        if weak and (not is_preface(lines[start : banners[0].first]) or any(map(str.strip, _text(lines, gaps)))):
            continue
        return banners, weak or any(banner.end for banner in banners)
    return [], False


def _gaps(banners: Sequence[Banner]) -> list[tuple[int, int]]:
    """The lines between the end of a file and the beginning of the next."""
    return [(one.last, other.first) for one, other in pairwise(banners) if one.end and not other.end]


def _text(lines: Lines, spans: Sequence[tuple[int, int]]) -> list[str]:
    return [line for first, last in spans for line in lines[first:last]]


def _last_ends(banners: Sequence[Banner]) -> list[dict[str, int]]:
    """For each banner the ends (path to number) that stand between the beginnings of files around it."""
    found: list[dict[str, int]] = []
    for number, banner in enumerate(banners):
        found.append(found[-1] if found and banner.end else {})
        if banner.end:
            found[-1][banner.path] = number
    return found


def _two(files: _Files, first: int, last: int, one: str, other: str) -> None:
    """A text that begins as one file and ends as another: the banners between are lost.

    The second begins at the only further title, or at the one that has a word of its name. If there is none, all is of
    the first, which is cut at its end.
    """
    text = files.lines[first:last]
    titles = [(at, found["title"].lower()) for at in outside(text) if (found := _TITLE.match(text[at]))]
    further = [(at, title) for at, title in titles if any(line.strip() for line in text[:at])]
    if len(further) > 1:
        words = [word for word in re.split(r"[\W_]+", other.rpartition("/")[2].rpartition(".")[0].lower()) if word]
        further = [(at, title) for at, title in further if any(word in title for word in words)]
    if len(further) == 1:
        files.take(first, first + further[0][0], one)
        files.take(first + further[0][0], last, other)
    else:
        files.take(first, last, one, tail=True)
