"""The commands over GitHub: one session from a document to the merge, run by people with their own tokens."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from desk import Desk
from scene import ADA, BOT, GRACE, MALLORY, Scene

from skill_fleet.provenance import RECEIPTS

DOCUMENT = "# Wheels\n\nHow to build wheels of a library. Use when a library is published.\n\n## Steps\n\nBuild, check, upload.\n"


@pytest.fixture
def desk(scene: Scene, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    """The clone of the scene."""
    (scene.clone.path / "wheels.md").write_text(DOCUMENT)
    return Desk(scene, monkeypatch, capsys)


def test_session(desk: Desk) -> None:
    """Drafted by the bot, suggested, answered with its commit, approved and merged by a person."""
    status, out, err = desk.type(BOT, "create", "--from", "wheels.md", "--path", "web/wheels", "--format", "json")
    assert status == 0 and "pull requests are on GitHub" in err, err
    number = str(json.loads(out)["number"])
    place = ("--path", "SKILL.md", "--line", "3", "--suggest", "description: Builds wheels. Use when publishing.")
    assert desk.type(GRACE, "review", "comment", number, *place)[0] == 0
    assert desk.type(GRACE, "review", "comment", number, "/move testing")[0] == 0
    status, out, _ = desk.type(BOT, "review", "step", number)
    assert status == 0 and out.count("committed ") == out.count(": done") == 2, out
    assert desk.type(GRACE, "promote", number)[0] == 1
    assert desk.type(GRACE, "review", "approve", number)[0] == 0
    status, out, err = desk.type(GRACE, "promote", number)
    assert status == 0 and "Merged" in out, out + err
    assert "skills/testing/wheels/SKILL.md" in desk.scene.origin.git("ls-tree", "-r", "--name-only", "main")
    message = desk.scene.origin.git("log", "-1", "--format=%B", "main")
    assert "Reviewed-by:" in message and "Skill: testing/wheels" in message


@pytest.mark.parametrize("way", ["squash", "queue"])
def test_promote_says_how(desk: Desk, way: str) -> None:
    """Without merge commits it squashes, and with a merge queue it queues; both are said."""
    made = desk.type(BOT, "create", "--from", "wheels.md", "--path", "web/wheels", "--format", "json")
    number = str(json.loads(made[1])["number"])
    place = ("--path", "SKILL.md", "--line", "3", "--suggest", "description: Builds wheels. Use when publishing.")
    assert desk.type(GRACE, "review", "comment", number, *place)[0] == 0
    assert desk.type(BOT, "review", "step", number)[0] == 0
    assert desk.type(GRACE, "review", "approve", number)[0] == 0
    main = desk.scene.origin.tip("main")
    rule = (
        {"type": "merge_queue", "ruleset_id": 1}
        if way == "queue"
        else {"type": "required_linear_history", "ruleset_id": 1}
    )
    desk.scene.world.settings["main"] = [rule]
    status, out, err = desk.type(GRACE, "promote", number, "--format", "json")
    facts = json.loads(out)
    assert status == 0 and (facts["merged"], facts["queued"]) == (way == "squash", way == "queue"), out + err
    assert ("squashed" if way == "squash" else "queue") in err
    assert (desk.scene.origin.tip("main") != main) == (way == "squash")
    if way == "squash":
        status, out, _ = desk.type(GRACE, "verify", "web/wheels")
        assert (status == 0 and "Grace Murray" in out) or "grace" in out


def test_steps_as_processes(desk: Desk) -> None:
    """Fetch, decide and apply pass files to each other, as the jobs of a workflow do."""
    number = str(
        json.loads(desk.type(BOT, "create", "--from", "wheels.md", "--path", "web", "--format", "json")[1])["number"]
    )
    assert desk.type(GRACE, "review", "comment", number, "/describe Builds wheels. Use when publishing.")[0] == 0
    for words in (("fetch", number, "-o", "s.json"), ("decide", "s.json", "-o", "p.json"), ("apply", "p.json")):
        status, _, err = desk.type(BOT, "review", *words)
        assert status == 0, err
    assert "Builds wheels." in desk.type(GRACE, "review", "show", number)[1]


def test_close(desk: Desk) -> None:
    """A person's `close` is a request, which the bot carries out on its turn; the bot closes its own at once."""
    number = str(
        json.loads(desk.type(BOT, "create", "--from", "wheels.md", "--path", "web", "--format", "json")[1])["number"]
    )
    status, out, err = desk.type(GRACE, "review", "close", number, "A second one.")
    assert status == 0 and f"#{number}: /cancel is posted" in out, err
    assert desk.type(BOT, "review", "step", number)[0] == 0
    assert f"#{number}  closed" in desk.type(GRACE, "review", "list", "--all")[1]
    assert desk.type(GRACE, "review", "reopen", number)[0] == 0
    assert desk.type(BOT, "review", "close", number, "--format", "json")[1].split() == [
        "{", '"number":', f"{number},", '"state":', '"closed"', "}"
    ]  # fmt: skip


def test_a_person_is_not_the_bot(desk: Desk) -> None:
    """A person's token acts as the bot only with --as-me."""
    status, _, err = desk.type(GRACE, "create", "--from", "wheels.md", "--path", "web")
    assert status == 2 and "--as-me" in err
    status, out, err = desk.type(GRACE, "create", "--from", "wheels.md", "--path", "web", "--as-me")
    assert status == 0 and "pull request #" in out, err
    status, _, err = desk.type(GRACE, "review", "open", "mine")  # forks, too, are known to GitHub's own tool
    assert status == 2 and "gh pr create --fill --head mine" in err


def test_who_may_only_read_merges_nothing(desk: Desk) -> None:
    """A stranger's approval opens no gate, and a stranger's merge is refused."""
    number = str(
        json.loads(desk.type(BOT, "create", "--from", "wheels.md", "--path", "web", "--format", "json")[1])["number"]
    )
    desk.type(MALLORY, "review", "approve", number)
    before = desk.scene.origin.tip("main")

    assert desk.type(MALLORY, "promote", number)[0] in (1, 2)
    assert desk.scene.origin.tip("main") == before


def test_local_when_that_is_wanted(desk: Desk) -> None:
    """The variable keeps pull requests in the repository although there is a token."""
    desk.patch.setenv("SKILL_FLEET_FORGE", "local")
    status, out, err = desk.type(GRACE, "review", "list")
    assert (status, out) == (0, "") and "GitHub" not in err


def test_no_more_than_the_settings_allow(desk: Desk) -> None:
    """The number of open drafts is asked of GitHub; only branches `draft/` of the repository count."""
    limit = "[tool.skill-fleet]\nopen-drafts = 1\n"
    desk.scene.origin.commit_to("main", {"pyproject.toml": limit})
    assert desk.type(BOT, "create", "--from", "wheels.md", "--path", "web/wheels")[0] == 0
    status, _, err = desk.type(BOT, "create", "--from", "wheels.md", "--path", "web/other")
    assert status == 2 and "`open-drafts` allows 1" in err


@pytest.mark.parametrize("method", ["merge", "squash"])
def test_receipts(desk: Desk, tmp_path: Path, method: str) -> None:
    """A merge in the page, by whatever method, has its approvals recorded once, and `verify` says who recorded them."""
    scene = desk.scene
    pull = scene.pull(ADA)
    assert desk.type(GRACE, "review", "approve", "1")[0] == 0
    grace = scene.forge(GRACE)
    grace.calls.set("PUT", "pulls/1/merge", {"merge_method": method, "commit_title": "Draft (#1)"})
    scene.clone.git("pull", "--quiet", "origin", "main")
    bare = json.loads(desk.type(ADA, "verify", "web/x", "--format", "json")[1])

    status, out, err = desk.type(BOT, "review", "receipts", "--copy-to", str(tmp_path / "new"))
    assert (status, out) == (0, "#1: grace\n"), err
    tip = scene.origin.tip(RECEIPTS)
    assert desk.type(BOT, "review", "receipts", "--format", "json")[1] == "[]\n"
    assert scene.origin.tip(RECEIPTS) == tip

    found = json.loads(desk.type(ADA, "verify", "web/x", "--format", "json")[1])
    said = [each["value"] for each in found if each["basis"] == "recorded" and each["about"] == "approvals"]
    assert not [each for each in bare if each["basis"] == "recorded" and each["about"] == "approvals"]
    assert len(said) == 1 and "grace (1002)" in said[0] and "#1" in said[0] and BOT.login in said[0]
    assert any(each["about"] == "merge" and each["holds"] for each in found), "a squash is compared by its receipt"
    (copy,) = (tmp_path / "new").iterdir()
    assert json.loads(copy.read_text())["head"] == pull.head_oid
