"""What the tokens of the jobs may do on GitHub is enough for the jobs, and for nothing else."""

from __future__ import annotations

import pytest
import yaml
from scene import BOT, GRACE, Scene, token_of
from session import Session

from skill_fleet.errors import UserError
from skill_fleet.review import CODE_TRAILER
from workflows.reading import WORKFLOWS


def permissions_of(workflow: str, job: str) -> dict[str, str]:
    """The permissions of a job."""
    path = next(each for each in WORKFLOWS if each.stem == workflow)
    found: dict[str, str] = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"][job]["permissions"]
    return found


def test_apply_has_what_a_whole_session_needs(session: Session) -> None:
    """With the permissions of its job the bot commits, answers, sets labels that exist, and marks the draft ready."""
    scene = session.scene
    scene.world.rights[token_of(BOT)] = permissions_of("review", "apply-as-workflow")
    session.talk()
    session.turn()
    session.approve()
    session.turn()
    session.promote()
    snapshot = session.bot().snapshot(1)
    assert (snapshot.state, snapshot.draft, snapshot.complete) == ("merged", False, True)
    assert any(item.author == snapshot.bot for item in snapshot.items)
    session.bot().label(1, "failed")
    forge = session.bot()
    forge.label(1, "never heard of")
    assert forge.notes and session.bot().snapshot(1).labels == ("failed",)


def test_a_missing_label_ends_no_turn(session: Session) -> None:
    """The bot may not create it: it is tried once a turn, with a note, and the rest of the turn is done."""
    scene = session.scene
    scene.world.settings["labels"] = []
    scene.origin.commit_to("draft/x", {}, f"Code\n\nBody.\n\n{CODE_TRAILER}: x\n")
    session.suggest()
    for _ in range(2):
        done = session.turn()
        assert len([call for call in scene.double.calls if call.endswith("labels/model-written-code")]) == 1
        scene.double.calls.clear()
    assert done and scene.origin.tip("draft/x") == session.bot().snapshot(1).head_oid


def test_plan_may_only_read(scene: Scene) -> None:
    """With those of `plan` it reads all of a pull request, also who may write, and changes nothing."""
    scene.pull(draft=True)
    scene.forge(GRACE).comment(1, "/cancel")
    scene.world.rights[token_of(BOT)] = permissions_of("review", "plan")
    forge = scene.forge(BOT, bot=True)
    snapshot = forge.snapshot(1)
    assert snapshot.complete and snapshot.permissions[str(GRACE.id)] == "write"
    new = scene.clone.commit_to("mine", {"x": "y\n"}, start="origin/draft/x")
    for act in (
        lambda: forge.comment(1, "x"),
        lambda: forge.label(1, "failed"),
        lambda: forge.set_draft(1, False),
        lambda: forge.close(1),
        lambda: forge.push(1, new, snapshot.head_oid),
        lambda: forge.merge(1, snapshot.head_oid, "x"),
    ):
        with pytest.raises(UserError):
            act()
    scene.world.rights.clear()
    now = scene.forge(BOT, bot=True).snapshot(1)
    assert (now.items, now.head_oid, now.labels, now.draft) == (snapshot.items, snapshot.head_oid, (), True)
