"""The contract of every forge, on GitHub; and, where GitHub is different in kind, what holds there instead."""

from __future__ import annotations

from dataclasses import replace

import pytest
from double.world import REPOSITORY_ID
from scene import ADA, BOT, GRACE, MALLORY, Scene, actor_of

import gitbed
from forges import test_contract as contract
from forges.grounds import NOTES, Ground
from skill_fleet.errors import UserError
from skill_fleet.forges import Thread
from skill_fleet.forges.github import committer
from skill_fleet.git import Identity

globals().update({name: value for name, value in vars(contract).items() if name.startswith("test_")})


@pytest.fixture(autouse=True)
def numbered_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    """People are numbers on GitHub, and their commits name them by number."""
    for name, account in (("ADA", ADA), ("GRACE", GRACE), ("BOT", BOT)):
        monkeypatch.setattr(contract, name, actor_of(account))
    monkeypatch.setattr(gitbed, "REVIEWER", Identity(GRACE.login, actor_of(GRACE).address))


@pytest.fixture
def ground(scene: Scene) -> Ground:
    """The scene, with its pull request."""
    scene.pull()
    return scene.ground()


# Where GitHub is different in kind: each of these takes the place of the contract's test of that name.


def test_open_keeps_what_it_was_given(ground: Ground) -> None:
    """The repository is a number, the same for every clone and after a rename."""
    snapshot = contract.same_everywhere(ground)
    assert (snapshot.number, snapshot.repository, snapshot.bot) == (1, str(REPOSITORY_ID), actor_of(BOT))
    assert (snapshot.title, snapshot.body, snapshot.author) == ("Draft web/x", "The **brief**.", actor_of(ADA))
    assert (snapshot.state, snapshot.draft, snapshot.complete) == ("open", False, True)
    assert (snapshot.base, snapshot.head, snapshot.head_exists) == ("main", "draft/x", True)
    assert snapshot.base_oid == snapshot.merge_base == ground.truth.tip("main")
    assert snapshot.head_oid == ground.head
    assert (snapshot.items, snapshot.threads, snapshot.labels) == ((), (), ())


def test_a_thread_outlives_its_first_comment_but_not_its_last(ground: Ground) -> None:
    """GitHub forgets the first comment's number, so the thread is known by the first that is left."""
    key = ground.reviewer.comment_on(1, "Why?", contract.anchor(1))
    reply = ground.author.reply(1, key, "Because.")
    ground.reviewer.delete(1, key)
    assert contract.only_item(ground).thread == reply
    assert contract.same_everywhere(ground).threads == (Thread(reply),)
    more = ground.reviewer.reply(1, reply, "I see.")
    for each in (reply, more):
        ground.author.delete(1, each)
    assert (contract.same_everywhere(ground).items, contract.same_everywhere(ground).threads) == ((), ())
    for act in (lambda: ground.author.reply(1, key, "x"), lambda: ground.author.resolve(1, key)):
        with pytest.raises(UserError, match="no thread"):
            act()


def test_reviews(ground: Ground) -> None:
    """GitHub wants words with a request for changes."""
    with pytest.raises(UserError, match="review is empty"):
        ground.reviewer.review(1, "changes_requested", "")
    keys = [
        ground.reviewer.review(1, "changes_requested", "No."),
        ground.reviewer.review(1, "approved", ""),
        ground.author.review(1, "commented", "Thanks."),
    ]
    items = contract.same_everywhere(ground).items
    assert [(item.key, item.verdict, item.body, item.commit) for item in items] == [
        (keys[0], "changes_requested", "No.", ground.head),
        (keys[1], "approved", "", ground.head),
        (keys[2], "commented", "Thanks.", ground.head),
    ]
    approved_at = ground.head
    ground.grow({NOTES: "new\n"})
    assert contract.same_everywhere(ground).items[1].commit == approved_at
    ground.author.dismiss(1, keys[1])
    ground.author.dismiss(1, keys[1])
    verdicts = [item.verdict for item in contract.same_everywhere(ground).items]
    assert verdicts == ["changes_requested", "dismissed", "commented"]


def test_a_branch_that_was_reset_to_its_base_is_not_merged(ground: Ground) -> None:
    """GitHub closes it."""
    ground.author.snapshot(1)
    ground.place("draft/x", ground.truth.tip("main"))
    snapshot = contract.same_everywhere(ground)
    assert (snapshot.state, snapshot.commits, snapshot.changed) == ("closed", (), ())
    with pytest.raises(UserError, match="#1 is closed"):
        ground.reviewer.merge(1, ground.head, "x")


def test_a_deleted_branch(ground: Ground) -> None:
    """GitHub closes the pull request with its branch, and keeps the commits."""
    head = ground.head
    new = ground.commit(head, {NOTES: "new\n"})
    ground.bot.push(1, new, head)
    before = contract.same_everywhere(ground)
    ground.truth.git("update-ref", "-d", "refs/heads/draft/x")
    assert contract.same_everywhere(ground) == replace(before, head_exists=False, state="closed")
    with pytest.raises(UserError, match="#1 is closed"):
        ground.reviewer.merge(1, new, "x")
    with pytest.raises(UserError, match="was deleted"):
        ground.author.close(1, closed=False)


def test_the_base_says_who_may_write(ground: Ground, scene: Scene) -> None:
    """GitHub does: `writers` of the configuration are for pull requests that live in the repository."""
    for forge in (ground.author, ground.reviewer, ground.bot, scene.forge(MALLORY)):
        forge.comment(1, "x")
    main = ground.truth.tip("main")
    ground.place("main", ground.commit(main, {"pyproject.toml": gitbed.pyproject("a@b.c", approvals=2)}))
    snapshot = contract.same_everywhere(ground)
    assert snapshot.fleet.approvals == 2
    assert snapshot.permissions == {
        "1001": "write", "1002": "write", "1003": "none", actor_of(BOT).id: "write"
    }  # fmt: skip


def test_one_address_is_one_account(ground: Ground) -> None:
    """The account is the token's; nobody approves his own, and a commit names its author by number."""
    with pytest.raises(UserError, match="neither approve"):
        ground.author.review(1, "approved", "")
    assert committer(Identity("Ada", "1001+ada-before-she-changed-it@users.noreply.github.com")).id == "1001"
    assert committer(Identity("Ada", " ADA@Example.org")).id == "ada@example.org"
