"""The taxonomy, and that every skill has its place in it."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

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

    A misspelt category splits the fleet and has no owner to review it.

    Good:

        skills/python/demo/SKILL.md

    Bad:

        skills/pyton/demo/SKILL.md

    Mend: move the skill, or add the category in a change of its own.
    """
    known = survey.fleet.taxonomy.categories
    if not known:  # fleet/taxonomy says why
        return
    for skill in survey.fleet.skills:
        first, slash, _ = skill.id.partition("/")
        if slash and first not in known:
            near = difflib.get_close_matches(first[:60], known, 1)
            message = f"`{shown(first)}` is no category of {TAXONOMY_FILE}, so nobody looks after the skill."
            fix = (
                f"Move it to {survey.fleet.root}/{near[0]}/"
                if near
                else f"Move it to one of: {', '.join(sorted(known))}"
            )
            yield survey.at(skill, message, f"{fix}, or add the category to the taxonomy.")
