"""The report for programs."""

from __future__ import annotations

import json

from skill_fleet.checks.outcome import Outcome


def json_report(outcome: Outcome) -> str:
    """One JSON object: counts, and the findings with the keys of `Finding.as_json`; `existing` if there was a base.

    Everything outside ASCII is escaped, so a terminal that shows it obeys nothing.
    """
    facts: dict[str, object] = {"skills": outcome.skills, "errors": outcome.errors, "hints": outcome.hints}
    if outcome.existing is not None:
        facts["existing"] = len(outcome.existing)
    facts["findings"] = [finding.as_json() for finding in outcome.findings]
    return json.dumps(facts, indent=2) + "\n"
