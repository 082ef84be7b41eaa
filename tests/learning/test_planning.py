"""What a run would do: which optimiser, on which examples, at what cost."""

from __future__ import annotations

import json

import pytest

import gitbed
from cli.command import fine, refused, run
from model.scripted import Scripted
from skill_fleet.learning import Example, Optimiser, plan_of, split

PLAN = ("learn", "plan", "critique_task", "--errors", "1", "--format", "json")


@pytest.mark.parametrize(
    ("learning", "optimiser", "missing"),
    [
        (8, Optimiser.NONE, {"training, for BootstrapFewShot": 2, "training, for GEPA": 22}),
        (10, Optimiser.BOOTSTRAP, {"training, for GEPA": 20}),
        (30, Optimiser.GEPA, {}),
    ],
)
def test_the_optimiser_depends_on_the_examples(
    learning: int, optimiser: str, missing: dict[str, int], fleet: gitbed.Bed
) -> None:
    """And what is missing for a better one is said."""
    facts = json.loads(fine(fleet.path, *PLAN, "--learning", str(learning)))

    assert (facts["optimiser"], facts["missing"]) == (optimiser, missing)
    assert sum(facts["calls"].values()) == facts["most_calls"]
    assert facts["examples"]["test"] == 60
    assert facts["money"] is None and facts["tokens"] >= facts["most_calls"]


def test_few_test_examples(fleet: gitbed.Bed) -> None:
    """How many are missing until a program can be accepted."""
    facts = json.loads(fine(fleet.path, *PLAN, "--test", "50"))

    assert facts["missing"] == {"test, to accept a program": 10}


def test_too_few_skills(bed: gitbed.Bed) -> None:
    """One skill cannot be in three parts."""
    refused(bed.path, *PLAN, error="fewer than three skills", tip="skill-fleet list")


def test_what_reviewers_said(fleet: gitbed.Bed, model: Scripted) -> None:
    """The steps of rounds learn from merged pull requests; where there are none, nothing is asked."""
    facts = json.loads(fine(fleet.path, "learn", "plan", "triage", "--format", "json"))
    assert facts["missing"]["test, to accept a program"] == 60 and facts["most_calls"] == facts["tokens"] == 0
    done = run(fleet.path, "learn", "run", "triage")
    assert done.status == 2 and "too few examples" in done.err and not model.requests


def test_parts_of_pull_requests() -> None:
    """The newest are for the test; no skill is in two parts; an older one of a tested skill is in none."""
    skills = ["a/a", "a/b", "a/c", "a/d", "a/b", "a/e", "a/f", "a/a", "a/g", "a/h"]
    examples = [Example("triage", str(at), skill, {}, {}, at) for at, skill in enumerate(skills, 1)]
    parts = split(examples)

    assert [one.number for one in parts.test] == [8, 9, 10]
    assert {one.number for one in (*parts.train, *parts.validation)} == {2, 3, 4, 5, 6, 7}
    assert not {one.skill for one in parts.train} & {one.skill for one in parts.validation}
    assert parts.digest == split(examples[::-1]).digest != split(examples[1:9]).digest


def test_a_plan_without_examples() -> None:
    """Nothing is asked of nobody."""
    assert sum(plan_of("triage", split([])).calls.values()) == 0
