"""Records over GitHub: kept on the remote by the bot, exported by whoever may read."""

from __future__ import annotations

import json

import pytest
from desk import Desk
from scene import BOT, GRACE, Scene
from test_commands import DOCUMENT

from skill_fleet.proposals import open_files, starting_point


def test_kept_and_exported(scene: Scene, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The draft, a suggestion with its change, a revision of it all, and how it ended; none of one labelled no-train."""
    (scene.clone.path / "wheels.md").write_text(DOCUMENT)
    desk = Desk(scene, monkeypatch, capsys)
    made = desk.type(BOT, "create", "--from", "wheels.md", "--path", "web/wheels", "--format", "json")
    number = json.loads(made[1])["number"]
    place = ("--path", "SKILL.md", "--line", "3", "--suggest", "description: Builds wheels. Use when publishing.")
    assert desk.type(GRACE, "review", "comment", str(number), *place)[0] == 0
    assert desk.type(BOT, "review", "step", str(number))[0] == 0

    assert f"refs/skill-fleet/records/{number}" in scene.origin.refs()
    status, out, err = desk.type(GRACE, "review", "export")
    rows = [json.loads(line) for line in out.splitlines()]
    assert status == 0 and [row["kind"] for row in rows] == ["draft", "request", "tree", "ending"], err
    assert {row["number"] for row in rows} == {number} and "+description: Builds wheels." in rows[1]["diff"]
    scene.forge(GRACE).label(number, "no-train")
    assert desk.type(GRACE, "review", "export")[1] == ""


def test_learned_from(scene: Scene, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Merged, it is data to learn from; and what was learned is a pull request, found again."""
    (scene.clone.path / "wheels.md").write_text(DOCUMENT)
    desk = Desk(scene, monkeypatch, capsys)
    assert desk.type(BOT, "create", "--from", "wheels.md", "--path", "web/wheels")[0] == 0
    number = str(scene.forge(GRACE).list()[-1].number)
    place = ("--path", "SKILL.md", "--line", "3", "--suggest", "description: Builds wheels. Use when publishing.")
    assert desk.type(GRACE, "review", "comment", number, *place)[0] == 0
    assert desk.type(BOT, "review", "step", number)[0] == 0
    assert desk.type(GRACE, "learn", "data")[1] == ""
    assert desk.type(GRACE, "review", "approve", number)[0] == 0
    assert desk.type(GRACE, "promote", number)[0] == 0
    status, out, err = desk.type(GRACE, "learn", "data")
    rows = [json.loads(line) for line in out.splitlines()]
    assert status == 0 and [row["kind"] for row in rows] == ["draft", "thread"], err

    bot = scene.forge(BOT)
    where, _ = starting_point(bot.repo, None)
    files = {".skill-fleet/programs/draft.json": b"{}\n"}
    made = [open_files(bot, where, "learn/draft-1", files, "Improve it", "Better.") for _ in range(2)]
    assert made[0] == made[1] and bot.snapshot(made[0]).changed == tuple(files)
