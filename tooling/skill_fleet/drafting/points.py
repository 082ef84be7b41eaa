"""Open points: their sentence for people, at most seven of them in a pull request, and their JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from skill_fleet.drafting.types import Kind, Point, Severity
from skill_fleet.markdown import shortened

MOST_SHOWN = 7
_NAMED, _BEGINNING = 20, 160  # others, and characters of each
_EXAMPLES = 5
_PLACES = 4
_NO_SOURCE = "No document was given: everything in the skill is what the model knows. Check it before you approve."


def point_text(point: Point) -> str:
    """One line for people: where, and what. Of many places and examples, the first are named."""
    if point.kind is Kind.NOT_IN_SOURCES and not point.examples:
        return _NO_SOURCE
    places = [*dict.fromkeys(f"{one.file}:{one.line}" if one.line else one.file for one in point.places)]
    text = point.kind.sentence.format(
        subject=point.subject, detail=point.detail, count=point.count or len(point.examples),
        examples=_some([f"`{one.replace('`', '')}`" for one in point.examples], _EXAMPLES),
    )  # fmt: skip
    shown = len(places) if point.kind is Kind.NOT_IN_SOURCES else _PLACES  # a reviewer goes through all of these
    return f"{_some(places, shown)}: {text.strip()}" if places else text.strip()


def _some(names: Sequence[str], most: int) -> str:
    return ", ".join([*names[:most], *(["..."] if len(names) > most else [])])


def most_important(points: Sequence[Point], most: int = MOST_SHOWN) -> tuple[str, ...]:
    """The sentences of the most important points: at most `most`, the last of which has the beginnings of all others."""
    rank = [*Severity]
    ranked = [point_text(point) for point in sorted(points, key=lambda point: rank.index(point.severity))]
    if len(ranked) <= most:
        return tuple(ranked)
    others = ranked[most - 1 :]
    named = "; ".join(shortened(text.removesuffix("."), _BEGINNING) for text in others[:_NAMED])
    return (*ranked[: most - 1], f"{len(others)} more: {named}" + ("; ..." if len(others) > _NAMED else "."))


def points_as_json(points: Iterable[Point]) -> list[dict[str, Any]]:
    """Each point as plain data, with its sentence as `text`."""
    return [{**asdict(point), "text": point_text(point)} for point in points]
