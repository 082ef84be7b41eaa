"""A model as the judge: what it can and cannot do, how it is measured, and that its figures can be computed again."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import gitbed
from agents.provider import Shown, serving
from cli.command import Done, run
from evals import planted
from skill_fleet.evals import specificity

OPEN = "The answer names its colour: BLUE"


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> gitbed.Bed:
    """A fleet with evidence of eight tasks that fail without the skill, each with an assertion for a judge."""
    tasks = [planted.case(n, 0, assertions=["The answer is BLUE", f"{OPEN}, task {n}"]) for n in range(1, 9)]
    bed = planted.make_fleet(
        tmp_path_factory.mktemp("judged"), **{f"{planted.FOLDER}/evals/evals.json": planted.cases(*tasks)}
    )
    assert planted.measured(bed, "follow").status == 0
    return bed


@pytest.fixture
def bed(measured: gitbed.Bed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> gitbed.Bed:
    """A copy of it, for a person with a key."""
    monkeypatch.setenv("SKILL_FLEET_MODEL_KEY", "key")
    return measured.copy(tmp_path / "fleet")


def work(shown: Shown) -> str:
    """What a judge is shown between the marks."""
    mark = re.findall(r"^=====\[\w+\]=====", shown.text, re.MULTILINE)[0]
    return shown.text.split(f"\n{mark}\n", 1)[1].rpartition(f"\n{mark}")[0]


def careful(shown: Shown) -> str:
    """Says what is the case, with a quotation."""
    holds = "My answer is BLUE" in work(shown)
    return f"Sure:\n{json.dumps({'quote': 'answer is  BLUE' if holds else '', 'holds': holds})}"


def gullible(shown: Shown) -> str:
    """Believes everything, and quotes well."""
    return json.dumps({"quote": work(shown)[:12], "holds": True})


def liar(shown: Shown) -> str:
    """Says yes, and quotes what is not there."""
    return json.dumps({"quote": "no such words", "holds": True})


def judged(
    bed: gitbed.Bed, script: Callable[[Shown], str], monkeypatch: pytest.MonkeyPatch, *words: str
) -> tuple[Done, int]:
    """Let a scripted model judge, and return how often it was asked."""
    with serving(script) as provider:
        monkeypatch.setenv("SKILL_FLEET_API_BASE", f"{provider.address}/v1")
        done = run(bed.path, "eval", "judge", planted.SKILL, "--model", "judge-1", *words)
        return done, len(provider.requests)


def facts(bed: gitbed.Bed) -> dict[str, Any]:
    """What the evidence says of the judge."""
    found: dict[str, Any] = planted.evidence(bed)[1]["judge"]
    return found


def test_a_careful_judge(bed: gitbed.Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    """It gives a verdict beside its own rates; nobody is asked twice; and its figures are computed again."""
    done, asked = judged(bed, careful, monkeypatch)
    judge = facts(bed)

    assert judge["verdicts"]["effect"]["outcome"] == "helps" and judge["bad_failed"] == judge["bad"] == 24, done
    assert "failed 24 of 24 bad answers" in done.out
    assert asked > 24 and judged(bed, gullible, monkeypatch)[1] == 0
    assert [each["status"] for each in planted.verified(bed)] == ["fresh"]
    path, data = planted.evidence(bed)
    data["judge"]["verdicts"]["effect"]["lift"] = 0.1
    path.write_text(json.dumps(data))
    assert [each["status"] for each in planted.verified(bed)] == ["forged"]


@pytest.mark.parametrize(("script", "trusted"), [(gullible, False), (liar, True)])
def test_a_bad_judge(bed: gitbed.Bed, script: Any, trusted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that lets bad answers pass is out; what it cannot quote does not hold."""
    judged(bed, script, monkeypatch)
    judge = facts(bed)

    assert bool(judge["verdicts"]) == trusted
    assert not any(held for grades in judge["grades"].values() for held in grades.values())


def test_labels_count(bed: gitbed.Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Good and bad answers that people labelled are a part of the rates; a row that is none is refused."""
    labels = bed.path / planted.FOLDER / "evals/judge-labels.csv"
    labels.write_text(f'assertion,output,holds\n"{OPEN}","My answer is BLUE, or\nso",yes\n"{OPEN}",It is red,no\n')
    judged(bed, careful, monkeypatch)
    assert (facts(bed)["good"], facts(bed)["good_passed"], facts(bed)["bad"]) == (1, 1, 25)
    labels.write_text("assertion,output,holds\nx,y,perhaps\n")
    assert judged(bed, careful, monkeypatch)[0].status == 2


@pytest.mark.parametrize(
    ("letter", "preferred"),
    [(lambda text: "A" if "BLUE" in text.split("] ", 1)[0].split("===== B")[0] else "B", 8), (lambda _: "A", 0)],
)
def test_preference(
    bed: gitbed.Bed, letter: Callable[[str], str], preferred: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked in both orders, so that one who always likes the first prefers nothing."""

    def script(shown: Shown) -> str:
        return letter(shown.text) if "Whose work is better" in shown.text else careful(shown)

    done, _ = judged(bed, script, monkeypatch, "--prefer")
    assert (facts(bed)["preferred"], facts(bed)["not_preferred"]) == (preferred, 0), done


def test_nothing_to_judge(bed: gitbed.Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    """No evidence, or no assertion that code leaves open, is said."""
    bed.write(f"{planted.FOLDER}/evals/evals.json", planted.cases(*(planted.case(number, 0) for number in range(1, 9))))
    assert "Code decides" in judged(bed, careful, monkeypatch)[0].err
    planted.evidence(bed)[0].unlink()
    assert "no evidence" in judged(bed, careful, monkeypatch)[0].err


def test_the_bound_of_specificity() -> None:
    """It is exact: fourteen of fourteen are the least that are enough."""
    assert specificity({"bad": 14, "bad_failed": 14}) >= 0.8 > specificity({"bad": 13, "bad_failed": 13})
    assert specificity({"bad": 0, "bad_failed": 0}) == specificity({"bad": 9, "bad_failed": 0}) == 0


def test_tasks_without_a_check_are_for_the_judge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are run when that is asked for, stay out of the verdict of code, and the judge decides about them alone."""
    monkeypatch.setenv("SKILL_FLEET_MODEL_KEY", "key")
    tasks = [planted.case(n, 0) for n in range(1, 6)]
    tasks += [planted.case(n, 0, assertions=[f"{OPEN}, task {n}"], checks=[]) for n in range(6, 12)]
    bed = planted.make_fleet(tmp_path, **{f"{planted.FOLDER}/evals/evals.json": planted.cases(*tasks)})
    assert planted.measured(bed, "follow").status == 0
    assert planted.evidence(bed)[1]["metadata"]["evals_run"] == [*range(1, 6)]
    done = planted.measured(bed, "follow", "--unchecked")
    assert done.status == 0 and "no check" in done.out, done
    _, data = planted.evidence(bed)
    assert data["verdicts"]["effect"]["tasks"] == 5 and data["metadata"]["evals_run"] == [*range(1, 12)]
    assert {each["result"]["total"] for each in data["runs"]} == {0, 1}
    done, _ = judged(bed, careful, monkeypatch)
    assert facts(bed)["verdicts"]["effect"]["tasks"] == 6, done
    assert [each["status"] for each in planted.verified(bed, "--regrade")] == ["fresh"]
    path, data = planted.evidence(bed)
    for each in data["runs"]:
        each["expectations"] = []
    path.write_text(json.dumps(data))
    assert [each["status"] for each in planted.verified(bed)] == ["forged"]
