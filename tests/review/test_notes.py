"""What the bot says unasked: one comment for each cause, edited and not doubled; reminders on the author's turn alone."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings, strategies as st

import sessions
from review.scenes import ADA, GRACE, SKILL, Scene, suggest
from review.stories import snapshots
from skill_fleet.forges import (
    BOT,
    ITEM_LIMIT,
    AnswerAction,
    CommitFact,
    EditAction,
    FlagAction,
    Item,
    NoteAction,
    Snapshot,
    StatusAction,
)
from skill_fleet.forges.local import LocalForge
from skill_fleet.review import TOO_LONG, Plan, check_gates, decide, receipts, render_answer, render_receipt, step

GONE = ("8" * 40, "9" * 40)
STALE = {"updated": "2026-01-01T00:00:00Z", "fetched": "2026-02-01T00:00:00Z"}
facts = st.fixed_dictionaries(
    {},
    optional={
        "lost": st.sampled_from([(), GONE[:1], GONE]),
        "conflicts": st.sampled_from([(), ("a",), ("a", "b")]),
        "remote": st.sampled_from(["", "origin"]),
        "parked": st.booleans(),
        "body": st.sampled_from(["The brief.", "Another."]),
        "updated": st.sampled_from(["", STALE["updated"], "no time", "2026-02-01"]),
        "fetched": st.sampled_from(["", STALE["fetched"]]),
    },
)


def standing(snapshot: Snapshot, items: list[Item], key: str, body: str) -> list[Item]:
    """The items with `body` in the one comment that has the receipt `key`: edited if it is there, as apply does it."""
    there = receipts(replace(snapshot, items=tuple(items))).get(key)
    if there:
        return [replace(each, body=body) if each.key == there.item.key else each for each in items]
    return [*items, Item(f"comment/9{len(items)}", snapshot.bot, f"9{len(items):05}", body)]


def carried_out(snapshot: Snapshot, plan: Plan) -> Snapshot:
    """The pull request after a plan without commits, as a forge would show it. Time has not gone on."""
    items = list(snapshot.items)
    for action in plan.actions:
        status = f"status:pull/{snapshot.number}"
        key = {StatusAction: status}.get(type(action)) or getattr(action, "key", "")
        if isinstance(action, FlagAction):
            labels = {*snapshot.labels, *([action.value] if action.what == "label" else [])}
            state = "closed" if action.what == "close" else snapshot.state
            snapshot = replace(
                snapshot, labels=tuple(sorted(labels)), state=state, draft=snapshot.draft and action.what != "ready"
            )
        elif isinstance(action, EditAction):
            items = [replace(item, body=action.body) if item.key == action.target else item for item in items]
        elif isinstance(action, AnswerAction):
            items = standing(snapshot, items, key, render_answer(snapshot, action, action.commit))
        elif isinstance(action, StatusAction | NoteAction):
            items = standing(snapshot, items, key, action.body)
    return replace(snapshot, items=tuple(items))


@settings(deadline=None, max_examples=60)
@given(snapshots(), st.lists(facts, min_size=1, max_size=3))
def test_one_comment_for_each_cause(snapshot: Snapshot, changes: list[dict[str, object]]) -> None:
    """However often the facts change: after each turn nothing is owed, and no cause has two comments."""
    for change in changes:
        snapshot = replace(snapshot, **change)  # type: ignore[arg-type]
        for _ in range(4):
            plan = decide(snapshot)
            commits = [
                CommitFact(f"{at:040}", snapshot.bot, f"Do it\n\nAddresses: {action.key}\n")
                for at, action in enumerate(plan.actions)
                if type(action).__name__ == "CommitAction"
            ]
            snapshot = carried_out(replace(snapshot, commits=(*snapshot.commits, *commits)), plan)
        assert decide(snapshot).actions == ()
    keys = Counter(
        item.body.partition(" key=")[2].partition(" ")[0] for item in snapshot.items if item.author == snapshot.bot
    )
    causes = ("force-push:", "conflict:", "description:", "nudge:", "status:")
    assert all(count == 1 for key, count in keys.items() if key.startswith(causes))


def test_one_reminder_a_turn() -> None:
    """The next one only after somebody who counts has said something; a stranger's words, or the bot's, start no turn."""
    asked = sessions.says(1, "grace", "Why?", line=3)
    snapshot = sessions.draft(items=(asked,), **STALE)

    def turn(now: Snapshot) -> Snapshot:
        for _ in range(3):
            now = carried_out(now, decide(now))
        return now

    def reminders(now: Snapshot) -> int:
        return sum(key.startswith("nudge:") for key in receipts(now))

    first = turn(snapshot)
    assert reminders(first) == 1
    assert reminders(turn(replace(first, fetched="2027-01-01T00:00:00Z"))) == 1
    stranger = sessions.says(800, "mallory", "Hello?")
    assert reminders(turn(replace(first, items=(*first.items, stranger)))) == 1
    ada = sessions.says(801, "ada", "I will see to it.")
    assert reminders(turn(replace(first, items=(*first.items, ada)))) == 2
    pushed = replace(first, head_oid="1" * 40, commits=first.commits)
    assert reminders(turn(pushed)) == 2


def test_who_is_reminded() -> None:
    """Where accounts have logins the reminder calls the one who asked for the draft, who may follow nothing there."""
    for credited, called in (
        ("Ada Byron <1001+ada@users.noreply.github.com>", "\n@ada: nothing"),
        ("@grace <1001+@grace@users.noreply.github.com>", "\n`@grace`: nothing"),
        ("Ada <ada@example.org>", "\n`Ada`: nothing"),
    ):
        opening = CommitFact("1" * 40, sessions.ADA, f"Draft\n\nBrief.\n\nSession: 5e55\nRequested-by: {credited}\n")
        start = sessions.draft(**STALE)
        asked = sessions.says(1, "grace", "Why?", line=3)
        answer = sessions.answered(start, 2, "comment:line/1", "open", "Why?")
        (said,) = [
            action
            for action in decide(replace(start, items=(asked, answer), commits=(opening, start.commits[1]))).actions
            if isinstance(action, NoteAction)
        ]
        assert called in said.body


def test_a_local_pull_request_that_is_too_long(scene: Callable[..., Scene], monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is every forge's: only the bot's own items are given, and no gate opens on what was not read."""
    monkeypatch.setattr("skill_fleet.forges.types.ITEM_LIMIT", 3)
    forge = scene("lone").forge(ids="a")
    for _ in range(4):
        forge.acting_as(GRACE).comment(1, "/cancel")
    mine = forge.comment(1, "Mine.")
    snapshot = forge.snapshot(1)

    assert (snapshot.too_many, snapshot.complete) == (5, False)
    assert [item.key for item in snapshot.items] == [mine]
    assert [type(action).__name__ for action in decide(snapshot).actions] == ["NoteAction", "FlagAction"]
    assert not all(gate.met for gate in check_gates(snapshot, 0))


def test_a_conflict_is_refreshed_as_the_note_says(scene: Callable[..., Scene]) -> None:
    """One note; its commands, typed by a person into a real shell, bring the draft up to date; then the note says so."""
    one = scene("pair")
    origin, clone = one.beds
    origin.commit_to("main", {SKILL: "---\nname: x\ndescription: Another. Use it.\n---\n"})
    forge = one.forge(ids="a")
    step(forge.repo, forge, 1)
    step(forge.repo, forge, 1)
    (note,) = _notes(forge, "conflict:")
    assert forge.snapshot(1).conflicts == (SKILL,)
    commands = note.partition("```sh\n")[2].partition("```")[0]
    before, fix, after = commands.partition("# fix each file that Git lists, then:\n")
    shell = {"cwd": clone.path, "text": True, "capture_output": True}
    assert "CONFLICT" in subprocess.run(["bash", "-ec", before], check=False, **shell).stdout  # type: ignore[call-overload]
    (clone.path / SKILL).write_text("---\nname: x\ndescription: Both. Use it when asked.\n---\n\n# X\n")
    subprocess.run(["bash", "-ec", after], check=True, **shell)  # type: ignore[call-overload]
    step(forge.repo, forge, 1)

    (over,) = _notes(forge, "conflict:")
    assert "git merge" not in over
    assert forge.snapshot(1).conflicts == () and fix


def test_a_force_push_is_noted_once(scene: Callable[..., Scene]) -> None:
    """What was answered stays answered, what was only committed is done again, and a second force-push edits the note."""
    one = scene("lone")
    suggest(one)
    forge, bed = one.forge(ids="a"), one.truth
    start = bed.tip("draft/x")
    step(forge.repo, forge, 1)
    done = bed.tip("draft/x")
    assert _notes(forge, "force-push:") == []

    bed.git("update-ref", "refs/heads/draft/x", start)
    step(forge.repo, forge, 1)
    (first,) = _notes(forge, "force-push:")
    assert done in first and bed.tip("draft/x") == start
    one.forge(ADA, ids="3").comment(1, "/describe Quite another. Use it when asked.")
    step(forge.repo, forge, 1)
    gone = bed.tip("draft/x")
    bed.git("update-ref", "refs/heads/draft/x", start)
    step(forge.repo, forge, 1)
    (second,) = _notes(forge, "force-push:")
    assert done in second and gone in second and bed.tip("draft/x") == start
    assert step(forge.repo, forge, 1) == ()


def test_a_reminder_needs_the_forge_s_clock(scene: Callable[..., Scene]) -> None:
    """In a repository alone the time is that of who asks; a day too early says nothing, and a second run nothing more."""
    one = scene("lone")
    suggest(one, "Why is that?")
    step(one.forge(ids="a").repo, one.forge(ids="a"), 1)
    for days, wanted in ((13, 0), (14, 1), (40, 1)):
        late = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=days)
        forge = LocalForge(one.forge().repo, BOT, None, clock=lambda late=late: late)  # type: ignore[misc]
        step(forge.repo, forge, 1)
        assert len(_notes(forge, "nudge:")) == wanted


def test_the_notice_has_its_label(scene: Callable[..., Scene]) -> None:
    """The label comes after the comment: stopped between the two, the next run finds the comment and adds the label."""
    snapshot = sessions.draft(too_many=ITEM_LIMIT + 1, complete=False)
    said = carried_out(snapshot, replace(decide(snapshot), actions=decide(snapshot).actions[:1]))
    assert decide(said).actions == (FlagAction("label", TOO_LONG),)
    assert decide(carried_out(said, decide(said))).actions == ()
    forged = Item("comment/1", sessions.GRACE, "1", render_receipt(snapshot, "too-many:pull/7", "notice"))
    assert len(decide(replace(snapshot, items=(forged,))).actions) == 2


def _notes(forge: LocalForge, kind: str) -> list[str]:
    """The bot's comments of a kind, without their first line."""
    found = receipts(forge.snapshot(1))
    return [receipt.item.body.partition("\n")[2] for key, receipt in found.items() if key.startswith(kind)]
