"""Evidence: a measurement as a file beside the skill. Every figure in it follows from the runs that it lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import exp, sqrt
from statistics import fmean
from typing import Any

from skill_fleet.evals.grading import GRADER
from skill_fleet.evals.runs import LOOP, Arm, Measurement, Run, by_task, run_of, slugged
from skill_fleet.evals.subject import Subject
from skill_fleet.evals.verdict import Flaw, Verdict, compare_costs, judge as find_verdict

FOLDER = "evals/evidence/"

Document = dict[str, Any]
"""The content of a file of evidence, or a part of it, as JSON has it."""


def evidence_of(measurement: Measurement, subject: Subject, base: str = "") -> Document:
    """Return a complete measurement as evidence. `base` is the id of the tree of the skill as it was."""
    plan, runs = measurement.plan, measurement.runs
    last = max(runs, key=lambda run: run.at)
    return {
        "metadata": {
            "skill_name": plan.name,
            "executor_model": last.model,
            "timestamp": last.at,
            "evals_run": sorted(case.id for case in plan.cases),
            "runs_per_configuration": plan.runs,
            "configurations": sorted(plan.arms),
            "harness": plan.harness.name,
            "harness_version": plan.harness.version,
            "isolation": plan.harness.isolation,
            "neighbours": sorted({name for skills in plan.arms.values() for name in skills} - {plan.name}),
            "seed": plan.seed,
            "attempt": plan.attempt,
            "plan": plan.series,
            "loop": LOOP,
        },
        "subject": {
            "tree": subject.tree,
            "requires": dict(subject.requires),
            "base": base,
            "cases": plan.digests,
            "grader": GRADER,
        },
        "runs": [run.as_json() for run in runs],
        **figures(runs),
    }


def file_of(document: Document) -> str:
    """The path of evidence in the skill's folder."""
    facts = document["metadata"]
    return f"{FOLDER}{slugged(facts['harness'])}--{slugged(facts['executor_model'])}.json"


def figures(runs: Sequence[Run]) -> Document:
    """Return everything that follows from the runs."""
    arms = _by_arm(runs)
    head = arms.get(Arm.HEAD, [])
    controls = {"effect": Arm.NONE, "change": Arm.BASE}
    verdicts = {name: _verdict(arms, control) for name, control in controls.items() if head and control in arms}
    costs = {}
    for measure in ("tokens", "turns", "cost"):
        found = compare_costs(by_task(head, measure), by_task(arms.get(Arm.NONE, ()), measure))
        if found:
            ends = [_round(exp(end)) for end in found.interval]
            p = min(1.0, 2 * min(found.above, found.below))
            costs[measure] = {"ratio": _round(exp(found.mean)), "interval": ends, "p": _round(p)}
    return {"run_summary": _summary(arms), "verdicts": verdicts, "costs": costs}


def judged_figures(judge: Mapping[str, Any], runs: Sequence[Run]) -> Document:
    """Return what follows from the grades and the preferences of a judge."""
    scores: dict[Arm, dict[int, list[float]]] = {}
    for run in runs:
        if grades := judge["grades"].get(run.transcript):
            scores.setdefault(run.arm, {}).setdefault(run.task, []).append(sum(grades.values()) / len(grades))
    head, controls = scores.get(Arm.HEAD), {"effect": Arm.NONE, "change": Arm.BASE}
    verdicts = {
        name: _as_json(find_verdict(head, scores[control]))
        for name, control in controls.items()
        if head and control in scores
    }
    votes = judge["preferences"].values()
    return {
        "verdicts": verdicts,
        "preferred": sum(each > 0 for each in votes),
        "not_preferred": sum(each < 0 for each in votes),
    }


def pooled(documents: Mapping[str, Document]) -> Document:
    """Return one verdict on the tasks of several skills together, by the evidence of each."""
    arms = {skill: _by_arm([run_of(each) for each in document["runs"]]) for skill, document in documents.items()}
    head, control = (
        {(skill, task): scores for skill, own in arms.items() for task, scores in by_task(own.get(arm, ())).items()}
        for arm in (Arm.HEAD, Arm.NONE)
    )
    return _as_json(find_verdict(head, control, [read for own in arms.values() for read in _activations(own)]))


def _by_arm(runs: Iterable[Run]) -> dict[Arm, list[Run]]:
    found: dict[Arm, list[Run]] = {}
    for run in runs:
        found.setdefault(run.arm, []).append(run)
    return found


def _verdict(arms: Mapping[Arm, list[Run]], control: Arm) -> Document:
    models = {run.model for runs in arms.values() for run in runs}
    read = any(run.activated for run in arms.get(Arm.NONE, ()))
    flaw = Flaw.MODELS_DIFFER if len(models) > 1 else Flaw.SKILL_IN_CONTROL if read else None
    sham = by_task(arms[Arm.SHAM]) if Arm.SHAM in arms and control is Arm.NONE else None
    return _as_json(find_verdict(by_task(arms[Arm.HEAD]), by_task(arms[control]), _activations(arms), sham, flaw))


def _activations(arms: Mapping[Arm, list[Run]]) -> list[bool]:
    return [run.activated for run in arms.get(Arm.HEAD, ()) if run.activated is not None]


def _as_json(verdict: Verdict) -> Document:
    found = verdict.comparison
    return {
        "outcome": verdict.outcome,
        "lift": _round(found.mean),
        "interval": list(found.interval),
        "p_helps": _round(found.above),
        "p_hurts": _round(found.below),
        "detectable": None if found.detectable is None else _round(found.detectable),
        "tasks": len(found.differences),
        "mean": _round(verdict.mean),
        "control": _round(verdict.control),
        "activation": None if verdict.activation is None else _round(verdict.activation),
        "flaw": verdict.flaw,
    }


def _round(number: float) -> float:
    return round(number, 4)


def _summary(arms: Mapping[Arm, list[Run]]) -> Document:
    """The means over runs, as in a benchmark.json."""
    names = {"pass_rate": ("score", 2), "time_seconds": ("seconds", 1), "tokens": ("tokens", 0)}
    found: Document = {}
    for arm, runs in arms.items():
        checked = [run for run in runs if run.grades]  # others have no score
        measures = {
            name: [getattr(run, key) for run in (checked if key == "score" else runs)]
            for name, (key, _) in names.items()
        }
        found[arm] = {name: _spread(values) for name, values in measures.items() if values and None not in values}
    head, none = (found.get(arm, {}) for arm in (Arm.HEAD, Arm.NONE))
    found["delta"] = {
        name: f"{head[name]['mean'] - none[name]['mean']:+.{places}f}"
        for name, (_, places) in names.items()
        if name in head and name in none
    }
    return found


def _spread(values: Sequence[float]) -> Document:
    mean = fmean(values)
    deviation = sqrt(fmean([(value - mean) ** 2 for value in values]))
    spread = {"mean": mean, "stddev": deviation, "min": min(values), "max": max(values)}
    return {key: _round(value) for key, value in spread.items()}
