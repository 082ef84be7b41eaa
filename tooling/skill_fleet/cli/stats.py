"""skill-fleet stats"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from statistics import median

import click

from skill_fleet import fleet, markdown, site
from skill_fleet.cli import FINE
from skill_fleet.cli.options import format_option, say, say_json
from skill_fleet.errors import UserError

_SHOWN = 5


@click.command("stats")
@click.option("--ref", metavar="REF", default="HEAD", help="Count the skills of this commit or branch (default: HEAD).")
@format_option
def stats(ref: str, form: str) -> int:
    """Count ages, sizes and reviews of the skills, and recommend what to do.

    All of it comes from Git and the files: how old the skills are and since when nobody changed them, how long reviews
    took, what is required by others, whose evidence is stale, and which owners have left.
    """
    repo = fleet.here()
    if repo.is_shallow:
        raise UserError("This clone is shallow, so its history is not here.", "Fetch it: git fetch --unshallow")
    skills = fleet.skills_at(repo, ref)
    if not skills.skills:
        raise fleet.no_skill(skills)
    found = site.count(repo, skills, repo.resolve(ref), datetime.now(UTC))
    if form == "json":
        say_json(asdict(found))
    else:
        say(*map(markdown.escaped, _lines(found)))
    return FINE


def _lines(found: site.Stats) -> Iterator[str]:
    rows = found.skills
    categories = len({each.category for each in rows})
    yield (
        f"{len(rows):,} skill{'s' * (len(rows) != 1)} in {categories} categor{'y' if categories == 1 else 'ies'}, "
        f"{sum(each.tokens for each in rows):,} tokens of SKILL.md"
    )
    quiet = median(each.quiet for each in rows)
    yield f"  age: {median(each.age for each in rows):.0f} days; last change: {quiet:.0f} days ago (medians)"
    if found.reviews:
        one = found.reviews
        yield (
            f"  reviews: {one.days:g} days from a branch's first commit to its merge, {one.commits:g} commits "
            f"(medians of {one.merges} merge{'s' * (one.merges != 1)})"
        )
    yield from _top("longest", ((each.tokens, each.id) for each in rows), "tokens")
    yield from _top("required most", ((each.required_by, each.id) for each in rows), "skills require it")
    if found.recommendations:
        yield ""
        yield "Recommended:"
    for advice in dict.fromkeys(each.advice for each in found.recommendations):
        own = [each for each in found.recommendations if each.advice == advice]
        yield from (f"  {each.about}: {advice}. {each.why}" for each in own[:_SHOWN])
        if len(own) > _SHOWN:
            yield f"  and {len(own) - _SHOWN:,} more to {advice}: --format json"


def _top(title: str, counted: Iterable[tuple[int, str]], unit: str) -> Iterator[str]:
    best = sorted((row for row in counted if row[0]), reverse=True)[:_SHOWN]
    if best:
        yield f"  {title}:"
        yield from (f"    {skill_id}: {number:,} {unit}" for number, skill_id in best)
