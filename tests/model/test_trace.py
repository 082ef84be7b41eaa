"""A trace: a line of figures on each call, or all of it on a server of MLflow's. Nobody gets one unasked."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from cli.command import fine, run
from cli.conftest import lone
from cli_model.conftest import model
from gitbed import Bed
from model.scripted import Scripted
from model.skills import drafted
from skill_fleet.errors import UserError
from skill_fleet.fleet import ModelSettings

__all__ = ["lone", "model"]


def test_a_line_a_call(lone: Bed, model: Scripted, tmp_path: Path) -> None:
    """Figures and no words; a replay is told apart."""
    trace, tape = tmp_path / "trace", str(tmp_path / "tape")
    words = ("create", "Tie secret bows.", "--path", "python/bows", "--dry-run")
    fine(lone.path, *words, "--trace", str(trace), "--record", tape)
    fine(lone.path, *words, "--trace", str(trace), "--replay", tape)
    rows = [json.loads(line) for line in trace.read_text().splitlines()]
    fine(lone.path, *words)

    assert [(row["step"], row["replayed"]) for row in rows] == [
        (step, replayed) for replayed in (False, True) for step in ("draft_task", "critique_task")
    ]
    assert all(row["prompt"] == 100 and row["completion"] == 50 and row["finish"] == "stop" for row in rows)
    assert all(row["seconds"] >= 0 and row["model"] and row["at"] for row in rows)
    assert "secret" not in trace.read_text() and len(trace.read_text().splitlines()) == len(rows)


def test_a_file_that_cannot_be_written(lone: Bed, model: Scripted, tmp_path: Path) -> None:
    """A sentence and a tip."""
    done = run(lone.path, "create", "Tie bows.", "--path", "python/bows", "--dry-run", "--trace", str(tmp_path))

    assert done.status == 2 and "cannot be written" in done.err


def test_without_mlflow(settings: ModelSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks for it is told how to install it."""
    monkeypatch.setenv("SKILL_FLEET_TRACE", "http://127.0.0.1:1")
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(UserError) as caught:
        drafted(settings)

    assert "mlflow" in caught.value.tip


def test_mlflow_is_told_once(settings: ModelSettings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The address, and that it shall log what DSPy does."""
    (tmp_path / "mlflow").mkdir()
    (tmp_path / "mlflow/__init__.py").write_text("told = []\nset_tracking_uri = told.append\n")
    (tmp_path / "mlflow/dspy.py").write_text("import mlflow\ndef autolog(): mlflow.told.append('autolog')\n")
    monkeypatch.syspath_prepend(tmp_path)
    drafted(settings)
    assert "mlflow" not in sys.modules
    monkeypatch.setenv("SKILL_FLEET_TRACE", "http://127.0.0.1:2")
    for _ in range(2):
        drafted(settings)

    assert sys.modules["mlflow"].told == ["http://127.0.0.1:2", "autolog"]
    for name in ("mlflow", "mlflow.dspy"):
        monkeypatch.delitem(sys.modules, name)
