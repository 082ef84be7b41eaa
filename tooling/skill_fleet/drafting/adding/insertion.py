"""A newer state of a text put into one that stands: what was only added to it, and not a byte of what stands changed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from skill_fleet.markdown import read_front_matter

MOST = 4_000_000  # pairs of lines that are compared: more would take seconds
_LEVEL = re.compile(r"#{1,6}[ \t]+")
_OURS = re.compile(
    r"(?:Files to copy|Scripts to run|Its parts|Further parts|Further files)\b.*[.:]$|Its parts are in the table"
)
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

    Front matter, the table of references and our lists of files are not compared. What `newer` has no more stays. Lines
    in the place of others are left: whether they replace those or add to them, only a person can tell.
    """
    lines, wanted = standing.split("\n"), newer.rstrip("\n").split("\n")
    own = _own(lines, read_front_matter(standing.encode("utf-8", "replace")).body_line - 1)
    old, new = [_compared(lines[at]) for at in own], [_compared(line) for line in wanted]
    if len(old) * len(new) > MOST:
        return Inserted(standing, (), {}, {n: line for n, line in enumerate(new, 1) if line and line not in {*old}})
    ending = "\r" if "\r\n" in standing else ""
    text, placed, now, left = list[str](), list[int](), dict[int, int](), dict[int, str]()
    done = 0
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        added = wanted[c:d] if what in ("insert", "replace") and not any(old[a:b]) else []
        upto = _before(own, a, added)
        text += lines[done:upto]
        done = max(done, upto)
        if added:
            now |= {c + n + 1: len(text) + n + 1 for n in range(d - c)}
            placed += [len(text) + n + 1 for n, line in enumerate(added) if line.strip()]
            text += [line.rstrip("\r") + ending for line in added]
        elif what == "equal":
            for n in range(d - c):
                now[c + n + 1] = len(text) + own[a + n] - done + 1
        elif any(new[c:d]):
            left |= {n + 1: wanted[n].rstrip() for n in range(c, d) if new[n]}
        if b > a:
            text += lines[done : own[b - 1] + 1]
            done = own[b - 1] + 1
    return Inserted("\n".join([*text, *lines[done:]]), tuple(placed), now, left)


def _before(own: list[int], at: int, added: list[str]) -> int:
    """The line before which lines are put that come ahead of the document's line `at`: a section stands below our lists,
    anything else right behind what it follows.
    """
    if at < len(own) and _begins_section(added):
        return own[at]
    return own[at - 1] + 1 if at else own[0] if own else 0


def _own(lines: list[str], start: int) -> list[int]:
    """The lines of a SKILL.md that come from a document: without the table of references and its heading, and without
    our lists of files; blank lines at the end, and before the table at the end, are no part of it."""
    own: list[int] = []
    table = False
    for at in range(start, len(lines)):
        line = lines[at].strip()
        if _TABLE.fullmatch(line):
            while own and not lines[own[-1]].strip():
                own.pop()
            if own and lines[own[-1]].startswith("#"):
                own.pop()
            table = True
        table = table and line.startswith("|")
        if not table and not _OURS.match(line):
            own.append(at)
    while own and not lines[own[-1]].strip():
        own.pop()
    return own


def _compared(line: str) -> str:
    """A line as it is compared: a heading is the same at any level, for it changes with the file that it is in."""
    return _LEVEL.sub("# ", line.rstrip(), count=1) if line.startswith("#") else line.rstrip()


def _begins_section(added: list[str]) -> bool:
    return next((line.startswith("#") for line in added if line.strip()), False)
