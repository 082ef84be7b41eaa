"""What must hold before a merge: an approval of this head (or of one that a merge of the base led on from), by somebody else, with nothing open since."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

import gitbed
from review.scenes import ADA, GRACE, NOTES, Scene
from skill_fleet.errors import UserError
from skill_fleet.forges import Actor, StaleHead
from skill_fleet.review import Condition, approvers, check_gates, merge_trailers, self_approvers, step

Scenes = Callable[..., Scene]


def shut(scene: Scene) -> list[Condition]:
    """The gates that are not met."""
    return [gate.what for gate in check_gates(scene.forge().snapshot(1), 0) if not gate.met]


def test_an_approval_opens_the_gates(scene: Scenes) -> None:
    """By a person who did not ask for the draft; the merge records who it was."""
    one = scene("lone", "approved")
    snapshot = one.forge().snapshot(1)
    assert shut(one) == [] and [item.author for item in approvers(snapshot)] == [GRACE]
    assert dict(merge_trailers(snapshot)) == {
        "Skill": "web/x",
        "Pull-request": "#1",
        "Reviewed-by": "Grace Murray <grace@example.org>",
        "Requested-by": "Ada Byron <ada@example.org>",
    }
    assert [gate.what for gate in check_gates(snapshot, 2) if not gate.met] == [Condition.NO_ERRORS]


@pytest.mark.parametrize(
    ("since", "why"),
    [
        ("commit", Condition.APPROVED),
        ("dismissed", Condition.APPROVED),
        ("objection", Condition.NO_OBJECTIONS),
        ("request", Condition.NO_REQUESTS),
        ("waiting", Condition.NO_REQUESTS),
        ("closed", Condition.OPEN),
        ("deleted", Condition.BRANCH),
        ("writers", Condition.APPROVED),
    ],
)
def test_what_comes_after_an_approval_voids_it(scene: Scenes, since: str, why: Condition) -> None:
    """A commit, a dismissal, an objection, a new request, one that waits, the end, a right that was taken away."""
    one = scene("lone", "approved")
    grace, ada = one.forge(GRACE, ids="2"), one.forge(ADA, ids="3")
    if since == "commit":
        one.truth.commit_to("draft/x", {NOTES: "more\n"})
    elif since == "dismissed":
        ada.dismiss(1, next(item.key for item in ada.snapshot(1).items if item.verdict))
    elif since == "objection":
        grace.review(1, "changes_requested", "")
    elif since in ("request", "waiting"):
        ada.comment(1, "/refine Say more.")
        if since == "waiting":
            bot = one.forge(ids="4")
            step(bot.repo, bot, 1)
    elif since == "closed":
        ada.close(1)
    elif since == "deleted":
        one.truth.git("update-ref", "-d", "refs/heads/draft/x")
    else:
        one.truth.commit("Ada decides", {"pyproject.toml": gitbed.pyproject(ADA.id)})
    assert why in shut(one)


def merge_base_in(one: Scene, how: str) -> None:
    """Move main on, and merge it into the draft: as "Update branch" does, or with something more, or not main."""
    bed = one.truth
    bed.git("update-ref", "refs/heads/other", bed.tip("draft/x" if how == "other" else "main"))
    branch = "other" if how == "other" else "main"
    bed.commit_to(branch, {"notes.md": "elsewhere\n", **({NOTES: "conflict\n"} if how == "conflict" else {})})
    tip, merged = bed.tip("draft/x"), bed.tip(branch)
    conflicting = bed.git("merge-tree", "--write-tree", tip, merged, check=False).split("\n")[0]
    message = ["-m", "Merge branch 'main' into draft/x"]
    parents = (merged, tip) if how == "reverse" else (tip, merged)
    more = [word for each in parents for word in ("-p", each)]
    tree = bed.git("rev-parse", f"{tip}^{{tree}}") if how in ("ours", "conflict") else conflicting
    bed.git("update-ref", "refs/heads/draft/x", bed.git("commit-tree", tree, *more, *message))
    if how == "smuggled":
        head = bed.commit_to("draft/x", {NOTES: "smuggled\n"})
        tree = bed.git("rev-parse", f"{head}^{{tree}}")
        bed.git("update-ref", "refs/heads/draft/x", bed.git("commit-tree", tree, *more, *message))


@pytest.mark.parametrize("how", ["updated", "twice", "smuggled", "ours", "conflict", "other", "reverse", "more"])
def test_what_a_merge_of_the_base_does_to_an_approval(scene: Scenes, how: str) -> None:
    """An approval survives merges of the base that Git itself makes, and nothing else: no other content or branch."""
    one = scene("lone", "approved")
    merge_base_in(one, how)
    if how == "twice":
        one.truth.commit_to("main", {"more.md": "more\n"})
        merge_base_in(one, how)
    if how == "more":
        one.truth.commit_to("draft/x", {NOTES: "more\n"})
    assert (Condition.APPROVED in shut(one)) == (how not in ("updated", "twice"))
    grace = one.forge(GRACE, ids="2")
    snapshot = grace.snapshot(1)
    assert len(snapshot.updated_from) == {"updated": 1, "twice": 2}.get(how, 0)
    if how == "updated":  # whatever voids an approval of the head voids this one
        grace.dismiss(1, next(item.key for item in snapshot.items if item.verdict))
        assert Condition.APPROVED in shut(one)


def test_nobody_approves_what_he_asked_for(scene: Scenes) -> None:
    """Who asked for the draft is no second pair of eyes, however his address is written; a change is advised about."""
    one = scene("lone", "opened")
    one.forge(ADA, ids="1").review(1, "approved", "Mine.")
    assert Condition.APPROVED in shut(one)
    grace = one.forge(GRACE, ids="2")
    grace.comment(1, "/describe Another one. Use it when asked.")
    bot = one.forge(ids="3")
    step(bot.repo, bot, 1)
    grace.review(1, "approved", "")
    assert shut(one) == [] and self_approvers(bot.snapshot(1)) == (GRACE.name,)


def test_a_merge_is_pinned_to_the_head_that_was_approved(scene: Scenes) -> None:
    """A commit that lands in between is not merged with it."""
    one = scene("lone", "approved")
    grace = one.forge(GRACE, ids="2")
    snapshot = grace.snapshot(1)
    grace.set_draft(1, False)
    one.truth.commit_to("draft/x", {NOTES: "more\n"})
    main = one.truth.tip("main")
    with pytest.raises((StaleHead, UserError)):
        grace.merge(1, snapshot.head_oid, "Merge it")
    assert one.truth.tip("main") == main


def replace_session(one: Scene, who: str, *, keep: bool = False) -> None:
    """Force-push the draft with another session commit that names `who`; with `keep`, merge one in instead."""
    bed, tip = one.truth, one.truth.tip("draft/x")
    message = f"Draft\n\nBrief.\n\nSession: 5e55\nRequested-by: {who}\n"
    bed.git("update-ref", "refs/heads/forged", "main")
    forged = bed.commit_to("forged", {}, message)
    tree = bed.git("rev-parse", f"{tip}^{{tree}}")
    parents = ["-p", forged, "-p", tip] if keep else ["-p", forged]
    bed.git("update-ref", "refs/heads/draft/x", bed.git("commit-tree", tree, *parents, "-m", "Go on"))


@pytest.mark.parametrize("keep", [False, True])
def test_a_push_does_not_change_who_asked(scene: Scenes, keep: bool) -> None:
    """Whoever the session commit names after a force-push, or after a merge: the draft was opened with another one."""
    one = scene("lone")
    replace_session(one, "Mallory <mallory@example.net>", keep=keep)
    one.forge(ADA, ids="2").review(1, "approved", "")
    assert Condition.APPROVED in shut(one)
    assert dict(merge_trailers(one.forge().snapshot(1)))["Requested-by"]
    one.forge(GRACE, ids="3").review(1, "approved", "")
    assert Condition.APPROVED not in shut(one)


def test_an_unknown_requester_needs_two_approvals(scene: Scenes) -> None:
    """If what it was opened with is gone, one of two people did not ask for it."""
    one = scene("lone", "approved")
    lost = replace(one.forge().snapshot(1), opening_lost=True)
    assert [gate.what for gate in check_gates(lost, 0) if not gate.met] == [Condition.APPROVED]
    one.forge(ADA, ids="2").review(1, "approved", "")
    both = replace(one.forge().snapshot(1), opening_lost=True)
    assert all(gate.met for gate in check_gates(both, 0))


@pytest.mark.parametrize("other", ["ada@home.example", "ADA@example.org", "ada+review@example.org"])
def test_another_spelling_is_the_same_person(scene: Scenes, other: str) -> None:
    """As .mailmap on the base says, in another case, or with a tag; and two spellings are one approval."""
    one = scene("lone")
    row = "Ada Byron <ada@example.org> <ada@home.example>\nGrace <grace@example.org> <g@example.net> # work\n"
    one.truth.commit("Say who is who", {".mailmap": row, "pyproject.toml": gitbed.pyproject(approvals=2)})
    one.forge(Actor(other, "A."), ids="2").review(1, "approved", "")
    assert approvers(one.forge().snapshot(1)) == ()
    one.forge(GRACE, ids="3").review(1, "approved", "")
    one.forge(Actor("g@example.net", "G."), ids="4").review(1, "approved", "")
    assert len(approvers(one.forge().snapshot(1))) == 1 and Condition.APPROVED in shut(one)
