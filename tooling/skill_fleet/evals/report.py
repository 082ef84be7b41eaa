"""Reports of a measurement: text for a terminal, Markdown, and JUnit's XML. All are functions of the evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
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


def text_report(skill: str, document: Document, cases: Sequence[Case]) -> str:
    """What each task came to, which assertions fail, and the verdicts."""
    facts = document["metadata"]
    rows = [
        f"{skill}: {_count(len(facts['evals_run']), 'task')}, {_count(facts['runs_per_configuration'], 'run')} each, "
        f"{facts['harness']} with {facts['executor_model'] or 'an unknown model'}, isolation: {facts['isolation']}"
    ]
    for case in cases:
        groups = _by_arm(document, case)
        rates = ", ".join(f"{arm} {_rate(case, runs)}" for arm, runs in groups.items())
        rows.append(f"  task {case.id}: {rates}  {one_line(case.task.prompt)[:80]}")
        rows += [f"    {arm} fails in {each}" for arm, runs in groups.items() for each in _failures(runs)]
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
    if judge := document.get("judge"):
        trusted = "" if judge["verdicts"] else "; too few for a verdict"
        rows.append(
            f"By the judge {judge['model']}, which failed {judge['bad_failed']} of {judge['bad']} bad answers and passed "
            f"{judge['good_passed']} of {judge['good']} good ones{trusted}:"
        )
        rows += [f"  {_TITLES[name]}: {each['outcome']}, {lift(each)}" for name, each in judge["verdicts"].items()]
        if judge["preferences"]:
            count = len(judge["preferences"])
            rows.append(
                f"  preferred in {judge['preferred']} of {_count(count, 'task')}, and the other in {judge['not_preferred']}"
            )
    return rows


def lift(verdict: Mapping[str, Any]) -> str:
    """The figures of a verdict in one line."""
    low, high = verdict["interval"]
    seen = verdict["detectable"]
    smallest = f"{seen * 100:.0f} points could be seen" if seen else "at least 7 tasks are needed to see any"
    read = "" if verdict["activation"] is None else f", skill read in {verdict['activation']:.0%} of runs"
    return (
        f"{verdict['lift'] * 100:+.0f} points ({low * 100:+.0f} to {high * 100:+.0f}) on {_count(verdict['tasks'], 'task')}, "
        f"from {verdict['control']:.0%} to {verdict['mean']:.0%}, "
        f"p = {min(verdict['p_helps'], verdict['p_hurts']):.4f}; {smallest}{read}"
    )


def markdown_report(skill: str, document: Document, cases: Sequence[Case]) -> str:
    """The same as Markdown, for a comment or a summary."""
    arms = [arm.name.lower() for arm in Arm if arm in document["metadata"]["configurations"]]
    rows = [f"### {as_code(skill)}", "", *(f"- {as_code(row.strip())}" for row in summary(document)), ""]
    rows += [f"| task | {' | '.join(arms)} |", f"| --- |{' --- |' * len(arms)}"]
    for case in cases:
        cells = " | ".join(_rate(case, runs) for runs in _by_arm(document, case).values())
        rows.append(f"| {case.id} {as_code(case.task.prompt.replace('|', '/'), 80)} | {cells} |")
    return "\n".join([*rows, ""])


def junit_report(skill: str, document: Document, cases: Sequence[Case]) -> str:
    """The same as a test suite in JUnit's XML: each task in each arm is a test, which fails with the assertions that did not always hold."""
    rows, failed = [], 0
    for case in cases:
        for arm, runs in _by_arm(document, case).items():
            seconds = sum(each["result"]["time_seconds"] for each in runs)
            lines = escape(escaped(" / ".join(_failures(runs))))
            failed += bool(lines)
            name = quoteattr(escaped(f"{case.id} {case.task.prompt[:80]}"))
            inside = f"<failure>{lines}</failure>" if lines else ""
            rows.append(f'<testcase classname="{arm}" name={name} time="{seconds:.3f}">{inside}</testcase>')
    head = f'<testsuite name={quoteattr(escaped(skill))} tests="{len(rows)}" failures="{failed}">'
    return "\n".join([head, *rows, "</testsuite>", ""])


def _by_arm(document: Document, case: Case) -> dict[str, list[Document]]:
    """The runs of a task by the name of their arm."""
    ours = [each for each in document["runs"] if each["eval_id"] == case.id]
    found = {arm.name.lower(): [each for each in ours if each["configuration"] == arm] for arm in Arm}
    return {name: runs for name, runs in found.items() if runs}


def _rate(case: Case, runs: Sequence[Document]) -> str:
    return f"{fmean(each['result']['pass_rate'] for each in runs):.0%}" if case.decided else "no check"


def _failures(runs: Sequence[Document]) -> list[str]:
    """The assertions that did not always hold: in how many runs of all."""
    failed = Counter(one["text"] for each in runs for one in each["expectations"] if not one["passed"])
    return [f"{count} of {len(runs)}: {one_line(text)}" for text, count in failed.items()]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
