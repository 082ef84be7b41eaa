"""The record of a run that does not end well: killed at each call, refused, covered, or of a round of a review."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import Any

import pytest

import gitbed
from cli.command import fine, run
from cli.conftest import BRANCH, CREATE
from cli_model.test_records import exported
from model.scripted import Exchange, Scripted
from model.skills import plan_with, problem

HELD = "refs/skill-fleet/records-waiting/"


def killed_at(bed: gitbed.Bed, model: Scripted, step: str, *words: str) -> None:
    """Run the command, and kill it while the model is asked for `step`."""
    model.always[step] = lambda one: setattr(one, "delay", 20)
    process = subprocess.Popen(
        [sys.executable, "-c", "from skill_fleet.cli.main import run; run()", *words],
        cwd=bed.path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + 60
    while not model.counts[step] and process.poll() is None and time.monotonic() < until:
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    del model.always[step]


def held(bed: gitbed.Bed) -> list[dict[str, Any]]:
    """The rows of runs that have not ended."""
    refs = bed.git("for-each-ref", "--format=%(refname)", HELD).split()
    return [json.loads(line) for ref in refs for line in bed.git("show", f"{ref}:records.jsonl").splitlines()]


@pytest.mark.parametrize(("step", "before"), [("draft", []), ("critique", ["draft"]), ("edit", ["draft", "critique"])])
def test_a_draft_that_is_killed(step: str, before: list[str], lone: gitbed.Bed, model: Scripted) -> None:
    """What was about to be asked and what was answered before is on record, and goes with the pull request of the next run."""
    model.always["critique"] = lambda one: one.say([problem("Run", "unclear")])
    killed_at(lone, model, step, *CREATE)
    (row,) = held(lone)

    assert (
        row["outcome"] == "asked"
        and row["asked"]["step"] == step
        and row["asked"]["inputs"]["task" if step == "draft" else "brief"]
    )
    assert [call["step"] for call in row["calls"]] == before and row["sources"][0]["sha256"]
    fine(lone.path, *CREATE)
    rows = exported(lone)
    assert [one["outcome"] for one in rows if one["kind"] == "draft"] == ["asked", "drafted"] and held(lone) == []


def test_a_draft_that_is_refused(pair: gitbed.Bed, model: Scripted) -> None:
    """Kept at once, here alone, with the reason and the replies."""
    model.always["draft"] = lambda one: setattr(one, "text", "Sure!")
    run(pair.path, *CREATE)
    (row,) = exported(pair)

    assert (row["outcome"], row["number"]) == ("refused", 0) and "refused twice" in row["reason"] and held(pair) == []
    assert [call["reply"] for call in row["calls"]] == ["Sure!"] * 2
    assert pair.git("ls-remote", "origin", "refs/skill-fleet/records/*") == ""


def test_a_task_that_is_covered(lone: gitbed.Bed, model: Scripted) -> None:
    """The skills that cover it are on record."""

    def covered(one: Exchange) -> None:
        one.say(plan_with(one, covered_by=["python/packaging"], files=[]), "(none)")

    model.always["draft"] = covered
    run(lone.path, "create", "Package things.", "--path", "python")
    (row,) = exported(lone)

    assert (row["outcome"], row["covered_by"]) == ("covered", ["python/packaging"])


@pytest.mark.parametrize(("step", "before"), [("triage", []), ("revise", ["triage"])])
def test_a_round_that_is_killed(step: str, before: list[str], pulled: gitbed.Bed, model: Scripted) -> None:
    """The next turn keeps it with its own."""
    fine(pulled.path, "review", "comment", "1", "/refine Please replace `Run the build.` with `Run it.`")
    killed_at(pulled, model, step, "review", "step", "1")
    (row,) = held(pulled)

    assert row["asked"]["step"] == step and [call["step"] for call in row["calls"]] == before
    fine(pulled.path, "review", "step", "1")
    rounds = [one for one in exported(pulled) if one["kind"] == "round"]
    assert [one["outcome"] for one in rounds] == ["asked", "revised"] and held(pulled) == []


def test_a_round_that_fails(pulled: gitbed.Bed, model: Scripted) -> None:
    """With its reason."""
    fine(pulled.path, "review", "comment", "1", "/refine Why?")
    model.always["triage"] = lambda one: setattr(one, "status", 401)
    run(pulled.path, "review", "step", "1")
    rows = [one for one in exported(pulled) if one["kind"] == "round"]

    assert {row["outcome"] for row in rows} == {"refused"} and "does not accept the key" in rows[0]["reason"]


def test_words_that_nobody_answered(pulled: gitbed.Bed) -> None:
    """What people say outside of threads is on the record of how it ended, also without a model."""
    fine(pulled.path, "review", "comment", "1", "Thanks!")
    assert [one["text"] for one in exported(pulled)[-1]["words"]] == ["Thanks!"]
    assert pulled.tip(BRANCH)
