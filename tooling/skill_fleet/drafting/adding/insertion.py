"""A newer state of a text put into one that stands: what was only added to it, and not a byte of what stands changed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from skill_fleet.fleet.frontmatter import read_front_matter

MOST = 4_000_000  # pairs of lines that are compared: more would take seconds
_TABLE = re.compile(r"\|[ \t]*read[ \t]*\|[ \t]*when you[ \t]*\|[ \t]*", re.IGNORECASE)


@dataclass(frozen=True)
class Inserted:
    """`text` is the standing one with the lines `placed` (their numbers in it) more, and `now` says where each line of
    the newer one stands in it. `left` are the lines of the newer one, by number, that stand where it has other words."""

    text: str
    placed: tuple[int, ...]
    now: Mapping[int, int]
    left: Mapping[int, str]


def insert(standing: str, newer: str) -> Inserted:
    """Put the lines that `newer` has more than the body of a SKILL.md `standing` where their neighbours stand.

    Front matter, the table of references and what follows that are not compared. What `newer` has no more stays. Lines
    in the place of others are left: whether they replace those or add to them, only a person can tell.
    """
    lines, wanted = standing.split("\n"), newer.rstrip("\n").split("\n")
    start, stop = read_front_matter(standing.encode("utf-8", "replace")).body_line - 1, len(lines)
    stop = next((number for number in range(start, stop) if _TABLE.fullmatch(lines[number].rstrip())), stop)
    if stop < len(lines):  # with the heading that stands over it
        stop = next((n for n in range(stop - 1, start, -1) if lines[n].startswith("#")), stop)
    while stop > start and not lines[stop - 1].strip():
        stop -= 1
    old, new = ([line.rstrip() for line in side] for side in (lines[start:stop], wanted))
    if len(old) * len(new) > MOST:
        return Inserted(standing, (), {}, {n: line for n, line in enumerate(new, 1) if line and line not in {*old}})
    ending = "\r" if "\r\n" in standing else ""
    text, placed, now, left = lines[:start], list[int](), dict[int, int](), dict[int, str]()
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        added = wanted[c:d] if what in ("insert", "replace") and not any(old[a:b]) else []
        if what == "equal" or added:
            now |= {c + n + 1: len(text) + n + 1 for n in range(d - c)}
        elif any(new[c:d]):
            left |= {n + 1: new[n] for n in range(c, d) if new[n]}
        placed += [len(text) + n + 1 for n, line in enumerate(added) if line.strip()]
        text += [*(line.rstrip("\r") + ending for line in added), *lines[start + a : start + b]]
    return Inserted("\n".join([*text, *lines[stop:]]), tuple(placed), now, left)
