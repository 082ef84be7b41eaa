"""Open points graded by what they mean for a merge, and the one line that says where the draft stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from skill_fleet.drafting.pages.plain import shortened

Grade = Literal["blocks the merge", "edit", "note"]
GRADES: tuple[Grade, ...] = ("blocks the merge", "edit", "note")
MOST = 60
LONGEST = 4_000  # characters of a point
INDEX = (
    "an index whose files are not here: to be merged once they are supplied (`--from FOLDER`), or, without its lists of them, as "
    "the overview that it is"
)


@dataclass(frozen=True)
class Point:
    """Something that only a person can settle, and whether a merge has to wait for it."""

    grade: Grade
    text: str


def blocks(texts: Iterator[str]) -> Iterator[Point]:
    """What a merge has to wait for."""
    return (Point("blocks the merge", text) for text in texts)


def edits(texts: Iterator[str]) -> Iterator[Point]:
    """What a maintainer should change, and can in a minute."""
    return (Point("edit", text) for text in texts)


def notes(texts: Iterator[str]) -> Iterator[Point]:
    """What a maintainer should know."""
    return (Point("note", text) for text in texts)


def graded(points: Sequence[Point], index: bool) -> tuple[str, ...]:
    """The verdict first, then the points by grade; nothing if there are none. `index`: the text is an
    index whose files are not here.
    """
    if not points:
        return ()
    ordered = [point for grade in GRADES for point in points if point.grade == grade]
    lines = [_verdict(points, index), *(f"{point.grade}: {_bounded(point.text)}" for point in ordered)]
    return (*lines[:MOST], f"note: {len(lines) - MOST} more points like these.") if len(lines) > MOST else tuple(lines)


def _bounded(text: str) -> str:
    return text if len(text) <= LONGEST else f"{shortened(text, LONGEST)} \u2026 and more of the same."


def _verdict(points: Sequence[Point], index: bool) -> str:
    count = {grade: sum(point.grade == grade for point in points) for grade in GRADES}
    if index:
        return f"Verdict: {INDEX}."
    if count["blocks the merge"]:
        more = f", and {_many(count['edit'], 'edit')}" if count["edit"] else ""
        return f"Verdict: not to be merged as it is, for {_many(count['blocks the merge'], 'reason')}{more}."
    if count["edit"]:
        return f"Verdict: can be merged after {_many(count['edit'], 'edit')}."
    return "Verdict: can be merged; see the notes."


def _many(count: int, thing: str) -> str:
    return f"one {thing}" if count == 1 else f"{count} {thing}s"
