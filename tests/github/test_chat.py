"""`chat` over GitHub: the same session, with the pull request there and the comments in the person's name."""

from __future__ import annotations

import io
import sys

import pytest
from scene import ADA, GRACE, Scene, token_of

from skill_fleet.cli.main import main

DOCUMENT = "# Wheels\n\nHow to build wheels of a library.\n\n## Steps\n\nBuild, check, upload.\n"


def test_session_as_oneself(scene: Scene, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """With --as-me one token does both: what the person types is obeyed, what the bot answers is shown and not."""
    (scene.clone.path / "wheels.md").write_text(DOCUMENT)
    monkeypatch.chdir(scene.clone.path)
    for name, value in scene.double.environment(token_of(ADA)).items():
        monkeypatch.setenv(name, value)
    answers = b"\n/describe Builds wheels. Use when publishing.\n\n\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(answers), "utf-8"))

    status = main(["chat", "--from", "wheels.md", "--path", "web/wheels", "--as-me"])

    done = capsys.readouterr()
    assert status == 0, done
    assert "+description: " in done.out and "Ready for review" in done.out
    assert "description: " in scene.origin.read("draft/wheels", "skills/web/wheels/SKILL.md")
    assert "Builds wheels. Use when publishing." in scene.origin.read("draft/wheels", "skills/web/wheels/SKILL.md")
    assert token_of(ADA) not in done.out + done.err

    scene.forge(GRACE).merge(1, scene.origin.tip("draft/wheels"), "Merge it")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b""), "utf-8"))

    status = main(["chat", "--pull", "1", "--as-me"])

    done = capsys.readouterr()
    assert status == 0 and "generate-xml" not in done.out + done.err, "a workflow does that"
