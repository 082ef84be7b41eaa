"""What skills need of each other."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from skill_fleet.checks.cycles import cycles
from skill_fleet.checks.rule import Spot, rule
from skill_fleet.checks.survey import Survey
from skill_fleet.checks.visible import shown

STATUSES = ("active", "deprecated", "retired")


@rule("fleet/requires", scope="fleet")
def requires(survey: Survey) -> Iterator[Spot]:
    """Each id in `metadata.requires` is a skill of the fleet.

    Who installs the skill is told to install that one too, and there is none.

    Good:

        metadata:
          requires: web/forms

    Bad:

        metadata:
          requires: web/froms

    Mend: correct the id, or take it out.
    """
    for skill, needed in survey.requires.items():
        for other in needed:
            if other in survey.fleet.by_id:
                continue
            message = f"`requires` names `{shown(other)}`, and there is no such skill to install."
            heirs = survey.heirs.get(other)
            near = heirs or difflib.get_close_matches(other[:120], survey.fleet.by_id, 1, 0.8)
            yield survey.at(
                skill,
                message,
                f"Write `{shown(near[0])}`." if near else "Correct it, or take it out.",
                "metadata.requires",
            )


@rule("fleet/cycle", scope="fleet")
def cycle(survey: Survey) -> Iterator[Spot]:
    """No skill requires itself, not by way of others either.

    There would be no order to install or to read them in.

    Good:

        web/forms requires web/html

    Bad:

        web/forms requires web/html, web/html requires web/forms

    Mend: take one of them out of `requires`, or put what both need into a skill of its own.
    """
    graph = {
        skill: sorted(other for other in set(needed) if other in survey.fleet.by_id)
        for skill, needed in survey.requires.items()
    }
    for path in cycles(graph):
        way = " -> ".join(shown(each) for each in (*path[:8], *(["…"] if len(path) > 8 else []), path[0]))
        message = f"These skills require each other in a circle: {way}."
        yield survey.at(path[0], message, "Take one of them out of `requires`.", "metadata.requires")


@rule("fleet/status", scope="fleet")
def status(survey: Survey) -> Iterator[Spot]:
    """`metadata.status` is active, deprecated or retired, and `superseded-by` is a skill of the fleet.

    The catalogue leaves out what is retired, and leads its readers to the skill that replaces it.

    Good:

        metadata:
          status: retired
          superseded-by: web/forms

    Bad:

        metadata:
          status: old

    Mend: write one of the three words, and an id that is there.
    """
    for skill in survey.naming(b"status:"):
        if skill.status not in STATUSES:
            message = f"The status `{shown(skill.status)}` is none of {', '.join(STATUSES)}, so it has no effect."
            yield survey.at(skill, message, "Write one of these three.", "metadata.status")
    for skill in survey.naming(b"superseded-by"):
        heir = skill.front_matter.metadata("superseded-by")
        if heir is not None and (heir == skill.id or heir not in survey.fleet.by_id):
            message = f"`superseded-by` names `{shown(heir)}`, which is no other skill, so readers are led nowhere."
            near = difflib.get_close_matches(heir[:120], survey.fleet.by_id.keys() - {skill.id}, 1, 0.8)
            fix = f"Write `{shown(near[0])}`." if near else "Write the id of the skill that replaces it."
            yield survey.at(skill, message, fix, "metadata.superseded-by")
