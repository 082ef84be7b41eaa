"""The issue form follows the taxonomy."""

from __future__ import annotations

from collections.abc import Iterator

from skill_fleet.checks.rule import Spot, rule
from skill_fleet.checks.survey import Survey
from skill_fleet.fleet import FORM_FILE, outdated_form


@rule("fleet/issue-form", scope="fleet")
def issue_form(survey: Survey) -> Iterator[Spot]:
    """The issue form offers the categories of skills/taxonomy.yaml, in their order.

    Whoever asks for a skill chooses from that list. A category that it lacks cannot be chosen, and a draft for a category
    that is gone fails. Only a form with the comments `# categories: begin` and `# categories: end` is checked.

    Good:

        options:
          # categories: begin
          - "python"
          # categories: end

    Bad:

        options:
          # categories: begin
          - "cobol"
          # categories: end

    Fix: run `skill-fleet fix`, which writes the list, in the pull request that changes the taxonomy.
    """
    if outdated := outdated_form(survey.fleet):
        message = "The issue form does not offer the categories of skills/taxonomy.yaml."
        key = " ".join(survey.fleet.taxonomy.categories)
        yield Spot(FORM_FILE, outdated.line, message, "Run `skill-fleet fix`.", key=key)
