"""The lines between the files of a dump: what each tool that makes dumps writes there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

_RULE = re.compile(r"([=#*~_-])\1{9,}\s*$")
_NAME = re.compile(r"(?:(?P<end>END )?FILE|(?P<title>File)): (?P<path>\S.*?)\s*$")
_ONE_LINE = re.compile(r"([=#*~-])\1{2,} (?P<end>END )?FILE: (?P<path>\S.*?) \1{3,}\s*$")
_LAST = re.compile(r"End of Codebase\s*$")
_TAIL = re.compile(r"==> (?P<path>\S.*?) <==\s*$")
_LINED = re.compile(r"(?:(?:#|//|--|;) )?([-=#*~])\1{2,} (?P<path>\S.*?) \1{3,}\s*$")
_COMMENT = re.compile(r"(?:#|//|--|;|/\*|<!--) (?:FILE|File): (?P<path>\S.*?)(?: \*/| -->)?\s*$")
_PATH = re.compile(
    r"[^\s<>|*?\"`'].*\.[A-Za-z][A-Za-z0-9]{0,9}$|(?:.*[/\\])?(?:[A-Z][a-z]+file|LICEN[CS]E|NOTICE|\.\w+)$"
)
LONGEST = 300  # characters of a line that can be a banner


@dataclass(frozen=True)
class Banner:
    """Lines `first` up to `last` (from 0, exclusive) before the file `path`, or after it if it is an `end` ("": of any)."""

    first: int
    last: int
    path: str
    end: bool = False


Lines = Sequence[str]
Finder = Callable[[Lines], Iterator[Banner]]


def is_path(text: str) -> bool:
    """Whether a text names a file: by an ending, or by a name that files without one have."""
    return len(text) < LONGEST and "://" not in text and ": " not in text and _PATH.match(text) is not None


def ruled(lines: Lines) -> list[Banner]:
    """`FILE: p` and `END FILE: p` between two rules or on one line with them, gitingest and plain repomix among them.

    One such banner makes a dump. In a dump, one that lost a rule is a banner too, and one that stands alone.
    """
    whole: list[Banner] = []
    torn: list[Banner] = []
    for at, line in enumerate(lines):
        if not ("FILE: " in line[:200] or line.startswith(("File: ", "End of C"))):
            continue
        above, below = (0 <= near < len(lines) and _RULE.match(lines[near]) is not None for near in (at - 1, at + 1))
        if one := _ONE_LINE.match(line):
            whole.append(Banner(at, at + 1, one["path"], bool(one["end"])))
        elif found := _NAME.match(line):
            banner = Banner(at - above, at + 1 + below, found["path"], bool(found["end"]))
            if above and below and (not found["title"] or is_path(found["path"])):
                whole.append(banner)
            elif is_path(found["path"]) and not found["title"] and (above or below or _alone(lines, at)):
                torn.append(banner)
        elif above and below and _LAST.match(line):
            torn.append(Banner(at - 1, at + 2, "", end=True))
    halves = sum(banner.last - banner.first == 2 for banner in torn)
    titled = sum(lines[banner.last - 2].startswith("File: ") for banner in whole)  # alone, it is a heading of RST
    if max(len(whole) if titled != 1 else len(whole) - 1, halves - 1) < 1:
        return []
    return _apart(sorted((*whole, *torn), key=lambda banner: banner.first))


def _alone(lines: Lines, at: int) -> bool:
    return all(not lines[near].strip() for near in (at - 1, at + 1) if 0 <= near < len(lines))


def _apart(banners: Sequence[Banner]) -> list[Banner]:
    """Banners that share a rule, each line in one of them."""
    found: list[Banner] = []
    for banner in banners:
        found.append(replace(banner, first=max(banner.first, found[-1].last if found else 0)))
    return found


def _single(pattern: re.Pattern[str], first: str) -> Finder:
    """Banners of one line that `pattern` matches and that begin with one of the characters of `first`."""

    def find(lines: Lines) -> Iterator[Banner]:
        for at, line in enumerate(lines):
            if line[:1] and line[0] in first and len(line) < LONGEST:
                found = pattern.match(line)
                if found and is_path(found["path"]):
                    yield Banner(at, at + 1, found["path"])

    return find


tailed = _single(_TAIL, "=")
lined = _single(_LINED, "-=#*~/;")
commented = _single(_COMMENT, "#/-;<")
