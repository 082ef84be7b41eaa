"""Open points: their sentence for people, at most seven of them in a pull request, and their JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from skill_fleet.drafting.types import Kind, Place, Point, Severity

MOST_SHOWN = 7
_EXAMPLES = 5
_PLACES = 4
_TEXT = {
    Kind.DESCRIPTION: "The description is the document's first sentence. Replace it: say what the skill does and when to use it.",
    Kind.PLACEHOLDER: "The placeholder `{{{{{subject}}}}}` is not filled. Fill it with `--set {subject}=VALUE`, or edit the draft.",
    Kind.LINKS: "{count} link target(s) are not among the sources: {examples}. Their text was kept.",
    Kind.INCLUDES: "{count} included file(s) are not among the sources, so the text may lack them: {examples}.",
    Kind.CUT: "The source is cut here.",
    Kind.SNIPPET: "{count} block(s) of code do not parse, the first: {detail}.",
    Kind.CHARACTERS: "{count} line(s) have characters that were damaged before and cannot be repaired with certainty.",
    Kind.REPAIRED: "{count} misread characters (UTF-8 read as {subject}) were repaired.",
    Kind.FRONT_MATTER: "Front matter with no counterpart in a skill was left out: {examples}. {detail}",
    Kind.CONVERSION: "The conversion to Markdown lost {count} word(s) of the source: {examples}. {detail}",
    Kind.REPOSITORY: "The document was written for one repository. Check what holds elsewhere.",
    Kind.SECRET: "The source has a secret here ({subject}). It was replaced by the word REDACTED; revoke it.",
    Kind.SAFETY: "`{subject}` finds a problem in text that the source has. {detail}",
    Kind.REPLACED: "The reference was replaced by the new text of its source; {count} of its lines are gone.",
    Kind.STALE_DESCRIPTION: "The description does not mention the new content. Change it with `/describe TEXT`.",
    Kind.TASK_NOT_DONE: "The task was not carried out: without a model, documents are only added.",
    Kind.VERSION: "Bump the version {subject} by hand: {detail}.",
    Kind.ASSUMED: "{subject} Assumed: {detail}",
    Kind.COVERED: "The fleet may already cover this: {examples}. Revise that skill instead?",
    Kind.OTHER_TASK: "Another skill was asked for: {subject}",
    Kind.CITATION: "{subject}: a citation was dropped. {detail}",
    Kind.DROPPED: "This claim was dropped: {subject} {detail}",
    Kind.NOT_IN_SOURCES: "Not from the sources, so check it: {examples}.",
    Kind.PROBLEM: "{subject} {detail}",
    Kind.NOT_DONE: "A planned change was not made: {subject} {detail}",
    Kind.UNUSED_SOURCE: "No file rests on {count} line(s) of the source.",
}
_NO_SOURCE = "No document was given: everything in the skill is what the model knows. Check it before you approve."
_RANK = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


def point_text(point: Point) -> str:
    """One sentence or two about a point, beginning with its places."""
    if point.kind is Kind.NOT_IN_SOURCES and not point.examples:
        return _NO_SOURCE
    examples = [f"`{one.replace('`', '')}`" for one in point.examples[:_EXAMPLES]]
    more = ["..."] if len(point.examples) > _EXAMPLES else []
    count = point.count or len(point.examples)
    text = _TEXT[point.kind].format(
        subject=point.subject, detail=point.detail, count=count, examples=", ".join([*examples, *more])
    )
    places = [*dict.fromkeys(f"{one.file}:{one.line}" if one.line else one.file for one in point.places)]
    places[_PLACES:] = ["..."] if len(places) > _PLACES else []
    return f"{', '.join(places)}: {text.strip()}" if places else text.strip()


def most_important(points: Sequence[Point], most: int = MOST_SHOWN) -> tuple[str, ...]:
    """The sentences of the most important points, the last of which counts the others if there are more than `most`."""
    ranked = [point_text(point) for point in sorted(points, key=lambda point: _RANK[point.severity])]
    if len(ranked) <= most:
        return tuple(ranked)
    return (*ranked[: most - 1], f"{len(ranked) - most + 1} more: see `open_points` in the output of `--format json`.")


def points_as_json(points: Iterable[Point]) -> list[dict[str, Any]]:
    """Each point as plain data, with its sentence as `text`."""
    return [{**asdict(point), "text": point_text(point)} for point in points]


def points_from_json(rows: object) -> tuple[Point, ...]:
    """Read what `points_as_json` wrote. Rows that are not of that form are skipped: anybody may have written them."""
    found = (_point(row) for row in rows if isinstance(row, Mapping)) if isinstance(rows, list) else ()
    return tuple(point for point in found if point)


def _point(row: Mapping[str, Any]) -> Point | None:
    try:
        return Point(
            Kind(row["kind"]),
            Severity(row["severity"]),
            str(row.get("subject", "")),
            str(row.get("detail", "")),
            tuple(Place(str(place["file"]), int(place["line"])) for place in row.get("places", ())),
            int(row.get("count", 0)),
            tuple(map(str, row.get("examples", ()))),
        )
    except (KeyError, TypeError, ValueError):
        return None
