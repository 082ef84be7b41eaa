"""Two runs at once, in every interleaving of one's writes with the other's whole turn, and pushes that come too late."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from review.outcomes import outcome, visible
from review.scenes import BOT, FOLDER, GRACE, Scene, commits_of
from review.stops import FAILURES
from review.watched import Tape, Watch, WatchedForge, WatchedRepository
from skill_fleet.review import ADDRESSES, decide, delete_duplicates, duplicates, step, trailer

Scenes = Callable[..., Scene]
RACED = {"pair": ("fetch", "push"), "lone": ("update-ref",)}  # where one clone sees, or moves, what both have


def race(scene: Scene, tape: Tape, at: int) -> None:
    """One run is held before its write number `at` while another takes its whole turn.

    `scene` is what the run had made until then, and `tape` what Git had told it: its beginning is not run again.
    """
    numbers = itertools.count()

    def watch(point: str, do: Callable[[], Any], lost: Callable[[], Any]) -> Any:
        if is_raced(scene, point) and next(numbers) == at:
            other = scene.forge(ids="b", where="second")
            step(other.repo, other, 1)
        return do()

    try:
        take_turn(scene, watch, tape)
    except FAILURES:  # it may give up; then somebody rings again
        forge = scene.forge(ids="c")
        step(forge.repo, forge, 1)
    assert next(numbers) > at


def is_raced(scene: Scene, point: str) -> bool:
    """Whether two runs can meet at this write."""
    return point.startswith(RACED["pair" if scene.is_shared else "lone"])


def take_turn(scene: Scene, watch: Watch, tape: Tape) -> None:
    """The bot's turn."""
    repo = WatchedRepository(scene.beds[-1].path, watch, tape)
    step(repo, WatchedForge(scene.forge(ids="a", repo=repo), watch), 1)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["pair", "lone"])
def test_two_runs_in_any_interleaving(scene: Scenes, tmp_path: Path, kind: str) -> None:
    """However two runs meet: one commit and one answer a request, and the end of a run that was alone."""
    alone, tape = scene(kind, "suggestion"), Tape()
    meetings: list[tuple[Scene, int]] = []

    def record(point: str, do: Callable[[], Any], lost: Callable[[], Any]) -> Any:
        if is_raced(alone, point):
            meetings.append((alone.copy(tmp_path / f"meeting-{len(meetings)}"), tape.at))
        return do()

    take_turn(alone, record, tape)
    expected = outcome(alone)
    alone.folder.rename(tmp_path / "alone")
    ends = set()
    for at, (copy, taped) in enumerate(meetings):
        raced = Scene(copy.folder.rename(alone.folder))  # where Git's answers were true
        race(raced, tape.upto(taped), at)
        keys = [key for _, message in commits_of(raced) if (key := trailer(message, ADDRESSES))]
        assert len(keys) == len(set(keys)) == 1
        if (end := visible(raced)) not in ends:
            assert outcome(raced) == expected, f"raced at write {at}"
            ends.add(end)
        raced.folder.rename(copy.folder)
    assert len(meetings) >= 3
    print(f"{kind}: {len(meetings)} interleavings")


def test_answers_given_offline_in_two_clones_become_one(scene: Scenes) -> None:
    """Two clones without their remote each answer; when they meet again, the older answer of each request stays."""
    two = scene("pair", "opened")
    first, second = two.forge(ids="a"), two.forge(ids="b", where="second")
    two.forge(GRACE, ids="1").comment(1, "/help")
    snapshots = [forge.snapshot(1) for forge in (first, second)]
    assert all(snapshot.items for snapshot in snapshots)
    hidden = two.truth.path.rename(two.folder / "gone.git")
    for forge in (first, second):
        step(forge.repo, forge, 1)
    hidden.rename(two.folder / "origin.git")
    for forge in (first, second):  # hands over what waited
        forge.snapshot(1)
    assert len(duplicates(second.snapshot(1))) == 2  # the help, and the status
    step(second.repo, second, 1)

    assert not duplicates(first.snapshot(1))
    assert len(first.snapshot(1).items) == 3
    assert decide(first.snapshot(1)).actions == ()


def test_a_double_that_somebody_else_has_just_deleted_is_no_error(scene: Scenes) -> None:
    """Two runs that see the same double both delete it, and the second finds it done."""
    one = scene("lone", "opened")
    forge = one.forge()
    step(forge.repo, forge, 1)
    status = forge.snapshot(1).items[0]
    forge.comment(1, status.body)
    seen = forge.snapshot(1)
    assert delete_duplicates(forge, seen) and delete_duplicates(forge, seen)
    assert [item.key for item in forge.snapshot(1).items] == [status.key]


def test_a_lost_push_race_is_decided_anew(scene: Scenes, tmp_path: Path) -> None:
    """A person's push lands just before the bot's: the bot builds on top of it, and loses nothing."""
    raced = scene("pair", "suggestion")
    hers: list[str] = []

    def watch(point: str, do: Callable[[], Any], lost: Callable[[], Any]) -> Any:
        if point == "push draft head timeline" and not hers:
            bed = raced.beds[-1]
            hers.append(bed.commit_to("draft/x", {f"{FOLDER}/more.md": "more\n"}, start="draft/x"))
            bed.git("push", "--quiet", "origin", "draft/x")
        return do()

    repo = WatchedRepository(raced.beds[-1].path, watch)
    done = step(repo, WatchedForge(raced.forge(BOT, ids="a", repo=repo), watch), 1)  # type: ignore[arg-type]
    assert any("read again" in line for line in done)
    log = [oid for oid, _ in commits_of(raced)]
    assert log[-2] == hers[0] and len(log) == 4
    assert raced.truth.read("draft/x", f"{FOLDER}/more.md") == "more\n"
