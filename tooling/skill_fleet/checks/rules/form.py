"""The issue form follows the taxonomy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from skill_fleet.checks.contexts import FleetContext
from skill_fleet.checks.rule import Violation, rule
from skill_fleet.fleet import FORM_FILE, Fleet, with_categories
from skill_fleet.git import EXECUTABLE, REGULAR


class OutdatedForm(NamedTuple):
    """A form that offers other categories than the taxonomy has: the line of its list, and the form as it should be."""

    line: int
    content: bytes


def outdated_form(fleet: Fleet) -> OutdatedForm | None:
    """Compare the fleet's form with its taxonomy; None when it is up to date, or has no list to keep up to date."""
    entry = next((each for each in fleet.tree.entries if each.path == FORM_FILE), None)
    if entry is None or entry.mode not in (REGULAR, EXECUTABLE) or fleet.taxonomy.faults:
        return None
    before = fleet.tree.read(entry).decode("utf-8", "surrogateescape")
    after, line = with_categories(before, fleet.taxonomy.categories)
    return None if after == before else OutdatedForm(line, after.encode("utf-8", "surrogateescape"))


@rule("fleet/issue-form", scope="fleet", ours=True)
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
