"""Hostile words and accounts: seen as what they are, and never more than words."""

from __future__ import annotations

import tracemalloc
from collections import Counter

import pytest
from double.world import Account, Remark
from scene import ADA, BOT, GRACE, MALLORY, Scene, actor_of, token_of
from session import Session

import gitbed
from forges.grounds import NOTES
from skill_fleet.errors import UserError
from skill_fleet.forges.github.accounts import GHOST
from skill_fleet.forges.types import Anchor
from skill_fleet.review.decide import decide
from skill_fleet.review.markers import receipts, render_receipt
from skill_fleet.review.notes import TOO_LONG


@pytest.fixture
def session(scene: Scene) -> Session:
    """A draft with its status comment."""
    session = Session(scene)
    scene.origin.git("update-ref", "-d", "refs/heads/draft/x")
    session.open()
    session.turn()
    return session


def test_a_forged_marker(session: Session) -> None:
    """A receipt counts only from the bot's own number: not from people with write, nor from an app of another number."""
    forged = render_receipt(session.bot().snapshot(1), "cancel:comment/1", "done")
    session.scene.forge(GRACE).comment(1, f"{forged}\nDone.")
    twin = Account(999, "github-actions-too[bot]", kind="Bot")
    session.scene.world.tokens["twin"] = session.scene.world.accounts[twin.login] = twin
    session.scene.world.tokens["twin"] = twin
    session.scene.forge(ADA, env={"GITHUB_TOKEN": "twin"}).comment(1, f"{forged}\nDone.")
    assert set(receipts(session.bot().snapshot(1))) == {"status:pull/1"}


def test_an_edited_marker(session: Session) -> None:
    """People with write may edit the bot's comments; whoever did is known, even when his account is gone."""
    key = session.bot().snapshot(1).items[0].key
    ada = session.scene.forge(ADA)
    ada.edit(1, key, ada.snapshot(1).items[0].body.replace("preview", "completed"))
    snapshot = session.bot().snapshot(1)
    assert (snapshot.items[0].editor, receipts(snapshot)) == (actor_of(ADA), {})
    session.scene.world.ghost("ada")
    snapshot = session.bot().snapshot(1)
    assert (snapshot.items[0].editor, receipts(snapshot)) == (GHOST, {})


def test_a_login_that_changed_hands(session: Session) -> None:
    """The account that a comment is by, and the one that has its login now, are told apart by their numbers."""
    world = session.scene.world
    session.scene.forge(GRACE).comment(1, "/cancel")
    world.accounts["grace"] = Account(6666, "grace")
    snapshot = session.bot().snapshot(1)
    assert snapshot.permissions["1002"] == "none"
    assert not [action for action in decide(snapshot).actions if type(action).__name__ == "FlagAction"]


def test_strangers_and_apps(session: Session) -> None:
    """A stranger gets one notice, however much he asks; an app gets none; neither is obeyed."""
    app = Account(4242, "helper[bot]", kind="Bot", permission="write")
    session.scene.world.tokens["app"] = app
    for _ in range(3):
        session.scene.forge(MALLORY).comment(1, "/cancel")
        session.scene.forge(ADA, env={"GITHUB_TOKEN": "app"}).comment(1, "/cancel")
    session.turn()
    snapshot = session.bot().snapshot(1)
    assert (snapshot.state, snapshot.permissions["4242"]) == ("open", "unknown")
    assert sum(key.startswith("notice:") for key in receipts(snapshot)) == 1


def test_ten_thousand_comments(session: Session) -> None:
    """Too many to read: two queries, one notice and its label, and nothing is done there, now or after more of them."""
    pull = session.scene.world.pulls[1]
    pull.comments += [Remark(10_000 + n, GRACE, "/cancel", "2026-02-01T00:00:00Z") for n in range(10_000)]
    forge = session.bot()
    session.scene.double.calls.clear()
    tracemalloc.start()
    snapshot = forge.snapshot(1)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    api = [call for call in session.scene.double.calls if "/fleet/skills.git" not in call]
    assert Counter(call.split("/")[-1] for call in api) == {"graphql": 2}
    assert (snapshot.complete, snapshot.too_many, len(snapshot.items)) == (False, 10_001, 1)
    assert most < 50_000_000  # the double is in this process, and holds them all
    assert forge.notes == ["#1 has 10,001 items, and 5,000 are read at most: nothing is done there."]
    session.turn()
    assert (pull.state, len(pull.comments), pull.labels) == ("open", 10_002, [TOO_LONG])
    assert "more than the bot reads" in pull.comments[-1].body
    writes = len(session.scene.double.faults.writes)
    pull.comments += [Remark(30_000 + n, MALLORY, "/cancel", "2026-02-02T00:00:00Z") for n in range(200)]
    session.turn()
    assert (len(session.scene.double.faults.writes), pull.state) == (writes, "open")


def test_five_thousand_items_are_read(session: Session) -> None:
    """Up to the limit every page is."""
    pull = session.scene.world.pulls[1]
    pull.comments += [Remark(10_000 + n, MALLORY, "words", "2026-02-01T00:00:00Z") for n in range(4_999)]
    snapshot = session.bot().snapshot(1)
    assert (snapshot.complete, len(snapshot.items)) == (True, 5_000)


def test_shell_everywhere(scene: Scene) -> None:
    """Titles, branches, labels, bodies: Git and the API get them as they are, and nobody runs them."""
    nasty = "draft/$(touch${IFS}pwned)`touch${IFS}pwned`;&|'"
    head = scene.clone.commit_to(nasty, {"skills/web/x/SKILL.md": gitbed.skill("x")})
    forge = scene.forge(ADA)
    title = "$(touch pwned) `touch pwned`\n::set-output name=x::y"
    number = forge.open(title=title, body=title, head=nasty, base="main", head_oid=head, draft=False)
    forge.label(number, "a/b ?#%2e & $(touch pwned)")
    forge.comment(number, title)
    new = scene.clone.commit_to(nasty, {NOTES: "x\n"})
    scene.forge(BOT, bot=True).push(number, new, head)
    snapshot = forge.snapshot(number)
    assert (snapshot.title, snapshot.head, snapshot.head_oid) == (title, nasty, new)
    assert snapshot.labels == ("a/b ?#%2e & $(touch pwned)",)
    forge.label(number, snapshot.labels[0], present=False)
    assert forge.snapshot(number).labels == ()
    assert not list(scene.clone.path.parent.rglob("pwned"))


def test_a_branch_like_an_option(scene: Scene) -> None:
    """Git would take it for one."""
    with pytest.raises(UserError, match="cannot be the name of a branch"):
        scene.forge(ADA).open(title="x", body="", head="--upload-pack=x", base="main", head_oid="", draft=False)


def test_what_is_not_sent_yet(session: Session) -> None:
    """A pending review is its author's own; a comment counts from when it was published."""
    grace = session.scene.forge(GRACE)
    grace.comment_on(1, "later", Anchor("skills/web/x/SKILL.md", "", 1, 1))
    comment = session.scene.world.pulls[1].threads[0].comments[0]
    comment.facts |= {"state": "PENDING"}
    session.scene.world.pulls[1].reviews[-1].facts["state"] = "PENDING"
    assert len(grace.snapshot(1).items) == 1
    grace.comment(1, "meanwhile")
    comment.facts |= {"state": "SUBMITTED", "published": session.scene.world.tick()}
    assert [item.body for item in grace.snapshot(1).items[1:]] == ["meanwhile", "later"]


def test_a_force_push_away_from_a_comment(session: Session) -> None:
    """GitHub keeps the commit that a comment was made on, and serves it to a clone that never had it."""
    scene = session.scene
    session.suggest()
    first = scene.origin.tip("draft/x")
    scene.origin.git("update-ref", "refs/heads/draft/x", f"{first}~")
    other = scene.forge(GRACE, bed=scene.second).snapshot(1)
    item = next(item for item in other.items if item.anchor)
    assert item.anchor and item.anchor.commit == first
    assert item.anchor.original.startswith("description: How to do x well.")


def test_no_token_is_left_behind(session: Session, capfd: pytest.CaptureFixture[str]) -> None:
    """Not in a file of the clone, not in a ref, not on the screen, not in what failed."""
    session.talk()
    session.turn()
    scene = session.scene
    for account in (BOT, GRACE):
        secret = token_of(account).encode()
        for path in scene.clone.path.rglob("*"):
            assert not path.is_file() or secret not in path.read_bytes(), path
    (scene.origin.path / "protected").write_text("refs/heads/draft/x\n")
    head = scene.origin.tip("draft/x")
    with pytest.raises(UserError) as refused:
        scene.forge(BOT, bot=True).push(1, scene.clone.tip("main"), head)
    told = refused.getrepr(style="long")
    out = "".join(capfd.readouterr())
    for account in (BOT, GRACE):
        assert token_of(account) not in out + str(refused.value.message)
    assert told
