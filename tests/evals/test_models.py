"""Effects planted in a scripted model, measured with the agent `lm`: what the model does with the skill is the verdict."""

from __future__ import annotations

from pathlib import Path

import pytest

import gitbed
from agents.provider import Call, Script, Shown, serving
from cli.command import Done, run
from evals import planted

WRITE = "write_file"


def scripted(mode: str) -> Script:
    """A model that writes BLUE or RED to the file: as its habit is for the task, or as the skill makes it do.

    follow: reads the skill, and follows the rule in it. ignore: reads it, and goes on as before. misled: reads it, and does
    the opposite. blind: never loads it.
    """

    def answer(shown: Shown) -> str | Call:
        offered = "skill" in shown.tools and mode != "blind"
        if offered and not shown.results:
            return Call("skill", {"name": "colours"})
        if shown.results == (2 if offered else 1):
            return "Done."
        colour = "BLUE" if "rate 1" in shown.text else "RED"
        if offered and mode != "ignore" and "Answer BLUE, whatever" in shown.text:
            colour = "BLUE" if mode == "follow" else "RED"
        return Call(WRITE, {"path": "answer.txt", "content": colour})

    return answer


@pytest.fixture
def bed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> gitbed.Bed:
    """A fleet with a skill that says BLUE. Without it, every other of 14 tasks has that answer."""
    monkeypatch.setenv("SKILL_FLEET_MODEL_KEY", "key-that-nobody-may-see")
    return planted.make_fleet(tmp_path / "planted", 14)


def measured(bed: gitbed.Bed, mode: str, monkeypatch: pytest.MonkeyPatch, *words: str) -> Done:
    """Run `skill-fleet eval` with the agent `lm` and a scripted model."""
    with serving(scripted(mode)) as provider:
        monkeypatch.setenv("SKILL_FLEET_API_BASE", f"{provider.address}/v1")
        fixed = ("--harness", "lm", "--model", "scripted-1", "--jobs", "2", "--runs", "1", "--price", "1", "10")
        return run(bed.path, "eval", planted.SKILL, *fixed, *words)


@pytest.mark.parametrize(
    ("mode", "outcome", "activation"),
    [
        ("follow", "helps", 1),
        ("ignore", "no evidence", 1),
        ("misled", "hurts", 1),
        ("blind", "not activated", 0),
    ],
)
def test_a_planted_effect_is_seen(
    bed: gitbed.Bed, mode: str, outcome: str, activation: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The verdict, the activation and the cost are what they were made to be; nothing that is kept has the key."""
    done = measured(bed, mode, monkeypatch)
    path, data = planted.evidence(bed)
    effect = data["verdicts"]["effect"]

    assert (effect["outcome"], effect["activation"]) == (outcome, activation), done
    assert path.name == "lm--scripted-1.json" and all(each["result"]["cost"] > 0 for each in data["runs"])
    assert [each["status"] for each in planted.verified(bed, "--regrade")] == ["fresh"]
    assert "may-see" not in path.read_text() + bed.git("log", "-p", "--all")


def test_a_control_that_reads_the_skill_is_seen(bed: gitbed.Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a sandbox an agent may find the skill although it was not given it: then there is no verdict."""
    honest = scripted("follow")

    def peeping(shown: Shown) -> str | Call:
        if "skill" not in shown.tools and not shown.results and "Task 3 " in shown.text:
            return Call("bash", {"command": f"cat {bed.path}/{planted.FOLDER}/SKILL.md"})
        return honest(shown)

    with serving(peeping) as provider:
        monkeypatch.setenv("SKILL_FLEET_API_BASE", f"{provider.address}/v1")
        fixed = ("--harness", "lm", "--model", "scripted-1", "--jobs", "2", "--runs", "1", "--price", "1", "10")
        done = run(bed.path, "eval", planted.SKILL, *fixed, "--isolation", "none")
    _, data = planted.evidence(bed)
    assert data["verdicts"]["effect"]["outcome"] == "invalid" and "the control read the skill" in done.out, done
    read = {each["eval_id"] for each in data["runs"] if each["configuration"] == "without_skill" and each["activated"]}
    assert read == {3}


def test_a_measurement_is_replayed(bed: gitbed.Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kept answers give the same verdict with no provider and no key, and no evidence is written."""
    measured(bed, "follow", monkeypatch)
    before = gitbed.visible(bed)
    monkeypatch.delenv("SKILL_FLEET_MODEL_KEY")
    monkeypatch.delenv("SKILL_FLEET_API_BASE")
    words = ("--harness", "lm", "--model", "openai/scripted-1", "--jobs", "2", "--price", "1", "10", "--runs")
    done = run(bed.path, "eval", planted.SKILL, *words, "1", "--replay")

    assert done.status == 0 and "no skill: helps" in done.out, done
    assert gitbed.visible(bed) == before
    assert "missing" in run(bed.path, "eval", planted.SKILL, *words, "2", "--replay").err


def test_a_budget_holds_within_a_run(bed: gitbed.Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy ends a run that would go beyond it, and nothing is graded."""
    done = measured(bed, "follow", monkeypatch, "--budget", "0.0003")

    assert done.status == 2 and "28 of 28 runs are missing" in done.err and "budget" in done.err, done
