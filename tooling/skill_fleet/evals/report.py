"""Reports of a measurement: text for a terminal, Markdown, and JUnit's XML. All are functions of the evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from skill_fleet.evals.cases import Case
from skill_fleet.evals.evidence import Document
from skill_fleet.evals.runs import Arm
from skill_fleet.markdown import as_code, escaped, one_line

_TITLES = {
    "pool": "All these skills, against none",
    "effect": "The skill, against no skill",
    "change": "The skill, against the skill as it was",
}
_ARMS = {arm.configuration: arm.value for arm in Arm}
_ORDER = [arm.configuration for arm in Arm]


def text_report(skill: str, document: Document, cases: Sequence[Case]) -> str:
    """What each task came to, which assertions fail, and the verdicts."""
    facts = document["metadata"]
    rows = [
        f"{skill}: {_count(len(facts['evals_run']), 'task')}, {_count(facts['runs_per_configuration'], 'run')} each, "
        f"{facts['harness']} with {facts['executor_model'] or 'an unknown model'}, isolation: {facts['isolation']}"
    ]
    for case in cases:
        rates = ", ".join(f"{_ARMS[name]} {rate:.0%}" for name, rate in _rates(document, case.id).items())
        rows.append(f"  task {case.id}: {rates}  {one_line(case.prompt)[:80]}")
        for text, fails in _failures(document, case.id).items():
            counts = ", ".join(f"{_ARMS[name]} {failed} of {total}" for name, (failed, total) in fails.items())
            rows.append(f"    fails in {counts}: {one_line(text)}")
        if left := len(case.assertions) - len(case.decided):
            rows.append(f"    {_count(left, 'assertion')} without a check")
    return "".join(f"{escaped(row)}\n" for row in [*rows, *summary(document)])


def summary(document: Document) -> list[str]:
    """The verdicts and the costs, a line each."""
    rows = []
    for name, verdict in document["verdicts"].items():
        flaw = f" ({verdict['flaw']})" if verdict["flaw"] else ""
        rows += [f"{_TITLES[name]}: {verdict['outcome']}{flaw}", f"  {lift(verdict)}"]
    for name, ratio in document["costs"].items():
        low, high = ratio["interval"]
        rows.append(f"  {name} x{ratio['ratio']:.2f} ({low:.2f} to {high:.2f}), p = {ratio['p']:.4f}")
    return rows


def lift(verdict: Mapping[str, Any]) -> str:
    """The figures of a verdict in one line."""
    low, high = verdict["interval"]
    seen = verdict["detectable"]
    smallest = (
        f"{seen * 100:.0f} points could be seen" if seen is not None else "at least 7 tasks are needed to see any"
    )
    read = "" if verdict["activation"] is None else f", skill read in {verdict['activation']:.0%} of runs"
    return (
        f"{verdict['lift'] * 100:+.0f} points ({low * 100:+.0f} to {high * 100:+.0f}) on {_count(verdict['tasks'], 'task')}, "
        f"from {verdict['control']:.0%} to {verdict['mean']:.0%}, "
        f"p = {min(verdict['p_helps'], verdict['p_hurts']):.4f}; {smallest}{read}"
    )


def markdown_report(skill: str, document: Document, cases: Sequence[Case]) -> str:
    """The same as Markdown, for a comment or a summary."""
    arms = [name for name in _ORDER if name in document["metadata"]["configurations"]]
    rows = [f"### {as_code(skill)}", "", *(f"- {as_code(row.strip())}" for row in summary(document)), ""]
    rows += [f"| task | {' | '.join(_ARMS[name] for name in arms)} |", f"| --- |{' --- |' * len(arms)}"]
    for case in cases:
        rates = _rates(document, case.id)
        cells = " | ".join(f"{rates[name]:.0%}" if name in rates else "" for name in arms)
        rows.append(f"| {case.id} {as_code(case.prompt.replace('|', '/'), 80)} | {cells} |")
    return "\n".join([*rows, ""])


def junit_report(skill: str, document: Document, cases: Sequence[Case]) -> str:
    """The same as JUnit's XML: each task in each arm is a test, which fails with the assertions that did not always hold."""
    tests = list(_tests(document, cases))
    failed = sum("<failure" in test for test in tests)
    head = f'<testsuite name={_attribute(skill)} tests="{len(tests)}" failures="{failed}">'
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', head, *tests, "</testsuite>", ""])


def _tests(document: Document, cases: Sequence[Case]) -> Iterator[str]:
    for case in cases:
        failures = _failures(document, case.id)
        for name in _rates(document, case.id):
            runs = [each for each in document["runs"] if (each["eval_id"], each["configuration"]) == (case.id, name)]
            seconds = sum(each["result"]["time_seconds"] for each in runs)
            lines = [
                f"{fails[name][0]} of {fails[name][1]}: {text}" for text, fails in failures.items() if name in fails
            ]
            inside = f"<failure>{escape(escaped(' / '.join(lines)))}</failure>" if lines else ""
            yield (
                f'<testcase classname="{name}" name={_attribute(f"{case.id} {one_line(case.prompt)[:80]}")} '
                f'time="{seconds:.3f}">{inside}</testcase>'
            )


def _attribute(text: str) -> str:
    return quoteattr(escaped(text))


def _rates(document: Document, task: int) -> dict[str, float]:
    """The mean score of a task in each configuration."""
    found: dict[str, list[float]] = {}
    for each in document["runs"]:
        if each["eval_id"] == task:
            found.setdefault(each["configuration"], []).append(each["result"]["pass_rate"])
    return {name: fmean(found[name]) for name in _ORDER if name in found}


def _failures(document: Document, task: int) -> dict[str, dict[str, tuple[int, int]]]:
    """The assertions of a task that did not always hold: in how many runs of all, by configuration."""
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for each in document["runs"]:
        for one in each["expectations"] if each["eval_id"] == task else ():
            failed, total = found.setdefault(one["text"], {}).get(each["configuration"], (0, 0))
            found[one["text"]][each["configuration"]] = (failed + (not one["passed"]), total + 1)
    kept = {
        text: {name: counts[name] for name in _ORDER if counts.get(name, (0, 0))[0]} for text, counts in found.items()
    }
    return {text: counts for text, counts in kept.items() if counts}


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
