"""`learn score`: the critic on errors that are planted in the skills of a fleet."""

from __future__ import annotations

import json
from pathlib import Path

import gitbed
from cli.command import fine, refused, run
from learning.knots import sharp
from model.scripted import Scripted
from skill_fleet.model import save_program

SCORE = ("learn", "score", "--variants", "2", "--errors", "3", "--format", "json")


def test_a_critic_that_finds_all(fleet: gitbed.Bed, model: Scripted, tmp_path: Path) -> None:
    """One call a version; a replay asks nobody and gives the same bytes."""
    model.always["critique"] = sharp
    tape = str(tmp_path / "tape")
    first = fine(fleet.path, *SCORE, "--record", tape, "--jobs", "3")
    figures = json.loads(first)

    assert model.counts["critique"] == figures["examples"]
    assert figures["score"] > 0.95 and figures["counts"]["recall"]["count"] == figures["counts"]["recall"]["of"]
    assert figures["counts"]["recall"]["low"] < 1 == figures["counts"]["recall"]["high"]
    again = fine(fleet.path, *SCORE, "--replay", tape)
    assert model.counts["critique"] == figures["examples"]
    assert json.loads(again)["counts"] == figures["counts"]
    assert fine(fleet.path, *SCORE, "--replay", tape) == again


def test_a_critic_that_finds_nothing(fleet: gitbed.Bed, model: Scripted) -> None:
    """The skill that is named alone is asked about."""
    figures = json.loads(fine(fleet.path, *SCORE, "python/knots"))

    assert figures["counts"]["recall"]["count"] == 0 and model.counts["critique"] == 3 == figures["examples"]


def test_another_program(fleet: gitbed.Bed, model: Scripted, tmp_path: Path) -> None:
    """One that nobody merged yet can be tried; what is no program is refused."""
    instructions = "Read it twice."
    (tmp_path / "program").write_text(save_program("critique_task", instructions, {}, []))
    fine(fleet.path, *SCORE, "python/knots", "--program", str(tmp_path / "program"))

    assert all(instructions in one["messages"][0]["content"] for one in model.requests)
    (tmp_path / "program").write_text('{"step": "critique_task"}')
    done = run(fleet.path, *SCORE, "--program", str(tmp_path / "program"))
    assert done.status == 2 and "is not a program" in done.err


def test_nobody_is_asked(fleet: gitbed.Bed, model: Scripted) -> None:
    """A dry run lists the errors; without a model there is a tip."""
    rows = json.loads(fine(fleet.path, *SCORE, "--dry-run"))
    assert {row["kind"] for row in rows} and not model.asked


def test_without_a_model(fleet: gitbed.Bed, no_keys: None) -> None:
    """The refusal names the ways to set one up."""
    refused(fleet.path, *SCORE, error="No model is configured", tip="--model", tip_works=False)
