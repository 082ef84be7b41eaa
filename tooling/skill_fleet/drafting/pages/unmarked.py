"""Headings that nothing marks but where they stand: a bold label, capitals, or a number, alone between blank lines."""

from __future__ import annotations

import re
from collections.abc import Sequence

from skill_fleet.drafting.pages.outline import Outline
from skill_fleet.drafting.pages.rewritten import LEAST, Rewritten, headed, in_lower_case

_LABEL = re.compile(r"(\*\*|__)(?P<title>[^*_:\s](?:[^*\n]{0,98}[^*:\s])?)\1[ \t]*$")
_CAPITALS = re.compile(r"(?![-*+>|#<`\[(])[^\Wa-z].{2,79}$")
_NUMBERED = re.compile(r"(?P<number>\d{1,2}(?:\.\d{1,2}){0,4})\.?[ \t]+(?P<title>\S.{1,98})$")
_GAP = 3  # of numbers that count on, some may stand where no heading is seen
_END = (".", ",", ";", ":", "!", "\\")
_TITLE = re.compile(r"[\w\"'(\u201c].{2,78}$")


def unmarked(lines: Sequence[str], found: Outline) -> Rewritten | None:
    """The text with Markdown's headings, if it has none but a title and one of these kinds is there, regularly."""
    headings = [block for block in found.blocks if block.level]
    if len(headings) > 1:
        return None
    inside = bytearray(len(lines))
    for first, last in found.literal:
        inside[first:last] = b"\1" * (last - first)
    alone = [
        at
        for at, line in enumerate(lines)
        if line and not inside[at] and len(line) < 100 and not line[0].isspace() and _alone(lines, at)
    ]
    for kind, heads in (
        ("with bold labels for headings", _labels(lines, alone)),
        ("with headings in capitals", _capitals(lines, alone)),
        ("with numbered headings", _numbered(lines, alone)),
    ):
        if len(heads) >= LEAST and _regular(lines, heads):
            return _rewritten(lines, kind, heads, alone, titled=bool(headings))
    return None


def _alone(lines: Sequence[str], at: int) -> bool:
    return (at == 0 or not lines[at - 1].strip()) and (at + 1 == len(lines) or not lines[at + 1].strip())


def _labels(lines: Sequence[str], alone: Sequence[int]) -> dict[int, tuple[int, str]]:
    return {at: (2, label["title"]) for at in alone if (label := _LABEL.match(lines[at]))}


def _capitals(lines: Sequence[str], alone: Sequence[int]) -> dict[int, tuple[int, str]]:
    heads = [
        at
        for at in alone
        if (line := lines[at]).upper() == line
        and line.lower() != line
        and _CAPITALS.match(line)
        and not line.rstrip().endswith(_END)
        and sum(map(str.isalpha, line)) > 2
    ]
    if len(heads) < LEAST:
        return {}
    chosen = set(heads)
    titles = in_lower_case([lines[at] for at in heads], (line for at, line in enumerate(lines) if at not in chosen))
    return {at: (2, title) for at, title in zip(heads, titles, strict=True)}


def _numbered(lines: Sequence[str], alone: Sequence[int]) -> dict[int, tuple[int, str]]:
    """Numbers that count on from 1 at every depth; an item of a list has no text at the margin below it."""
    heads: dict[int, tuple[int, str]] = {}
    before: list[int] = []
    for at in alone:
        found = _NUMBERED.match(lines[at])
        if found is None or lines[at].rstrip().endswith(_END):
            continue
        number = [int(part) for part in found["number"].split(".")]
        depth = len(number)
        same = depth <= len(before) and number[:-1] == before[: depth - 1]
        follows = same and 0 < number[-1] - before[depth - 1] <= _GAP
        begins = depth == len(before) + 1 and number == [*before, 1]
        if follows or begins or (not before and number == [0]):
            heads[at] = (1 + depth, lines[at].strip())
            before = number
    return heads


def _regular(lines: Sequence[str], heads: dict[int, tuple[int, str]]) -> bool:
    """Whether text stands below most of them: a few lines, and some of it at the margin."""
    starts = sorted(heads)
    bodies = (lines[a + 1 : b] for a, b in zip(starts, [*starts[1:], len(lines)], strict=True))
    full = sum(any(line[:1].strip() for line in body) for body in bodies)
    filled = sum(bool(line.strip()) for line in lines)
    return 4 * full >= 3 * len(starts) and filled >= 3 * len(starts)


def _rewritten(
    lines: Sequence[str], kind: str, heads: dict[int, tuple[int, str]], alone: Sequence[int], titled: bool
) -> Rewritten:
    """The heads as headings; what stands alone on top is the title, if there is none."""
    result = list(lines)
    first = next(at for at, line in enumerate(lines) if line.strip())
    chosen = dict(heads)
    below = [at for at in heads if at > first]
    if not titled and first in alone and len(below) >= LEAST and not re.match(r"\d", lines[first]):
        if first in heads:
            chosen[first] = (1, heads[first][1])
        elif _TITLE.match(lines[first]) and not lines[first].rstrip().endswith(_END):
            chosen[first] = (1, lines[first])
    for at, (level, title) in chosen.items():
        result[at] = headed(level, title)
    return Rewritten(tuple(result), tuple(result), kind, tuple(sorted(chosen)))
