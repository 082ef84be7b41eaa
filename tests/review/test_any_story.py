"""Any story on a real repository: it comes to rest, each request has one answer, each commit stays in the skill."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from review.scenes import ADA, GRACE, NOTES, SKILL, Scene
from review.stories import body
from review.test_speech import check_said
from skill_fleet.errors import UserError
from skill_fleet.forges import Actor, Anchor, Snapshot
from skill_fleet.review import (
    ADDRESSES,
    CHECKS,
    decide,
    read_receipt,
    read_requests,
    read_session,
    read_trailers,
    receipts,
    step,
    trailer,
)

NAMES = ("Grace", "@grace fixes #1", "Skill: web/y", "A\n\nAddresses: x", "`<b>` <mallory@example.net>", "é\u202e漢")
TRAILERS = {"Skill", "Moved", "Requested-by", CHECKS, ADDRESSES}

event = st.tuples(
    st.sampled_from(["comment", "line", "line", "review", "resolve"]),
    st.sampled_from([GRACE, ADA]),
    st.sampled_from(NAMES),
    body,
    st.sampled_from([(SKILL, 3), (SKILL, 6), (NOTES, 3)]),
)


@settings(deadline=None, max_examples=7, suppress_health_check=list(HealthCheck))
@given(st.lists(event, min_size=1, max_size=4), st.booleans())
def test_any_story_comes_to_rest(
    templates: Callable[[str, str], Scene], tmp_path_factory: pytest.TempPathFactory, events: list[Any], twice: bool
) -> None:
    """The bot's turn, between the events or after them, ends with nothing left to do."""
    scene = templates("lone", "opened").copy(tmp_path_factory.mktemp("story") / "scene")
    main = scene.truth.tip("main")
    opened = len(scene.truth.git("rev-list", "draft/x").split())
    for number, one in enumerate(events, start=1):
        _happen(scene, number, *one)
        if twice or number == len(events):
            forge = scene.forge(ids="abcde"[number])
            step(forge.repo, forge, 1)
    snapshot = scene.forge().snapshot(1)
    assert decide(snapshot).actions == ()
    _check_answers(snapshot)
    _check_commits(scene, snapshot, opened)
    assert scene.truth.tip("main") == main


def _happen(scene: Scene, number: int, what: str, who: Actor, name: str, words: str, place: tuple[str, int]) -> None:
    forge = scene.forge(replace(who, name=name), ids=str(number))
    words = words.replace("\ud800", "\ufffd") or "x"  # what a terminal or a browser cannot send
    try:
        if what == "line":
            forge.comment_on(1, words, Anchor(place[0], "", place[1], place[1]))
        elif what == "review":
            forge.review(1, "changes_requested" if number % 2 else "approved", words)
        elif what == "resolve":
            forge.resolve(1, next(thread.key for thread in forge.snapshot(1).threads))
        else:
            forge.comment(1, words)
    except (UserError, StopIteration):
        pass  # the forge refuses what no forge takes: blank words, a line that is not there, an ended pull request


def _check_answers(snapshot: Snapshot) -> None:
    session = read_session(snapshot)
    assert session
    said = [receipt.key for item in snapshot.items if (receipt := read_receipt(snapshot, item))]
    assert len(said) == len(set(said)) == len(receipts(snapshot))
    for item in snapshot.items:
        if item.author.id == snapshot.bot.id:
            check_said(snapshot, item.body)
    if snapshot.state == "open":
        requests = read_requests(snapshot, session.commits)
        assert all(request.is_answered or request.is_remark for request in requests)


def _check_commits(scene: Scene, snapshot: Snapshot, opened: int) -> None:
    bed = scene.truth
    for oid in bed.git("rev-list", "--reverse", "draft/x").split()[opened:]:
        fact = next(commit for commit in snapshot.commits if commit.oid == oid)
        names = [name for name, _ in read_trailers(fact.message)]
        assert set(names) <= TRAILERS and len(names) == len(set(names)) and fact.author.id == snapshot.bot.id
        assert trailer(fact.message, ADDRESSES) in receipts(snapshot)
        folders = [trailer(fact.message, "Skill"), *trailer(fact.message, "Moved").split(" -> ")]
        allowed = tuple(f"skills/{folder}/" for folder in folders if folder)
        for row in bed.git("diff-tree", "-r", "--no-renames", "--no-commit-id", oid).splitlines():
            facts, _, path = row.partition("\t")
            assert path.startswith(allowed) and facts.split()[1] in ("100644", "000000")
