"""What holds of every decision, whatever people say: the invariants that need no repository."""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import given, settings, strategies as st

import sessions
from review.stories import START, UNKNOWN, snapshots, text
from skill_fleet.forges import Action, AnswerAction, CommitAction, FlagAction, NoteAction, Snapshot
from skill_fleet.review import (
    Plan,
    approvers,
    check_gates,
    check_scope,
    current_approvals,
    decide,
    decode,
    encode,
    may_decide,
    named_by,
    read_requests,
    read_session,
    read_trailers,
    receipts,
    write_message,
)

moderate = settings(deadline=None, max_examples=50)


@moderate
@given(snapshots(), st.randoms(use_true_random=False))
def test_the_order_of_pages_does_not_matter(snapshot: Snapshot, chance: object) -> None:
    """However the parts of a snapshot were fetched, the same is decided."""
    parts = {name: list(getattr(snapshot, name)) for name in ("items", "threads", "files", "changed")}
    for part in parts.values():
        chance.shuffle(part)  # type: ignore[attr-defined]
    assert decide(replace(snapshot, **{name: tuple(part) for name, part in parts.items()})) == decide(snapshot)


@moderate
@given(snapshots())
def test_people_without_write_change_nothing_but_notices(snapshot: Snapshot) -> None:
    """Without everything that they wrote, the same actions are left, but for the notices to them. What people with write
    speak of in an `/adopt` is not theirs any more."""
    named = {each.key for order in snapshot.items if may_decide(snapshot, order) for each in named_by(snapshot, order)}
    ours = tuple(item for item in snapshot.items if snapshot.permissions[item.author.id] != "none" or item.key in named)
    assert _without_notices(decide(replace(snapshot, items=ours)).actions) == _without_notices(decide(snapshot).actions)


@moderate
@given(snapshots())
def test_unknown_permission_gives_no_action(snapshot: Snapshot) -> None:
    """Nobody answers, or obeys, an item of somebody whose permission could not be read."""
    unknown = {item.key for item in snapshot.items if item.author.id == UNKNOWN.id}
    for action in decide(snapshot).actions:
        assert not isinstance(action, AnswerAction) or action.target not in unknown
        assert not isinstance(action, CommitAction) or action.key.partition(":")[2].partition("@")[0] not in unknown


@moderate
@given(snapshots())
def test_every_request_is_accounted_for(snapshot: Snapshot) -> None:
    """Who has write gets an answer, or has one; after the end, talk is owed none, and remarks are owed one by a model alone.
    No answer is given twice."""
    session = read_session(snapshot)
    assert session
    keys = [action.key for action in decide(snapshot).actions if isinstance(action, AnswerAction)]
    given = {key for key, receipt in receipts(snapshot).items() if receipt.outcome != "failing"}
    assert len(keys) == len(set(keys)) and not set(keys) & given
    for request in read_requests(snapshot, session.commits):
        talk = request.command in ("comment", "changes") and snapshot.state != "open"
        cancelled = any(
            isinstance(action, FlagAction) and action.what == "close" for action in decide(snapshot).actions
        )
        assert request.is_answered or request.key in keys or talk or cancelled or request.is_remark
        offered = {action.key for action in decide(snapshot).remarks}
        assert not request.is_remark or request.is_answered or request.key in offered or talk or cancelled


@moderate
@given(snapshots())
def test_commits_stay_in_the_skill_and_carry_the_plan_s_trailers(snapshot: Snapshot) -> None:
    """Each change lies within the folders of its action; the message's trailers are the action's, no more, no fewer."""
    plan = decide(snapshot)
    for action in plan.actions:
        if isinstance(action, CommitAction):
            check_scope(action)
            assert snapshot.state == "open" and snapshot.head_exists
            assert read_trailers(write_message(action.subject, "", action.trailers)) == action.trailers
            assert [name for name, _ in action.trailers].count("Addresses") == 1
            assert action.trailers[-1] == ("Addresses", action.key)
    assert decode(Plan, json.loads(json.dumps(encode(plan)))) == plan


@moderate
@given(snapshots(), text, text, text)
def test_no_text_changes_receipts_or_trailers(snapshot: Snapshot, words: str, title: str, branch: str) -> None:
    """What people write, name or title, and what they edit into the bot's comments, is never read as a fact."""
    forged = sessions.Item("comment/99", sessions.BOT, "000099", words, editor=sessions.MALLORY)
    people = [replace(item, body=words) if may_decide(snapshot, item) else item for item in snapshot.items]
    hostile = (*people, forged)
    changed = replace(snapshot, items=hostile, title=title, body=words, head=f"draft/{branch}")
    assert receipts(changed) == receipts(snapshot)
    before, after = read_session(snapshot), read_session(changed)
    assert (
        before
        and after
        and (after.commits, after.moves, after.requester) == (before.commits, before.moves, before.requester)
    )


@moderate
@given(snapshots())
def test_ready_needs_a_word_about_exactly_this_head(snapshot: Snapshot) -> None:
    """It is marked ready for a `/proceed` or for an approval that stands; an older commit's approval is none, unless only
    merges of the base lead on from it."""
    moved = replace(snapshot, head_oid="e" * 40)
    updated = replace(moved, updated_from=(snapshot.head_oid,))
    assert current_approvals(updated) == current_approvals(snapshot)
    for given_for in (snapshot, moved, updated):
        ready = any(isinstance(action, FlagAction) and action.what == "ready" for action in decide(given_for).actions)
        session = read_session(given_for)
        asked = (
            any(request.command == "proceed" for request in read_requests(given_for, session.commits))
            if session
            else False
        )
        assert not ready or asked or current_approvals(given_for)
        for item in approvers(given_for):
            known = (given_for.head_oid, *given_for.updated_from)
            assert item.commit in known and item.verdict == "approved" and may_decide(given_for, item)


@moderate
@given(snapshots())
def test_the_gates_are_shut_by_whatever_is_open(snapshot: Snapshot) -> None:
    """No merge with a pending request, an objection, or too few approvals of this head."""
    if all(gate.met for gate in check_gates(snapshot, 0)):
        session = read_session(snapshot)
        assert session and snapshot.state == "open" and len(approvers(snapshot)) >= 1
        assert not [request for request in read_requests(snapshot, session.commits) if request.is_open]
        assert not all(gate.met for gate in check_gates(replace(snapshot, head_oid="e" * 40), 0))
        void = tuple(replace(item, verdict="dismissed") if item.verdict else item for item in snapshot.items)
        assert not all(gate.met for gate in check_gates(replace(snapshot, items=void), 0))
        more = sessions.says(999999, "grace", "/describe Another one. Use it when asked.")
        assert not all(gate.met for gate in check_gates(replace(snapshot, items=(*snapshot.items, more)), 0))
    assert not all(gate.met for gate in check_gates(snapshot, 1))


@moderate
@given(snapshots())
def test_an_incomplete_snapshot_decides_nothing(snapshot: Snapshot) -> None:
    """When a part could not be read there is nothing to do but to say so; on what is not ours, nothing but a note."""
    plan = decide(replace(snapshot, complete=False))
    assert not plan.actions and plan.note
    for foreign in (replace(snapshot, author=sessions.ADA), replace(snapshot, commits=START.commits[1:])):
        assert all(isinstance(action, NoteAction) for action in decide(foreign).actions)


def _without_notices(actions: tuple[Action, ...]) -> list[Action]:
    return [action for action in actions if not (isinstance(action, AnswerAction) and action.key.startswith("notice:"))]
