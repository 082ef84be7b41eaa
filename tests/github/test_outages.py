"""Limits, errors and lost answers: waited for within bounds, tried again where that is safe, and never doubled."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from scene import ADA, BOT, GRACE, Scene

from forges.grounds import NOTES
from skill_fleet.errors import UserError
from skill_fleet.forges import Anchor
from skill_fleet.forges.github import GitHubForge

LIMITS = {
    "retry-after": (403, "You have exceeded a secondary rate limit.", {"Retry-After": "7"}, 7.0),
    "429": (429, "Too many requests", {"Retry-After": "3"}, 3.0),
    "forbidden": (403, "Forbidden", {"Retry-After": "5"}, 5.0),
    "minutes": (429, "Too many requests", {"Retry-After": "240"}, 240.0),
    "nothing said": (403, "You have exceeded a secondary rate limit. Please wait a few minutes.", {}, 60.0),
}


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("write", [False, True])
def test_a_limit_is_waited_out(scene: Scene, name: str, write: bool) -> None:
    """What a limit stopped was not done, so that also a comment is sent again, once."""
    status, message, headers, wait = LIMITS[name]
    scene.pull()
    forge = scene.forge(ADA)
    forge.snapshot(1)
    scene.double.faults.answers.append((status, message, headers))
    forge.comment(1, "x") if write else forge.list()
    assert scene.pauses == [wait]
    assert len(scene.world.pulls[1].comments) == write


def test_what_graphql_says_with_status_200(scene: Scene) -> None:
    """A limit, and a timeout of its own: neither is an answer."""
    scene.pull()
    forge = scene.forge(ADA)
    key = forge.comment_on(1, "x", Anchor(NOTES, "", 1, 1))
    wrong = (200, "Something went wrong while executing your query.", {})
    secondary = (200, "You have exceeded a secondary rate limit.", {"Retry-After": "9"})
    scene.double.faults.answers += [(200, "RATE_LIMITED", {"Retry-After": "9"}), secondary, wrong]
    assert forge.snapshot(1).complete
    assert scene.pauses == [9.0, 9.0, 0.5]
    scene.double.faults.answers.append(wrong)
    forge.reply(1, key, "y")
    assert [item.body for item in forge.snapshot(1).items] == ["x", "y"]


def test_a_long_limit_is_for_a_later_run(scene: Scene) -> None:
    """An hour is not waited for; the sentence says how long, and that nothing is done twice."""
    forge = scene.forge(ADA)
    reset = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "99999999999"}
    scene.double.faults.answers.append((403, "API rate limit exceeded", reset))
    with pytest.raises(UserError, match="rate limit"):
        forge.list()
    assert scene.pauses == []


@pytest.mark.parametrize("headers", [{"Retry-After": "20"}, {}])
def test_a_limit_that_never_ends(scene: Scene, headers: dict[str, str]) -> None:
    """Some minutes of waits, longer each time if GitHub does not say how long; then it is for later."""
    forge = scene.forge(ADA)
    scene.double.faults.answers += [(429, "", headers)] * 50
    with pytest.raises(UserError, match="rate limit"):
        forge.list()
    assert 120 < sum(scene.pauses) <= 300 and (headers or scene.pauses == [60.0, 120.0])


@pytest.mark.parametrize("status", [500, 502, 503])
def test_reading_is_tried_again(scene: Scene, status: int) -> None:
    """Minutes of errors of the server, then an answer; and not for ever."""
    scene.pull()
    forge = scene.forge(ADA)
    scene.double.faults.answers += [(status, "Server Error", {})] * 9
    assert forge.list() and 60 < sum(scene.pauses) < 300
    scene.double.faults.answers += [(status, "Server Error", {})] * 9
    with pytest.raises(UserError, match=str(status)):
        forge.list()


def test_a_server_that_names_a_time(scene: Scene) -> None:
    """Retry-After of a 503 is waited for; the comment may have arrived, so it is looked for before it is sent again."""
    scene.pull()
    forge = scene.forge(ADA)
    scene.double.faults.only = lambda what: what.startswith("POST") and what.endswith("comments")
    scene.double.faults.answers += [(503, "Unavailable", {"Retry-After": "30"})]
    forge.comment(1, "x")
    assert scene.pauses == [30.0] and len(scene.world.pulls[1].comments) == 1


def _writes() -> dict[str, Callable[[GitHubForge], object]]:
    return {
        "comment": lambda forge: forge.comment(1, "x"),
        "comment_on": lambda forge: forge.comment_on(1, "x", Anchor(NOTES, "", 2, 2)),
        "review": lambda forge: forge.review(1, "changes_requested", "x"),
        "reply": lambda forge: forge.reply(1, forge.snapshot(1).threads[0].key, "x"),
        "label": lambda forge: forge.label(1, "failed"),
        "draft": lambda forge: forge.set_draft(1, True),
        "close": lambda forge: forge.close(1),
        "resolve": lambda forge: forge.resolve(1, forge.snapshot(1).threads[0].key),
        "merge": lambda forge: forge.merge(1, forge.snapshot(1).head_oid, "Merge it"),
        "edit": lambda forge: forge.edit(1, forge.snapshot(1).items[0].key, "x"),
        "delete": lambda forge: forge.delete(1, forge.snapshot(1).items[0].key),
    }


@pytest.mark.parametrize("name", _writes())
@pytest.mark.parametrize("mode", ["before", "lost"])
def test_a_lost_connection(scene: Scene, name: str, mode: str) -> None:
    """One write whose request or answer is lost: the same method call ends as if nothing had happened."""
    scene.pull()
    scene.forge(ADA).comment_on(1, "Here.", Anchor(NOTES, "", 1, 1))
    forge = scene.forge(GRACE)
    forge.comment(1, "x")  # the same words, said before: not to be taken for those that are lost
    already = len(scene.forge(ADA).snapshot(1).items)
    scene.double.faults.arm(1, mode, once=True)  # type: ignore[arg-type]
    _writes()[name](forge)
    scene.double.faults.revive()
    snapshot = scene.forge(ADA).snapshot(1)
    created = {"comment": 1, "comment_on": 1, "review": 1, "reply": 1, "delete": -1}.get(name, 0)
    assert len(snapshot.items) == already + created
    assert ("failed" in snapshot.labels, snapshot.draft) == (name == "label", name == "draft")
    assert snapshot.state == {"close": "closed", "merge": "merged"}.get(name, "open")
    assert any(thread.resolved for thread in snapshot.threads) == (name == "resolve")


def test_a_base_that_has_just_moved(scene: Scene) -> None:
    """Another merge was faster: GitHub asks to try again, and we do, once."""
    scene.pull()
    forge = scene.forge(GRACE)
    moved = (405, "Base branch was modified. Review and try the merge again.", {})
    scene.double.faults.only = lambda what: what.endswith("/merge")
    scene.double.faults.answers = [moved, moved]
    with pytest.raises(UserError, match="the base has just moved"):
        forge.merge(1, scene.origin.tip("draft/x"), "Merge it")
    scene.double.faults.answers = [moved]
    assert forge.merge(1, scene.origin.tip("draft/x"), "Merge it") == scene.origin.tip("main")


@pytest.mark.parametrize("mode", ["before", "lost"])
def test_a_lost_push(scene: Scene, mode: str) -> None:
    """The branch says whether it arrived."""
    scene.pull()
    ground = scene.ground()
    head = ground.head
    new = ground.commit(head, {NOTES: "new\n"})
    scene.double.faults.arm(1, mode, once=True)  # type: ignore[arg-type]
    ground.bot.push(1, new, head)
    assert (ground.head, scene.world.pulls[1].head_oid) == (new, new)


@pytest.mark.parametrize("name", ["list", "comment", "label"])
def test_no_connection_for_minutes(scene: Scene, name: str) -> None:
    """It is tried again as after an error of the server: reads and what may be done twice simply, a comment by looking."""
    scene.pull()
    forge = scene.forge(ADA)
    forge.snapshot(1)
    scene.double.faults.unheard = 8
    {**_writes(), "list": lambda forge: forge.list()}[name](forge)
    assert 60 < sum(scene.pauses) < 300
    assert (len(scene.world.pulls[1].comments), scene.world.pulls[1].labels) == (
        int(name == "comment"),
        ["failed"] * (name == "label"),
    )


def test_nobody_home(scene: Scene) -> None:
    """A server that never answers: one sentence, after minutes."""
    scene.pull()
    forge = scene.forge(ADA)
    scene.double.faults.dead = True
    for act in (lambda: forge.snapshot(1), lambda: forge.comment(1, "x"), lambda: forge.list()):
        with pytest.raises(UserError, match="no clear answer"):
            act()
    assert 60 < sum(scene.pauses) <= 300


@pytest.mark.parametrize(("env", "is_patient"), [({}, False), ({"GITHUB_ACTIONS": "true"}, True)])
def test_the_very_first_call(scene: Scene, env: dict[str, str], is_patient: bool) -> None:
    """A person who is offline learns it within seconds; a job waits."""
    scene.double.faults.dead = True
    with pytest.raises(UserError, match="no clear answer"):
        scene.forge(ADA, env=env)
    assert (sum(scene.pauses) > 60) is is_patient


def test_a_page_with_a_hole(scene: Scene) -> None:
    """A node that GitHub could not tell of: not complete, so nothing is decided on it."""
    scene.pull()
    forge = scene.forge(ADA)
    forge.comment(1, "x")
    scene.world.hidden.add("comments")
    snapshot = forge.snapshot(1)
    assert (snapshot.complete, snapshot.items, snapshot.head) == (False, (), "draft/x")


def test_git_and_the_api_disagree(scene: Scene) -> None:
    """For a moment after a push: looked at again, and in the end not complete, with a note."""
    scene.pull()
    forge = scene.forge(ADA)
    other = scene.origin.tip("main")
    scene.world.follow_branches()
    scene.world.pulls[1].head_oid = other
    snapshot = forge.snapshot(1)
    assert (snapshot.complete, snapshot.head_oid) == (False, other)
    assert len(forge.notes) == 1 and "#1" in forge.notes[0]
    assert len(scene.pauses) == 4


def test_permission_that_is_not_told(scene: Scene) -> None:
    """403, an error or silence is unknown, and not remembered; apps and deleted accounts are never asked about."""
    scene.pull()
    scene.forge(GRACE).comment(1, "x")
    for status in (403, 500, 503):
        forge = scene.forge(BOT, bot=True)
        scene.double.faults.only = lambda what: what.endswith("grace/permission")
        scene.double.faults.answers = [(status, "no", {})] * 20
        assert forge.snapshot(1).permissions["1002"] == "unknown"
        scene.double.faults.answers = []
        assert forge.snapshot(1).permissions["1002"] == "write"
    scene.world.ghost("grace")
    snapshot = forge.snapshot(1)
    assert (snapshot.items[0].author.name, snapshot.permissions["10137"]) == ("ghost", "unknown")


def test_a_page_that_is_too_much(scene: Scene) -> None:
    """GitHub gives up on a page: a quarter of it is asked for."""
    scene.pull()
    forge = scene.forge(ADA)
    for number in range(30):
        forge.comment(1, f"{number}")
    scene.world.patience = 40
    snapshot = forge.snapshot(1)
    assert (snapshot.complete, len(snapshot.items)) == (True, 30)


@pytest.mark.parametrize(("page", "reverse"), [(1, False), (1, True), (2, True), (3, False)])
def test_pages_do_not_show(scene: Scene, page: int, reverse: bool) -> None:
    """Page size and the order of pages change nothing of a snapshot."""
    scene.pull()
    grace, ada = scene.forge(GRACE), scene.forge(ADA)
    for number in range(4):
        grace.comment(1, f"{number}")
        key = grace.comment_on(1, f"{number}", Anchor(NOTES, "", number + 1, number + 1))
        ada.reply(1, key, "a")
        ada.label(1, f"label {number}")
    grace.review(1, "approved", "x")
    for draft in (True, False, True):
        ada.set_draft(1, draft)
    whole = ada.snapshot(1)
    assert (len(whole.items), whole.complete) == (13, True)
    scene.world.reverse = reverse
    assert scene.forge(ADA, size=page).snapshot(1) == whole
