"""`learn run` on a scripted model: a planted improvement is found and proposed, a useless one is refused."""

from __future__ import annotations

import json
import random
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import gitbed
from cli.command import fine, refused, run
from learning.knots import sharp
from model.scripted import Exchange, Scripted
from skill_fleet.proposals import kept_rows

CURE = "Compare every line."
RUN = ("learn", "run", "critique_task", "--learning", "30", "--test", "60", "--errors", "2", "--format", "json")
SHORT = ("--metric-calls", "20")
PROGRAM = ".skill-fleet/programs/critique_task.json"


def cured(model: Scripted) -> None:
    """A critic that finds errors once its prompt has the cure, and an optimiser that can find it."""

    def critic(one: Exchange) -> None:
        if any(CURE in asked["messages"][0]["content"] for asked in model.requests[-1:]):
            sharp(one)

    model.always["critique"] = critic
    model.always["reflect"] = lambda one: one.say(f"{one.fields['program']}\n\n{CURE}")


def found(fleet: gitbed.Bed, *words: str, status: int = 0) -> dict[str, Any]:
    """What a run says, as JSON."""
    done = run(fleet.path, *RUN, *words)
    assert done.status == status, done
    facts: dict[str, Any] = json.loads(done.out)
    return facts


def test_a_planted_improvement(fleet: gitbed.Bed, model: Scripted, tmp_path: Path) -> None:
    """It is a pull request with the program; merged, it is what the critic of a draft is asked. A test set counts once."""
    cured(model)
    tape, copies = tmp_path / "tape", [gitbed.Bed(tmp_path / name) for name in ("one", "other")]
    cut = gitbed.Bed(tmp_path / "cut")
    for each in (*copies, cut):
        shutil.copytree(fleet.path, each.path)
    facts = found(fleet, "--record", str(tape))

    assert facts["accepted"] and facts["number"] == 1 and facts["after"]["score"] == 1 > facts["before"]["score"]
    assert len(model.requests) == len(tape.read_text().splitlines()) - 1, "one request a run"
    shown = json.loads(fine(fleet.path, "review", "show", "1", "--format", "json"))
    head = fleet.git("for-each-ref", "--format=%(refname:short)", "refs/heads/learn")
    assert fleet.git("diff", "--name-only", "main", head) == PROGRAM
    assert fleet.git("show", f"{head}:{PROGRAM}") + "\n" == facts["program"]
    assert CURE in facts["program"]
    assert shown["title"] and "best of" in json.dumps(shown) + fine(fleet.path, "review", "show", "1")
    refused(fleet.path, *RUN, error="was used before", tip="--seed", tip_works=False)

    last = model.counts["critique"]
    model.counts.clear()
    model.script["critique", last] = lambda one: setattr(one, "status", 401)
    assert run(cut.path, *RUN).status == 2
    refused(cut.path, *RUN, error="was used before", tip="--seed", tip_works=False)
    del model.script["critique", last]

    asked = len(model.requests)
    again = [run(each.path, *RUN, "--replay", str(tape)) for each in copies]
    assert again[0] == again[1] and json.loads(again[0].out)["program"] == facts["program"], "the same bytes"
    assert [each.git("rev-parse", f"{head}^{{tree}}") for each in copies] == [
        fleet.git("rev-parse", f"{head}^{{tree}}")
    ] * 2
    assert len(model.requests) == asked

    fleet.git("merge", "--quiet", head)
    model.counts.clear()
    fine(fleet.path, "create", "Tie bows.", "--path", "python/bows", "--dry-run")
    critic = next(one for one in reversed(model.requests) if "You review" in one["messages"][0]["content"])
    assert CURE in critic["messages"][0]["content"]


def test_a_dry_run_leaves_the_test_set_alone(fleet: gitbed.Bed, model: Scripted) -> None:
    """Else it could be used as often as one likes: nothing is asked about the skills of the test set."""
    cured(model)
    before = fleet.git("for-each-ref")
    facts = found(fleet, *SHORT, "--dry-run")

    assert CURE in facts["program"] and facts["after"]["examples"] == facts["before"]["examples"] == 0
    assert facts["validation"] == 1 and not facts["accepted"] and fleet.git("for-each-ref") == before
    about = {one.fields["brief"].split("Skill: ")[1].split("\n")[0] for one in model.asked if one.step == "critique"}
    assert len(about) == 2, "of three skills"


def test_useless_optimisers(fleet: gitbed.Bed, model: Scripted) -> None:
    """Prompts that are as good as the old one, and were only lucky: of twenty, at most one is accepted. What was refused is
    recorded, too."""
    rng = random.Random(1)
    model.always["critique"] = lambda one: sharp(one) if rng.random() < 0.5 else None
    model.always["reflect"] = lambda one: one.say(f"{one.fields['program']}\n\nBe careful.")
    ways = [("--metric-calls", "60"), *[("--learning", "15")] * 3]  # GEPA, and demonstrations
    ends = Counter(run(fleet.path, *RUN, *ways[seed % 4], "--seed", str(seed)).status for seed in range(20))

    assert ends[0] <= 1 and ends[1] >= 15, ends  # 2: no prompt was even lucky
    assert fine(fleet.path, "review", "list", "--format", "json").count('"number"') == ends[0]
    assert len(kept_rows(fleet.repo, "test-sets")) == ends[0] + ends[1]


def test_reflections_that_cannot_be_read(fleet: gitbed.Bed, model: Scripted) -> None:
    """They are reported: it is not the same as an optimiser that finds nothing."""
    model.always["reflect"] = lambda one: setattr(one, "text", "Sorry.")

    done = run(fleet.path, *RUN, "--dry-run")

    assert done.status == 2 and "could not be read" in done.err and "--metric-calls" in done.err
    assert model.counts["critique"] < 200, "nothing is tested"


@pytest.mark.parametrize("words", [("--budget", "20000"), ()], ids=["the budget", "the model"])
def test_it_stops(words: tuple[str, ...], fleet: gitbed.Bed, model: Scripted) -> None:
    """When the budget is spent, or the model fails: no bad score is made of that, and nothing is recorded."""
    if not words:
        model.script["critique", 20] = lambda one: setattr(one, "status", 401)
    before = fleet.git("for-each-ref")
    done = run(fleet.path, *RUN, *words)

    assert done.status == 2 and ("budget" in done.err if words else "key" in done.err), done
    assert fleet.git("for-each-ref") == before and len(model.requests) < 60


def test_bootstrapping(fleet: gitbed.Bed, model: Scripted) -> None:
    """With few examples, good answers become demonstrations; they are data in the program."""
    model.always["critique"] = sharp
    facts = found(fleet, "--learning", "15", "--dry-run")
    demos = json.loads(facts["program"])["demos"]

    assert 1 <= len(demos) <= 2 and any(one["problems"] for one in demos) and "augmented" not in demos[0]


def test_answers_that_cannot_be_read(fleet: gitbed.Bed, model: Scripted) -> None:
    """They score 0 and are said to the optimiser; a model that gives no others leaves nothing to learn from."""
    model.always["critique"] = lambda one: setattr(one, "text", "Sorry.")
    done = run(fleet.path, *RUN, "--dry-run")

    assert done.status == 2 and "no better prompt" in done.err, done
