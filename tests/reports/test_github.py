"""Annotations in a workflow: ten of a kind, worst first, and no text of a skill can be a command."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, strategies as st

from reports.findings import CLEAN, ERROR, HINT, OUTCOME
from skill_fleet.checks import Outcome
from skill_fleet.reports import github_report


def test_a_finding_is_on_its_line() -> None:
    assert github_report(Outcome(1, (ERROR,))) == (
        "::error file=skills/web/demo/SKILL.md,line=2,col=7,title=spec/name"
        "::The name `Demo` has upper-case letters. Call it `demo`.\n"
    )
    assert github_report(Outcome(1, (HINT,))).startswith("::warning file=")
    assert github_report(CLEAN) == ""


def test_ten_of_a_kind_are_shown_worst_first_and_the_rest_is_counted() -> None:
    many = tuple(replace(each, line=line) for line in range(1, 16) for each in (HINT, ERROR))
    rows = github_report(Outcome(1, many)).splitlines()
    assert [row.split(" ")[0] for row in rows[:10]] == ["::error"] * 10
    assert rows[10] == "::notice::5 more errors are in the summary of this job."
    assert len([row for row in rows if row.startswith("::warning")]) == 10
    assert rows[-1] == "::notice::5 more hints are in the summary of this job."


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_text_of_a_skill_is_a_command(path: str, words: str) -> None:
    finding = replace(ERROR, path=path, message=words, fix="\n::set-output name=x::y")
    report = github_report(Outcome(1, (finding,)))
    assert report.count("\n") == 1
    assert report.startswith("::error file=")
    place, _, data = report[2:].partition("::")
    assert place.count(",") == 3, "no text can add a property"
    assert "\r" not in data


def test_hostile_findings() -> None:
    assert "\x1b" not in github_report(OUTCOME)
    assert "%3A%3Aerror%3A%3Ax" in github_report(OUTCOME)
