"""Dumps that write a mark before and after each file: the XML and the Markdown ones, and files-to-prompt."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from skill_fleet.drafting.sources.banners import LONGEST, Banner, Finder, Lines, is_path
from skill_fleet.drafting.sources.quoting import Fences

_FILE = re.compile(r'<file path="(?P<path>[^"]+)">\s*$')
_DOCUMENT = re.compile(r'<document(?: index="\d+")?>\s*$')
_SOURCE = re.compile(r"<source>(?P<path>[^<>]+)</source>\s*$")
_CONTENT = re.compile(r"<document_contents?>\s*$")
_HEADED = re.compile(r"#{2,4} (?:File: )(?P<path>\S.*?)\s*$")
_QUOTED = re.compile(r"`(?P<path>[^`]+)`:\s*$")
_FENCE = re.compile(r"(?P<mark>`{3,}|~{3,})[^`~]*$")
_Start = tuple[int, str, tuple[str, ...]]  # the line after the opening marks, the path, the lines that close the file


def _xml(lines: Lines, at: int) -> _Start | None:
    found = _FILE.match(lines[at])
    return (at + 1, found["path"], ("</file>",)) if found else None


def _cxml(lines: Lines, at: int) -> _Start | None:
    if not _DOCUMENT.match(lines[at]) or at + 2 >= len(lines):
        return None
    found = _SOURCE.match(lines[at + 1])
    if not found or not _CONTENT.match(lines[at + 2]):
        return None
    return at + 3, found["path"], (lines[at + 2].strip().replace("<", "</"), "</document>")


def _fenced(pattern: re.Pattern[str]) -> Callable[[Lines, int], _Start | None]:
    def opening(lines: Lines, at: int) -> _Start | None:
        found = pattern.match(lines[at])
        if not found or not is_path(found["path"]):
            return None
        below = _filled(lines, at + 1)
        fence = _FENCE.match(lines[below]) if below < min(len(lines), at + 3) else None
        return (below + 1, found["path"], (fence["mark"],)) if fence else None

    return opening


def _pathed(lines: Lines, at: int) -> _Start | None:
    """files-to-prompt: a path, a rule, the text, a blank line, a rule."""
    if at + 1 >= len(lines) or lines[at + 1] != "---" or not is_path(lines[at]):
        return None
    return at + 2, lines[at], ("---",)


def _filled(lines: Lines, at: int) -> int:
    while at < len(lines) and not lines[at].strip():
        at += 1
    return at


def _finder(
    first: str,
    opening: Callable[[Lines, int], _Start | None],
    wrap: str = "",
    closing: tuple[str, ...] = (),
    bare: bool = True,
) -> Finder:
    """Banners of files that begin with what `opening` finds; a file ends only where another one begins, or the dump.

    What is between is the file's own, be it as like a mark as it may. `wrap`: the element around all of them; `closing`:
    the marks that end a file whose beginning was cut off; `bare`: the marks around a file are no fence.
    """

    def starts(lines: Lines, at: int) -> _Start | None:
        line = lines[at]
        return opening(lines, at) if len(line) < LONGEST and line.startswith(first) else None

    def ends(lines: Lines, at: int, marks: tuple[str, ...]) -> int:
        """The line after the marks that close a file, and after the element around all, or 0."""
        if any(lines[at + k : at + k + 1] != [mark] for k, mark in enumerate(marks)):
            return 0
        after = _filled(lines, at + len(marks))
        if after == len(lines) or starts(lines, after):
            return at + len(marks)
        return after + 1 if wrap and lines[after].strip() == f"</{wrap}>" else 0

    def find(given: Lines) -> Iterator[Banner]:
        lines = list(given)
        head = next((number for number in range(len(lines)) if starts(lines, number)), -1)
        if head < 0:
            return
        fences = Fences(lines)
        at, path, before = 0, "", -1
        cut = closing and any(lines[number] == closing[0] and ends(lines, number, closing) for number in range(head))
        marks = closing if cut else ()
        while at < len(lines):
            if marks:
                last = ends(lines, at, marks) if lines[at] == marks[0] else 0
                if last and not (bare and fences.quotes(at, path)):
                    yield Banner(at, last, path, end=True)
                    marks, before = (), -1
                    at = last
                else:
                    at += 1
                continue
            found = starts(lines, at)
            if found:
                yield Banner(before if before >= 0 else at, found[0], found[1])
                at, path, marks = found
                fences.begin(at)
            else:
                wrapped = bool(wrap) and lines[at].strip() == f"<{wrap}>"
                before = at if wrapped else before if not lines[at].strip() else -1
                at += 1

    return find


filed = _finder("<file ", _xml, wrap="files", closing=("</file>",))
documented = _finder("<document", _cxml, wrap="documents", closing=("</document_content>", "</document>"))
headed = _finder("##", _fenced(_HEADED), bare=False)
quoted = _finder("`", _fenced(_QUOTED), bare=False)
pathed = _finder("", _pathed)
