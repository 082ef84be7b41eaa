"""The issue form follows the taxonomy."""

from __future__ import annotations

from collections.abc import Iterator

from skill_fleet.checks.contexts import FleetContext
from skill_fleet.checks.rule import Violation, rule
from skill_fleet.fleet import FORM_FILE, outdated_form


@rule("fleet/issue-form", scope="fleet")
def issue_form(context: FleetContext) -> Iterator[Violation]:
    """The issue form offers the categories of skills/taxonomy.yaml, in their order.

    A category that is missing there cannot be requested, and a request for one that was removed fails. Only a form with
    the comments `# categories: begin` and `# categories: end` is checked.

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
    if outdated := outdated_form(context.fleet):
        message = "The issue form does not offer the categories of skills/taxonomy.yaml."
        key = " ".join(context.fleet.taxonomy.categories)
        yield Violation(FORM_FILE, outdated.line, message, "Run `skill-fleet fix`.", key=key)
