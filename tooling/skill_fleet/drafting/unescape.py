"""Python whose quotes were written `\\"` on the way: put right where the block parses so and does not as it is."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass

from skill_fleet.drafting.snippets import LONGEST, parses

_OPEN = re.compile(r"\s*(?P<mark>`{3,}|~{3,})(?:python|py)\b[^`]*$")


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
        if code and len(code) <= LONGEST and not parses(code) and parses(code.replace('\\"', '"')):
            for line in damaged:
                lines[line] = lines[line].replace('\\"', '"')
            blocks.append(tuple(line + 1 for line in damaged))
        at += 1
    return Unescaped("\n".join(lines), tuple(blocks))
