"""The steps of the workflow `eval`, with a real agent whose model is scripted: from two commits to attested evidence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import gitbed
from agents.provider import serving
from cli.command import Done, run
from evals import planted
from evals.test_models import scripted
from skill_fleet.agents import Isolation, isolations_here

pytestmark = pytest.mark.skipif({*isolations_here()} <= {Isolation.NONE}, reason="there is no sandbox here")

WORSE = gitbed.skill("colours", body="Answer as you like.")
FILE = f"{planted.FOLDER}/evals/evidence/lm--scripted-1.json"


def read(path: Path) -> Any:
    """A file of a step."""
    return json.loads(path.read_text())


class Steps:
    """One measurement in a clone, each step with its own folder."""

    def __init__(self, bed: gitbed.Bed, folder: Path, head: str) -> None:
        self.bed, self.folder = bed, folder
        folder.mkdir()
        self.planned = self.step(
            "plan",
            "--base",
            "main",
            "--head",
            head,
            "--runs",
            "1",
            "--parts",
            "2",
            "--budget",
            "5",
            "--output",
            self.at("plan"),
        )
        for side in ("base", "head"):
            bed.git("update-ref", f"refs/eval/{side}", read(folder / "plan")[side])

    def at(self, name: str) -> str:
        """The path of a file or folder."""
        return str(self.folder / name)

    def step(self, *words: str) -> Done:
        """Run a step."""
        return run(self.bed.path, "eval", "pull", *words)

    def measure(self, plan: str, into: str) -> list[Done]:
        """Run all parts of a plan."""
        count = len(read(self.folder / plan)["parts"])
        fixed = ("--price", "1", "10", "--jobs", "2")
        return [
            self.step("part", self.at(plan), str(n), *fixed, "--output", self.at(f"{into}/{n}")) for n in range(count)
        ]

    def report(self) -> tuple[dict[str, Any], str, Any]:
        """The check, the comment, and the evidence."""
        words = (self.at("plan"), self.at("parts"), "--confirmed", self.at("fresh"), "--output", self.at("result"))
        done = self.step("report", *words)
        assert done.status == 0, done
        result = self.folder / "result"
        return read(result / "check.json"), (result / "comment.md").read_text(), read(result / "evidence.json")


@pytest.fixture
def bed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> gitbed.Bed:
    """A fleet with a skill that says BLUE, which no task has without it. Its change says nothing."""
    tasks = planted.cases(*(planted.case(number, 0) for number in range(1, 8)))
    bed = planted.make_fleet(tmp_path / "planted", 1, **{f"{planted.FOLDER}/evals/evals.json": tasks})
    bed.git("switch", "--quiet", "--create", "worse")
    bed.commit("Worse", {f"{planted.FOLDER}/SKILL.md": WORSE})
    bed.git("switch", "--quiet", "main")
    monkeypatch.setenv("SKILL_FLEET_MODEL_KEY", "key-that-nobody-may-see")
    monkeypatch.setenv("SKILL_FLEET_MODEL", "openai/scripted-1")
    return bed


def test_a_change_that_hurts_fails(bed: gitbed.Bed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is measured again before it does; the key is in nothing that is handed on; after the merge it is attested."""
    steps = Steps(bed, tmp_path / "steps", "worse")
    assert "7 tasks" in steps.planned.out and "5" in steps.planned.out.splitlines()[-1]
    with serving(scripted("follow")) as provider:
        monkeypatch.setenv("SKILL_FLEET_API_BASE", f"{provider.address}/v1")
        assert [done.status for done in steps.measure("plan", "parts")] == [0] * 2
        assert steps.step("weigh", steps.at("plan"), steps.at("parts"), "--output", steps.at("again")).status == 0
        assert read(tmp_path / "steps/again")["skills"][planted.SKILL]["arms"] == ["old_skill", "with_skill"]
        assert [done.status for done in steps.measure("again", "fresh")] == [0] * 2
    check, comment, evidence = steps.report()
    assert check["conclusion"] == "failure" and planted.SKILL in check["title"]
    assert "**The change hurts" in comment and "| 7 " in comment
    assert evidence[planted.SKILL]["verdicts"]["change"]["outcome"] == "hurts"
    assert not any(b"nobody-may-see" in path.read_bytes() for path in (tmp_path / "steps").rglob("*") if path.is_file())
    for number in ("7", "8"):
        (tmp_path / "runs" / number).mkdir(parents=True)
        (tmp_path / "runs" / number / "evidence.json").write_text(json.dumps(evidence))
    assert run(bed.path, "eval", "pull", "publish", str(tmp_path / "runs")).status == 0
    assert not (bed.path / FILE).exists(), "it is about another skill than main's"
    bed.git("merge", "--quiet", "worse")
    assert run(bed.path, "eval", "pull", "publish", str(tmp_path / "runs")).status == 0
    assert read(bed.path / FILE)["attestation"]["run"] == 8
    (found,) = planted.verified(bed, "--regrade")
    assert (found["status"], found["kept"], found["run"]) == ("fresh", 21, 8), found
    assert found["source"].startswith("self-reported"), "it is not on main yet"
    bed.commit("Write the catalogue")
    assert planted.verified(bed)[0]["source"] == "attested"


def test_what_is_missing_gives_no_verdict(bed: gitbed.Bed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A budget that is used up is named; nothing fails, and nothing is evidence."""
    steps = Steps(bed, tmp_path / "steps", "worse")
    plan = read(tmp_path / "steps/plan")
    (tmp_path / "steps/plan").write_text(json.dumps({**plan, "budget": 0.0001}))
    with serving(scripted("follow")) as provider:
        monkeypatch.setenv("SKILL_FLEET_API_BASE", f"{provider.address}/v1")
        done = steps.measure("plan", "parts")
    assert {each.status for each in done} == {2} and "budget" in done[0].err
    check, comment, evidence = steps.report()
    assert check["conclusion"] == "neutral" and evidence == {}
    assert "There is no verdict: " in comment and "runs are missing" in comment
