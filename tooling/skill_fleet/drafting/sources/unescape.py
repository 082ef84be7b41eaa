"""Python whose quotes were written `\\"` on the way: put right where that is proved.

Proof is that the block parses so and does not as it is; or that every quote in it is written so and the first thing that
Python stumbles over is such a backslash, which outside a string no Python allows: what else is wrong there stays.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass

from skill_fleet.drafting.open_points.snippets import LONGEST, syntax_error

_OPEN = re.compile(r"\s*(?P<mark>`{3,}|~{3,})(?:python|py)\b[^`]*$")
_BARE = re.compile(r'(?<!\\)"')


@dataclass(frozen=True)
class Unescaped:
    """The text, and for each block that was put right the lines (from 1) that changed in it."""

    text: str
    blocks: tuple[tuple[int, ...], ...]


def unescape(text: str) -> Unescaped:
    """Take the backslashes away where that is provable; line ends are never touched."""
    if '\\"' not in text:
        return Unescaped(text, ())
    lines = text.split("\n")
    blocks: list[tuple[int, ...]] = []
    at = 0
    while at < len(lines):
        mark = _OPEN.match(lines[at]) if lines[at].lstrip()[:1] in ("`", "~") else None
        at += 1
        if mark is None:
            continue
        first = at
        while at < len(lines) and lines[at].strip() != mark["mark"]:
            at += 1
        damaged = [line for line in range(first, at) if '\\"' in lines[line]]
        code = textwrap.dedent("\n".join(lines[first:at])) + "\n" if damaged and at < len(lines) else ""
        if code and len(code) <= LONGEST and _escaped(code):
            for line in damaged:
                lines[line] = lines[line].replace('\\"', '"')
            blocks.append(tuple(line + 1 for line in damaged))
        at += 1
    return Unescaped("\n".join(lines), tuple(blocks))


def _escaped(code: str) -> bool:
    """Whether the quotes of a block were certainly written without backslashes."""
    wrong = syntax_error(code)
    if wrong is None:
        return False
    left = syntax_error(code.replace('\\"', '"'))
    if left is None:
        return True
    certain = "line continuation" in wrong.msg and not _BARE.search(code)
    return certain and (left.lineno or 0) > (wrong.lineno or 0)
