"""The taxonomy, and that every skill has its place in it."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator

from skill_fleet.checks.rule import Spot, rule
from skill_fleet.checks.survey import Survey
from skill_fleet.checks.visible import shown
from skill_fleet.fleet.taxonomy import TAXONOMY_FILE


@rule("fleet/taxonomy", scope="fleet")
def taxonomy(survey: Survey) -> Iterator[Spot]:
    """skills/taxonomy.yaml lists the categories, each with a valid name and a description.

    It says where a skill belongs and who looks after it; without it every path would do.

    Good:

        categories:
          python:
            description: The language, its frameworks and its tools.

    Bad:

        categories: [python, web]

    Mend: one key a category, a `description` below it, `owners` if there are any.
    """
    for fault in survey.fleet.taxonomy.faults:
        message = f"The taxonomy is wrong, so skills cannot be placed: {shown(fault.detail)}"
        fix = "Write `categories:`, below it each category's name, and below that its `description:`."
        yield Spot(TAXONOMY_FILE, fault.line, message, fix, fault.column)


@rule("fleet/category", scope="fleet")
def category(survey: Survey) -> Iterator[Spot]:
    """The first folder of a skill's path is a category of skills/taxonomy.yaml.

    A misspelt category splits the fleet and has no owner to review it. A change is held to the categories that were there
    before it, as to all settings: a category is agreed on first, by whoever looks after the taxonomy, and used then.

    Good:

        skills/python/demo/SKILL.md

    Bad:

        skills/pyton/demo/SKILL.md

    Mend: move the skill, or have the category merged first, in a change of its own.
    """
    now = survey.fleet.taxonomy.categories
    if not now:  # fleet/taxonomy says why
        return
    known = (survey.taxonomy and survey.taxonomy.categories) or now
    for skill in survey.fleet.skills:
        first, slash, _ = skill.id.partition("/")
        if slash and not (first in now and first in known):
            message, fix = _words(first, now, known, survey.fleet.root)
            yield survey.at(skill, message, fix, key=f"category {first}")


def _words(first: str, now: Collection[str], known: Collection[str], root: str) -> tuple[str, str]:
    """What to say of a category that is not in both: the taxonomy as it is `now`, and as it was before the change."""
    name = shown(first)
    if first in now:
        return (
            f"The category `{name}` comes with this change, and a change is held to the categories from before it.",
            f"Have it merged first: open a pull request with {TAXONOMY_FILE} alone.",
        )
    if first in known:
        return (
            f"This change takes the category `{name}` out of {TAXONOMY_FILE}, and the skill is still in it.",
            "Move the skill in a change before this one, or leave the category.",
        )
    near = difflib.get_close_matches(first[:60], now, 1)
    fix = f"Move it to {root}/{near[0]}/" if near else f"Move it to one of: {', '.join(sorted(now))}"
    message = f"`{name}` is no category of {TAXONOMY_FILE}, so nobody looks after the skill."
    return message, f"{fix}, or have the category merged first."
