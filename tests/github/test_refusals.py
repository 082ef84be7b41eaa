"""What GitHub refuses, as the real client meets it: one sentence for the person, a tip, and nothing changed."""

from __future__ import annotations

import pytest
from double.rest_settings import REVIEW
from scene import ADA, BOT, GRACE, MALLORY, Scene

import gitbed
from forges.grounds import NOTES, SKILL, Ground
from skill_fleet.errors import UserError
from skill_fleet.forges import Anchor, StaleHead
from skill_fleet.forges.github import Refused


@pytest.fixture
def ground(scene: Scene) -> Ground:
    """The scene, with its pull request."""
    scene.pull()
    return scene.ground()


def test_no_commits_between(scene: Scene) -> None:
    """Found before the branch is made; GitHub itself says it too."""
    forge = scene.forge(ADA)
    main = scene.origin.tip("main")
    with pytest.raises(UserError, match="no commits between main and draft/y"):
        forge.open(title="y", body="", head="draft/y", base="main", head_oid=main, draft=False)
    scene.origin.git("update-ref", "refs/heads/draft/y", main)
    with pytest.raises(Refused, match="422: Validation Failed: No commits between main and draft/y"):
        forge.calls.create("pulls", {"title": "y", "head": "draft/y", "base": "main"})


def test_self_approval(ground: Ground) -> None:
    """Neither approval nor a request for changes of one's own pull request."""
    for verdict in ("approved", "changes_requested"):
        with pytest.raises(UserError, match="neither approve"):
            ground.author.review(1, verdict, "x")  # type: ignore[arg-type]


def test_a_line_outside_the_diff(ground: Ground) -> None:
    """The lines, the file, the range and the commit all have to be in it."""
    main = ground.truth.tip("main")
    for anchor in (Anchor(NOTES, "", 31, 31), Anchor("README.md", "", 1, 1), Anchor(NOTES, main, 1, 1)):
        with pytest.raises(UserError):
            ground.reviewer.comment_on(1, "x", anchor)
    assert ground.author.snapshot(1).items == ()


def test_a_fork_token(scene: Scene) -> None:
    """A read-only token talks and changes nothing; what it may not do is named."""
    scene.pull()
    forge = scene.forge(MALLORY)
    forge.comment(1, "x")
    head = scene.origin.tip("draft/x")
    new = scene.clone.commit_to("mine", {SKILL: gitbed.skill("x")}, start="origin/draft/x")
    for act in (
        lambda: forge.label(1, "failed"),
        lambda: forge.close(1),
        lambda: forge.merge(1, head, "x"),
        lambda: forge.edit(1, scene.forge(ADA).comment(1, "hers"), "mine"),
    ):
        with pytest.raises(UserError, match="The token may not"):
            act()
    with pytest.raises(UserError, match=r"The token may not push to draft/x\."):
        forge.push(1, new, head)
    assert (scene.origin.tip("draft/x"), scene.world.pulls[1].state) == (head, "open")


def test_pushes_of_the_plain_token_start_nothing(ground: Ground, scene: Scene) -> None:
    """Their runs wait for a maintainer; those of a person's push do not."""
    new = ground.commit(ground.head, {NOTES: "bot\n"})
    ground.bot.push(1, new, ground.head)
    newer = ground.commit(ground.head, {NOTES: "person\n"})
    ground.author.push(1, newer, new)
    assert scene.world.runs == [(new, "action_required"), (newer, "queued")]


def test_ready_for_review_without_rights(scene: Scene) -> None:
    """Only people with write, and who opened it, make it ready."""
    scene.pull(draft=True)
    with pytest.raises(UserError, match="The token may not make #1 ready"):
        scene.forge(MALLORY).set_draft(1, False)
    assert scene.world.pulls[1].draft
    scene.forge(GRACE).set_draft(1, False)
    assert not scene.world.pulls[1].draft


def test_a_protected_push(ground: Ground, scene: Scene) -> None:
    """The hook's words become ours, and nothing moved."""
    head = ground.head
    (scene.origin.path / "protected").write_text("refs/heads/draft/x\n")
    with pytest.raises(UserError, match="The branch draft/x is protected"):
        ground.bot.push(1, ground.commit(head, {NOTES: "x\n"}), head)
    assert ground.head == head


def test_a_text_too_long(ground: Ground) -> None:
    """We count before we send, and GitHub counts too."""
    with pytest.raises(UserError, match="65,537 characters; 65,536 are allowed"):
        ground.author.comment(1, "x" * 65_537)
    with pytest.raises(UserError, match="1,048,576 characters"):
        ground.author.comment(1, "x" * 1_048_576)
    with pytest.raises(Refused, match="422: Validation Failed: body is too long"):
        ground.author.calls.create("issues/1/comments", {"body": "x" * 65_537})  # type: ignore[attr-defined]


def test_a_stale_head_on_merge(ground: Ground) -> None:
    """GitHub compares it again when it merges, after we did."""
    head = ground.head
    ground.grow({NOTES: "newer\n"})
    with pytest.raises(StaleHead):
        ground.reviewer.merge(1, head, "x")
    facts = {"sha": head, "merge_method": "merge", "commit_title": "x", "commit_message": ""}
    with pytest.raises(Refused, match="409: Head branch was modified"):
        ground.author.calls.create("pulls/1/merge", facts, "PUT")  # type: ignore[attr-defined]
    assert ground.author.snapshot(1).state == "open"


def test_a_required_check(ground: Ground, scene: Scene) -> None:
    """What the rules of the base want is said in GitHub's own words."""
    scene.world.settings["required_check"] = "gate"
    with pytest.raises(UserError, match='Required status check "gate" is expected'):
        ground.reviewer.merge(1, ground.head, "x")


def test_kinds_of_merges(ground: Ground, scene: Scene) -> None:
    """If nothing is left there is no merge, and the person learns why."""
    scene.world.settings |= {"allow_merge_commit": False, "allow_squash_merge": False, "allow_rebase_merge": False}
    with pytest.raises(UserError, match="no way to merge"):
        ground.reviewer.merge(1, ground.head, "x")


ONLY = {"type": "pull_request", "parameters": {**REVIEW, "allowed_merge_methods": ["rebase"]}, "ruleset_id": 1}


@pytest.mark.parametrize(
    ("settings", "method"),
    [
        ({}, "merge"),
        ({"allow_merge_commit": False}, "squash"),
        ({"allow_merge_commit": False, "allow_squash_merge": False}, "rebase"),
        ({"main": [{"type": "required_linear_history", "ruleset_id": 1}]}, "squash"),
        ({"linear_protection": True}, "squash"),
        ({"main": [ONLY]}, "rebase"),
        ({"lacks_rules": True}, "merge"),
    ],
)
def test_what_the_repository_allows(ground: Ground, scene: Scene, settings: dict[str, object], method: str) -> None:
    """A merge commit, else a squash with our message, else a rebase; it is said what the history does not tell then."""
    scene.world.settings |= settings
    head = ground.head
    commit = ground.reviewer.merge(1, head, "Merge web/x\n\nReviewed-by: Grace")
    parents = scene.origin.git("log", "-1", "--format=%P", commit).split()
    assert scene.world.pulls[1].method == method and len(parents) == (2 if method == "merge" else 1)
    said = scene.origin.git("log", "-1", "--format=%B", commit)
    assert ("Reviewed-by: Grace" in said) == (method != "rebase")
    assert bool(ground.reviewer.notes) == (method != "merge")
    assert ground.author.snapshot(1).state == "merged" and ground.reviewer.merge(1, head, "again") == commit


def test_merge_queue(ground: Ground, scene: Scene) -> None:
    """It is added to the queue once, pinned to its head, although an answer is lost; GitHub merges it later."""
    queue = {"merge_method": "MERGE", "grouping_strategy": "ALLGREEN", "max_entries_to_build": 5}
    scene.world.settings["main"] = [{"type": "merge_queue", "parameters": queue, "ruleset_id": 1}]
    main, head = scene.origin.tip("main"), ground.head
    scene.double.faults.arm(1, "lost", once=True)
    for _ in range(2):
        assert ground.reviewer.merge(1, head, "Merge web/x") == ""
        scene.double.faults.revive()
    assert scene.world.queue == [1] and scene.origin.tip("main") == main and len(ground.reviewer.notes) == 1
    scene.world.run_queue()
    assert ground.reviewer.merge(1, head, "Merge web/x") == scene.origin.tip("main") != main


def test_workflows_that_may_not_open(scene: Scene) -> None:
    """The one setting that every new repository has wrong: the tip is the command that fixes it."""
    scene.world.settings["can_approve_pull_request_reviews"] = False
    head = scene.origin.tip("draft/x")
    scene.clone.git("fetch", "--quiet", "origin")
    with pytest.raises(UserError, match="Workflows may not open") as error:
        scene.forge(BOT).open(title="x", body="", head="draft/x", base="main", head_oid=head, draft=True)
    assert "can_approve_pull_request_reviews=true" in error.value.tip


def test_a_fork_is_never_ours(scene: Scene) -> None:
    """Its branch goes by its owner's name, whatever it is called, and we do not push to it."""
    scene.pull(MALLORY).fork = "mallory"
    snapshot = scene.forge(BOT, bot=True).snapshot(1)
    assert (snapshot.head, snapshot.complete) == ("mallory:draft/x", True)
    assert [row.head for row in scene.forge(ADA).list()] == ["mallory:draft/x"]
    assert scene.forge(ADA).list(head="draft/x") == ()
    with pytest.raises(UserError, match="is in a fork"):
        scene.forge(BOT).push(1, snapshot.head_oid, snapshot.head_oid)


def test_an_unknown_token(scene: Scene) -> None:
    """Before anything else."""
    with pytest.raises(UserError, match="GitHub does not know the token"):
        scene.forge(ADA, env={"GITHUB_TOKEN": "nonsense"})


def test_items_of_another_pull_request(scene: Scene) -> None:
    """GitHub would change a comment by its number alone."""
    scene.pull()
    scene.origin.git("branch", "draft/y", "draft/x")
    scene.pull(head="draft/y", number=2)
    forge = scene.forge(GRACE)
    key = forge.comment(2, "x")
    for act in (lambda: forge.edit(1, key, "y"), lambda: forge.delete(1, key)):
        with pytest.raises(UserError, match="no item"):
            act()
    assert [item.body for item in forge.snapshot(2).items] == ["x"]
