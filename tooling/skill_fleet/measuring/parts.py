"""What a pull request changes, measured in parts: planned for many machines, put together, judged, and attested.

The plan, a JSON object, is made before the first run. What a machine measured is another: evidence by the id of the skill.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from statistics import fmean
from typing import Any

from skill_fleet.errors import UserError
from skill_fleet.evals import (
    ALPHA,
    Arm,
    Case,
    Document,
    Outcome,
    Status,
    Store,
    cases_of,
    digest_of,
    evidence_entries,
    figures,
    file_of,
    holm,
    read_cases,
    run_of,
    subject_of,
    verify_evidence,
)
from skill_fleet.fleet import Fleet, Skill, violations

CONFIRMING = (Arm.BASE, Arm.HEAD)
"""The arms of the runs that confirm that a change hurts."""

Measured = Mapping[str, Document]
"""The evidence of one machine by the id of the skill."""


class _Unfit(Exception):
    """Parts are not what was planned, or do not fit together; the message is for people."""


def plan_parts(before: Fleet, after: Fleet, runs: int, most: int) -> Document:
    """Plan the measurement of all skills that differ between two fleets and have held-out tasks with checks.

    There are at most `most` parts, each with tasks by the id of the skill. `slots` counts the runs, with those that may
    be needed to confirm. `cost` is what a run of the skill cost on average, where the evidence in `before` knows that.
    """
    skills: dict[str, Document] = {}
    problems: dict[str, str] = {}
    for skill in after.skills:
        old = before.earlier(skill)
        try:
            cases, known = _held_out(skill), _held_out(old) if old else []
        except UserError as problem:
            problems[skill.id] = problem.message
            continue
        differs = old is None or subject_of(before, old) != subject_of(after, skill)
        if cases and (differs or [each.digest for each in cases] != [each.digest for each in known]):
            arms = [Arm.NONE, *([Arm.BASE] if old and differs else []), Arm.HEAD]
            cost = _cost_of_a_run(old) if old else None
            skills[skill.id] = {"tasks": [case.id for case in cases], "arms": arms, "cost": cost}
    size = sum(
        len(facts["tasks"]) * runs * (len(facts["arms"]) + (len(CONFIRMING) if Arm.BASE in facts["arms"] else 0))
        for facts in skills.values()
    )
    parts = _parts(skills, most)
    return {"skills": skills, "problems": problems, "runs": runs, "slots": size, "most": most, "parts": parts}


def confirming_plan(plan: Document, parts: Sequence[Measured]) -> Document:
    """Plan fresh runs of the skills whose change hurts by the parts of a plan; without any, it has no parts."""
    hurt = [each.skill for each in results(plan, parts) if each.hurts is not None]
    skills = {skill: {**plan["skills"][skill], "arms": [*CONFIRMING]} for skill in hurt}
    return {**plan, "skills": skills, "parts": _parts(skills, plan["most"])}


def _parts(skills: Mapping[str, Document], most: int) -> list[dict[str, list[int]]]:
    pairs = [(skill, task) for skill, facts in skills.items() for task in facts["tasks"]]
    count = min(most, len(pairs))
    found: list[dict[str, list[int]]] = [{} for _ in range(count)]
    for at, (skill, task) in enumerate(pairs):
        found[at % count].setdefault(skill, []).append(task)
    return found


def _held_out(skill: Skill) -> list[Case]:
    return [case for case in read_cases(skill) if case.decided and case.held_out]


def _cost_of_a_run(skill: Skill) -> float | None:
    costs: list[float] = []
    for entry in evidence_entries(skill):
        with suppress(ValueError, RecursionError):  # it is not JSON, which `validate` says
            document = json.loads(skill.tree.read(entry))
            if not any(violations("evidence", document)):
                known = (run["result"]["cost"] for run in document["runs"])
                costs += (cost for cost in known if cost is not None)
    return fmean(costs) if costs else None


@dataclass(frozen=True)
class Result:
    """The result for one skill: its evidence, and the `problem` why there is none, or why fresh runs confirm nothing.

    `hurts` is None unless the change hurts; then it says whether fresh runs confirmed that.
    """

    skill: str
    document: Document | None
    problem: str = ""
    hurts: bool | None = None


def results(plan: Document, parts: Sequence[Measured], confirming: Sequence[Measured] = ()) -> list[Result]:
    """Put parts together. Only a change that hurts, corrected over the skills, counts as such."""
    found: dict[str, Document] = {}
    problems: dict[str, str] = {}
    for skill, facts in plan["skills"].items():
        try:
            found[skill] = _together(skill, facts, facts["arms"], plan["runs"], parts)
        except _Unfit as problem:
            problems[skill] = str(problem)
    changes = {skill: each["verdicts"]["change"] for skill, each in found.items() if "change" in each["verdicts"]}
    worse = holm({skill: each["p_hurts"] for skill, each in changes.items()})
    hurt = {skill for skill in worse if changes[skill]["outcome"] == Outcome.HURTS}
    confirmed = dict.fromkeys(hurt, False)
    for skill in hurt:
        try:
            confirmed[skill] = _confirms(skill, plan, confirming)
        except _Unfit as problem:
            problems[skill] = str(problem)
    return [Result(skill, found.get(skill), problems.get(skill, ""), confirmed.get(skill)) for skill in plan["skills"]]


def _confirms(skill: str, plan: Document, parts: Sequence[Measured]) -> bool:
    """Whether fresh runs hurt as well. _Unfit when there are too few."""
    change = _together(skill, plan["skills"][skill], CONFIRMING, plan["runs"], parts)["verdicts"]["change"]
    return change["outcome"] == Outcome.HURTS and float(change["p_hurts"]) <= ALPHA


def _together(
    skill: str, facts: Mapping[str, Any], arms: Iterable[str], runs: int, parts: Sequence[Measured]
) -> Document:
    """One skill's evidence of all parts. _Unfit when they are not what was planned, or do not fit together."""
    documents = [part[skill] for part in parts if skill in part]
    if any(problem for each in documents for problem in violations("evidence", each)):
        raise _Unfit("A part does not have the form of evidence.")
    made = sorted((run_of(each) for document in documents for each in document["runs"]), key=lambda run: run.at)
    slots = Counter((run.task, str(run.arm), run.number) for run in made)
    wanted = {(task, str(arm), n) for task in facts["tasks"] for arm in arms for n in range(1, runs + 1)}
    if set(slots) != wanted or len(made) != len(wanted):
        raise _Unfit(f"{len(wanted - set(slots))} of {len(wanted)} runs are missing.")
    constant = [
        {**each["metadata"], "timestamp": "", "evals_run": [], **each["subject"], "cases": {}} for each in documents
    ]
    if any(each != constant[0] for each in constant):
        raise _Unfit("The parts do not fit together: the model or the agent differed.")
    cases = {task: digest for each in documents for task, digest in each["subject"]["cases"].items()}
    return {
        "metadata": {**documents[0]["metadata"], "timestamp": made[-1].at, "evals_run": sorted(facts["tasks"])},
        "subject": {**documents[0]["subject"], "cases": cases},
        "runs": [run.as_json() for run in made],
        **figures(made),
    }


def attested(fleet: Fleet, skill: Skill, document: Document, run: int, now: datetime) -> tuple[str, bytes] | None:
    """Return the path and the content of evidence with the run that made it; None unless it is about this skill."""
    whole = {**document, "attestation": {"run": run, "digest": digest_of(document)}}
    content = f"{json.dumps(whole, indent=1)}\n".encode()
    if any(violations("evidence", whole)):
        return None
    path = file_of(document)
    found = verify_evidence(content, path, skill, subject_of(fleet, skill), cases_of(skill), now)
    return (skill.inside(path), content) if found.status is Status.FRESH else None


def keep_outputs(store: Store, document: Document, files: Iterable[Path]) -> None:
    """Keep the outputs that evidence names, of files that other machines made."""
    wanted, names = {run["transcript"] for run in document["runs"]}, []
    for file in files:
        if sha256(content := file.read_bytes()).hexdigest() in wanted:
            store.keep(file.name, content)
            names.append(file.name)
    store.publish(names, f"Runs of {document['metadata']['skill_name']}")
