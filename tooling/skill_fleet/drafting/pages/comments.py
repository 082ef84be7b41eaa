"""Lines that begin with `#` and are comments: licence headers, notes in settings and programs given as documents."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_LINE = re.compile(r"#(?=[ \t]|$)")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_SAID = re.compile(r"#[ \t]+\S")
_LEGAL = re.compile(r"#.*\b(copyright|licen[cs]ed?|all rights reserved|spdx|warranty|authors?:|maintainer)\b", re.I)
_DRAWN = re.compile(r"#[ \t]*([=*~#-])\1{4,}[ \t]*$")
LEAST = 2  # comment lines one below the other


def comments(lines: Sequence[str]) -> frozenset[int]:
    """The lines (from 0) that are comments, not headings.

    Certain are several in a row that say a sentence, are empty or drawn, or tell of rights: headings are set apart. Where
    there are such, and no heading of a deeper level, those that stand against other lines are comments too.
    """
    lines = _unfenced(lines)
    blocks = [run for run in _runs(lines) if _comment(lines, run)]
    if not blocks:
        return frozenset()
    found = {at for run in blocks for at in run}
    rest = [at for at, line in enumerate(lines) if at not in found and _SAID.match(line)]
    glued = [at for at in rest if any(0 <= near < len(lines) and lines[near].strip() for near in (at - 1, at + 1))]
    if not any(line.startswith("##") and line.lstrip("#")[:1] in (" ", "\t") for line in lines):
        found |= set(rest if 2 * len(glued) > len(rest) else glued)
    return frozenset(found)


def _unfenced(lines: Sequence[str]) -> list[str]:
    """The lines, those of code empty: what is a comment there says nothing of the rest."""
    result: list[str] = []
    end = ""
    for line in lines:
        mark = _FENCE.match(line) if "`" in line or "~" in line else None
        result.append("" if end or mark else line)
        if mark:
            end = mark[1] if not end else "" if mark[1].startswith(end) else end
    return result


def _runs(lines: Sequence[str]) -> Iterator[range]:
    start = -1
    for at, line in enumerate([*lines, ""]):
        if _LINE.match(line):
            start = at if start < 0 else start
        elif start >= 0:
            if at - start >= LEAST:
                yield range(start, at)
            start = -1


def _comment(lines: Sequence[str], run: range) -> bool:
    texts = [lines[at] for at in run]
    if any(_DRAWN.match(text) or _LEGAL.match(text) for text in texts):
        return True
    bare = sum(not text.strip("# \t") for text in texts)
    sentences = sum(text.rstrip().endswith((".", ",", ";")) or text.lstrip("# \t")[:1].islower() for text in texts)
    return bare + sentences > 0 and len(texts) > bare
