"""The comment on a pull request: what is going to be measured, and what came of it. All that others wrote is code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skill_fleet.evals import Arm, digest_of, markdown_report, read_cases
from skill_fleet.fleet import Fleet
from skill_fleet.markdown import as_code
from skill_fleet.measuring.parts import Result


def told_text(plan: Mapping[str, Any]) -> str:
    """Say what a plan is going to measure, and what that may cost."""
    runs = plan["runs"]
    lines = [
        f"- {len(facts['tasks'])} tasks of {as_code(skill)}, {runs} times in each arm "
        f"({', '.join(Arm(arm).name.lower() for arm in facts['arms'])}){_estimate(facts, runs)}"
        for skill, facts in plan["skills"].items()
    ]
    lines += [f"- {as_code(skill)} is left out: {as_code(why)}" for skill, why in plan["problems"].items()]
    if plan["skills"]:
        last = f"All runs together may cost {plan['budget']:g}: none begins that could cost more."
    else:
        last = (
            "There is nothing to measure: no skill that changes has held-out tasks with checks. Write some: "
            "`skill-fleet eval new SKILL --from DOCUMENT.md`"
        )
    return "\n".join([*lines, "", last, ""])


def _estimate(facts: Mapping[str, Any], runs: int) -> str:
    if facts["cost"] is None:
        return "; what a run costs is not known yet"
    return f"; about {facts['cost'] * len(facts['tasks']) * len(facts['arms']) * runs:.2f}, by its evidence"


def result_text(result: Result, head: Fleet) -> str:
    """Say what came of one skill: the verdicts, the table of its tasks, and the digest of the evidence."""
    if result.document is None:
        return f"### {as_code(result.skill)}\n\nThere is no verdict: {result.problem}\n"
    verdict = {
        True: "**The change hurts, and fresh runs confirm that.**\n\n",
        False: "The change seems to hurt, but fresh runs do not confirm that, so it does not fail.\n\n",
        None: "",
    }
    tasks = result.document["metadata"]["evals_run"]
    cases = [case for case in read_cases(head.by_id[result.skill]) if case.id in tasks]
    digest = f"\nThe digest of this evidence is `{digest_of(result.document)}`.\n"
    return f"{verdict[result.hurts]}{markdown_report(result.skill, result.document, cases)}{digest}"
