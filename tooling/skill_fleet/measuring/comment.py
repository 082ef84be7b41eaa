"""The comment on a pull request: what is going to be measured, then the results. All that others wrote is shown as code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from skill_fleet.evals import Arm, digest_of, markdown_report, read_cases
from skill_fleet.fleet import Fleet
from skill_fleet.markdown import as_code
from skill_fleet.measuring.parts import Result

_MOST_TEXT = 60_000
"""The characters of a comment; GitHub takes 65,536."""


def plan_text(plan: Mapping[str, Any]) -> str:
    """Return what a plan is going to measure, and what that may cost."""
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
    shown, left = _fitting(lines)
    return "\n".join([*shown, *([f"- and {left} more"] if left else []), "", last, ""])


def _fitting(texts: Sequence[str]) -> tuple[list[str], int]:
    """The first of these texts, as many as a comment can hold, and how many are left."""
    ends = accumulate(len(text) + 1 for text in texts)
    shown = [text for text, end in zip(texts, ends, strict=True) if end <= _MOST_TEXT]
    return shown, len(texts) - len(shown)


def _estimate(facts: Mapping[str, Any], runs: int) -> str:
    if facts["cost"] is None:
        return "; what a run costs is not known yet"
    return f"; about {facts['cost'] * len(facts['tasks']) * len(facts['arms']) * runs:.2f}, by its evidence"


def results_text(results: Sequence[Result], head: Fleet) -> str:
    """Return the results for all skills, as far as a comment can hold them."""
    shown, left = _fitting([_result_text(each, head) for each in results])
    return "\n".join([*shown, *([f"A comment cannot hold the results of {left} more skills.\n"] if left else [])])


def _result_text(result: Result, head: Fleet) -> str:
    """Return the verdicts for one skill, the table of its tasks, and the digest of the evidence."""
    if result.document is None:
        return f"### {as_code(result.skill)}\n\nThere is no verdict: {result.problem}\n"
    verdict = {
        True: "**The change hurts, and fresh runs confirm that.**\n\n",
        False: f"The change seems to hurt, but there are no fresh runs that confirm it. {result.problem}\n\n"
        if result.problem
        else "The change seems to hurt, but fresh runs do not confirm that, so it does not fail.\n\n",
        None: "",
    }
    tasks = result.document["metadata"]["evals_run"]
    cases = [case for case in read_cases(head.by_id[result.skill]) if case.id in tasks]
    digest = f"\nThe digest of this evidence is `{digest_of(result.document)}`.\n"
    return f"{verdict[result.hurts]}{markdown_report(result.skill, result.document, cases)}{digest}"
