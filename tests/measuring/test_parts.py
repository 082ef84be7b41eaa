"""A measurement in parts: what is planned, what the parts come to, and what may be published."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

import gitbed
from cli.command import run
from evals import planted
from skill_fleet.evals import digest_of, figures, run_of
from skill_fleet.fleet import fleet_at, violations
from skill_fleet.git import Repository
from skill_fleet.measuring import confirming_plan, plan_parts, plan_text, results

NONE, BASE, HEAD = "without_skill", "old_skill", "with_skill"


def plan(tasks: int, *skills: str) -> dict[str, Any]:
    """A plan of one run of each task in each arm."""
    facts = {"tasks": [*range(1, tasks + 1)], "arms": [NONE, BASE, HEAD], "cost": None}
    return {"skills": dict.fromkeys(skills, facts), "problems": {}, "runs": 1, "slots": 1, "most": 3, "parts": []}


def part(tasks: Iterable[int], held: dict[str, bool], **facts: Any) -> dict[str, Any]:
    """The evidence of one machine: in each arm, the assertion of every task holds or not."""
    ids = [*tasks]
    runs = [
        run_of({
            "eval_id": task, "configuration": arm, "run_number": 1, "expectations": [{"text": "so", "passed": holds}],
            "result": {"exit": 0, "time_seconds": 1.0, "tokens": 1, "cost": 0.5, "turns": 1, "tool_calls": 0},
            "model": "m-1", "activated": arm != NONE, "at": f"2026-01-01T00:00:{task:02}+00:00",
            "transcript": digest_of([task, arm]),
        })
        for task in ids for arm, holds in held.items()
    ]  # fmt: skip
    metadata = {
        "skill_name": "colours", "executor_model": "m-1", "timestamp": max(run.at for run in runs), "evals_run": ids,
        "runs_per_configuration": 1, "configurations": sorted(held), "harness": "lm", "harness_version": "1",
        "isolation": "namespaces", "neighbours": [], "seed": 0, "attempt": 1, "plan": "0" * 40, "loop": 2,
    }  # fmt: skip
    subject = {
        "tree": "1" * 40,
        "requires": {},
        "base": "2" * 40,
        "cases": {str(n): digest_of(n) for n in ids},
        "grader": 1,
    }
    document = {"metadata": metadata | facts, "subject": subject, "runs": [each.as_json() for each in runs]}
    found: dict[str, Any] = json.loads(json.dumps({**document, **figures(runs)}))
    assert not [*violations("evidence", found)]
    return found


WORSE = {NONE: False, BASE: True, HEAD: False}
SAME = {NONE: False, BASE: True, HEAD: True}


def split(held: dict[str, bool], skill: str = "a/x", tasks: int = 7) -> list[dict[str, Any]]:
    """The parts of two machines."""
    half = range(1, tasks // 2 + 1), range(tasks // 2 + 1, tasks + 1)
    return [{skill: part(ids, held)} for ids in half]


def fresh(held: dict[str, bool]) -> list[dict[str, Any]]:
    """The parts that confirm."""
    return split({arm: held[arm] for arm in (BASE, HEAD)})


def test_parts_are_one_measurement() -> None:
    """What is put together is what one machine would have measured."""
    (found,) = results(plan(7, "a/x"), split(SAME))
    assert found.document == part(range(1, 8), SAME) and found.hurts is None
    assert found.document["verdicts"]["effect"]["outcome"] == "helps"


def test_only_what_fresh_runs_confirm_hurts() -> None:
    """They are made of the skills that hurt, with base and head alone."""
    whole = plan(7, "a/x")
    again = confirming_plan(whole, split(WORSE))
    assert [*again["skills"]] == ["a/x"] and len(again["parts"]) == 3
    assert confirming_plan(whole, split(SAME))["parts"] == []
    hurts = [results(whole, split(WORSE), each)[0].hurts for each in (fresh(WORSE), fresh(SAME), fresh(WORSE)[:1], [])]
    assert hurts == [True, False, False, False]
    assert results(whole, split(SAME), fresh(WORSE))[0].hurts is None
    problems = [results(whole, split(WORSE), each)[0].problem for each in (fresh(SAME), fresh(WORSE)[:1])]
    assert not problems[0] and problems[1], "fresh runs that are missing refute nothing"


def test_many_skills_are_corrected() -> None:
    """With seven tasks, p is 1/128: enough for one skill, not for the best of two."""
    other = {"a/x": WORSE, "a/y": SAME}
    parts = [each for skill, held in other.items() for each in split(held, skill)]
    assert [each.hurts for each in results(plan(7, *other), parts)] == [None, None]
    parts = [each for skill, held in other.items() for each in split(held, skill, 8)]
    assert [each.hurts for each in results(plan(8, *other), parts)] == [False, None]


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([], id="none"),
        pytest.param(split(SAME)[:1], id="one is missing"),
        pytest.param([*split(SAME), split(SAME)[0]], id="one twice"),
        pytest.param([split(SAME)[0], {"a/x": part(range(4, 8), SAME, harness_version="2")}], id="another agent"),
        pytest.param([split(SAME)[0], {"a/x": part(range(4, 8), SAME, executor_model="m-2")}], id="another model"),
        pytest.param([split(SAME)[0], {"a/x": part(range(4, 9), SAME)}], id="a task that was not planned"),
        pytest.param([split(SAME)[0], {"a/x": {"runs": []}}], id="another form"),
    ],
)
def test_parts_that_do_not_fit(parts: list[dict[str, Any]]) -> None:
    """They give no verdict, and say why."""
    (found,) = results(plan(7, "a/x"), parts)
    assert found.document is None and found.problem and found.hurts is None


def test_a_comment_holds_what_fits() -> None:
    """Of a thousand skills, a comment has the first, whole, and says how many are left."""
    names = [f"a/x{at}" for at in range(3000)]
    text = plan_text({**plan(7, *names), "budget": 5})
    assert len(text) < 65_000 and "`a/x0`" in text and "`a/x2999`" not in text and "more" in text.splitlines()[-3]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> gitbed.Bed:
    """A fleet with two commits: in the second, a skill has changed, one is new, and the cases of a third are not valid."""
    bed = planted.make_fleet(tmp_path_factory.mktemp("parts"), 3)
    bed.commit(
        "Same",
        {
            "skills/web/same/SKILL.md": gitbed.skill("same"),
            "skills/web/same/evals/evals.json": planted.cases(planted.case(1)),
        },
    )
    tasks = planted.cases(planted.case(4), planted.case(5, split="train"), {"id": 6, "prompt": "No check."})
    bed.commit("Change", {
        f"{planted.FOLDER}/SKILL.md": gitbed.skill("colours", body="Answer BLUE, please."),
        "skills/web/new/SKILL.md": gitbed.skill("new"), "skills/web/new/evals/evals.json": tasks,
        "skills/web/bad/SKILL.md": gitbed.skill("bad"), "skills/web/bad/evals/evals.json": "{}",
        "skills/web/none/SKILL.md": gitbed.skill("none"),
    })  # fmt: skip
    return bed


def test_what_changes_is_planned(made: gitbed.Bed) -> None:
    """Held-out tasks with checks, of skills that differ; a new skill has no base. What hurts may be confirmed."""
    repo = Repository(made.path)
    found = plan_parts(fleet_at(repo, "HEAD~1"), fleet_at(repo, "HEAD"), 2, 3)
    assert found["skills"] == {
        planted.SKILL: {"tasks": [1, 2, 3], "arms": [NONE, BASE, HEAD], "cost": None},
        "web/new": {"tasks": [4], "arms": [NONE, HEAD], "cost": None},
    }
    assert [*found["problems"]] == ["web/bad"]
    assert found["slots"] == 3 * 2 * (3 + 2) + 1 * 2 * 2
    tasks = [(skill, task) for each in found["parts"] for skill, ids in each.items() for task in ids]
    assert len(found["parts"]) == 3 and sorted(tasks) == [
        (planted.SKILL, 1),
        (planted.SKILL, 2),
        (planted.SKILL, 3),
        ("web/new", 4),
    ]


def test_a_moved_skill_is_measured_against_what_it_was(made: gitbed.Bed, tmp_path: Path) -> None:
    """It says where it was, as `skill-fleet move` writes it."""
    bed = made.copy(tmp_path / "moved")
    done = run(bed.path, "move", planted.SKILL, "web/tints")
    assert done.status == 0, done
    bed.commit("Move it")
    found = plan_parts(fleet_at(bed.repo, "HEAD~1"), fleet_at(bed.repo, "HEAD"), 1, 3)
    assert found["skills"] == {"web/tints": {"tasks": [1, 2, 3], "arms": [NONE, BASE, HEAD], "cost": None}}

    words = ("--command", planted.agent(made, "follow"), "--harness", "scripted", "--isolation", "none", "--runs", "1")
    done = run(bed.path, "eval", "web/tints", "--base", "HEAD~1", *words)
    (file,) = (bed.path / "skills/web/tints/evals/evidence").iterdir()
    document = json.loads(file.read_text())
    assert document["subject"]["base"] and {each["configuration"] for each in document["runs"]} == {NONE, BASE, HEAD}, (
        done
    )


def test_cases_that_are_not_valid_are_errors(made: gitbed.Bed) -> None:
    """In a pull request, with no model; those that the change did not touch are not looked at."""
    done = run(made.path, "validate", "--base", "HEAD~1", "--head", "HEAD", "--format", "json")
    found = [each for each in json.loads(done.out)["findings"] if each["rule"] == "evals/cases"]
    assert [(each["path"], each["severity"]) for each in found] == [("skills/web/bad/evals/evals.json", "error")]
