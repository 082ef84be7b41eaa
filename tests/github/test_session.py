"""The full session over the double, from the draft to the merge."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from scene import BOT, GRACE, MALLORY, actor_of
from session import Session

from review.scenes import NOTES, SKILL
from skill_fleet.forges import Anchor
from skill_fleet.review import receipts


def test_from_draft_to_merge(session: Session) -> None:
    """Draft, line comments, suggestions, a request for changes, a stranger, approval, merge: one answer to each."""
    scene = session.scene
    drafted = session.bot().snapshot(1)
    assert (drafted.draft, drafted.author, len(drafted.items)) == (True, actor_of(BOT), 1)
    session.talk()
    session.turn()
    session.approve()
    session.turn()
    assert not session.bot().snapshot(1).draft
    session.promote()
    assert session.turn() == ()

    snapshot = session.bot().snapshot(1)
    assert snapshot.state == "merged"
    assert scene.origin.read("main", SKILL).splitlines()[2] == 'description: "Do x well. Use it when x is asked for."'
    assert scene.origin.read("main", NOTES) == "one\nzwei\nthree"
    answers = Counter(receipt.key.partition(":")[0] for receipt in receipts(snapshot).values())
    assert answers == {"status": 1, "suggestion": 2, "describe": 1, "notice": 1}
    assert len([item for item in snapshot.items if item.author.id == snapshot.bot.id]) == sum(answers.values())
    assert {thread.resolved for thread in snapshot.threads} == {False}
    message = scene.origin.git("log", "-1", "--format=%B", "main")
    assert "Pull-request: #1" in message and "Reviewed-by: grace" in message
    told = [item for item in snapshot.items if item.author == actor_of(MALLORY)]
    assert snapshot.permissions[told[0].author.id] == "none"


def test_a_reminder(session: Session) -> None:
    """Fourteen days on the server's clock after the last word, the author is reminded; a day before, and after, not."""
    scene, comments = session.scene, session.scene.world.pulls[1].comments
    scene.forge(GRACE).comment_on(1, "Why is that?", Anchor(SKILL, "", 3, 3))
    session.turn()
    said = len(comments)
    for days, more in ((13, 0), (1, 1), (30, 0)):
        scene.world._clock += timedelta(days=days, seconds=1)
        session.turn()
        assert len(comments) == said + more
        said = len(comments)
    assert "it is your turn. Still open: 1 request" in comments[-1].body


def test_what_a_turn_costs(session: Session) -> None:
    """One query reads a pull request; a snapshot after our own write asks for no permission again."""
    scene = session.scene
    session.talk()
    forge = session.bot()
    scene.double.calls.clear()
    forge.snapshot(1)
    api = [call for call in scene.double.calls if "/fleet/skills.git" not in call]
    assert Counter(call.split("/")[-1] for call in api) == {"graphql": 1, "permission": 3}
    forge.comment(1, "x")
    scene.double.calls.clear()
    forge.snapshot(1)
    assert scene.double.calls == ["POST /api/graphql"]  # neither branch moved, so Git is not asked either
    forge.snapshot(1)
    assert len([call for call in scene.double.calls if "permission" in call]) == 3


def test_what_a_list_costs(session: Session) -> None:
    """One query reads all pull requests; nobody's permission is asked twice, and Git only for branches that moved."""
    scene = session.scene
    session.talk()
    tip = scene.clone.commit_to("draft/y", {"skills/web/y/SKILL.md": "---\nname: y\n---\n"})
    scene.clone.git("push", "--quiet", "origin", "draft/y")
    forge = scene.forge(GRACE)
    assert forge.open(title="Y", body="", head="draft/y", base="main", head_oid=tip, draft=False) == 2
    assert forge.snapshots() == [forge.snapshot(1), forge.snapshot(2)]
    scene.double.calls.clear()
    assert [each.complete for each in forge.snapshots()] == [True, True]
    kinds = Counter(call.partition("?")[0].rpartition("/")[2] for call in scene.double.calls)
    assert kinds == {"pulls": 1, "graphql": 1, "permission": 3}
    scene.world.patience = 50  # the server gives up on large queries
    assert forge.snapshots() == [forge.snapshot(1), forge.snapshot(2)]


def test_a_reply_that_a_later_commit_makes_false(session: Session) -> None:
    """It is corrected once, and its resolved thread reopened."""
    first = session.suggest()
    session.turn()
    session.scene.forge(GRACE).resolve(1, first)
    session.scene.forge(GRACE).comment_on(1, "```suggestion\ndescription: New. Use it.\n```", Anchor(SKILL, "", 3, 3))
    session.turn()

    snapshot = session.bot().snapshot(1)
    assert [each.outcome for key, each in receipts(snapshot).items() if "suggestion" in key] == ["corrected", "done"]
    assert not any(thread.resolved for thread in snapshot.threads)
    assert session.turn() == ()
