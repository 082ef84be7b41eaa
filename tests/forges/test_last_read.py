"""Events are written on top of what was read last; the remote is asked if that is out of date, and before a refusal."""

from __future__ import annotations

from pathlib import Path

import pytest

from forges.grounds import Ground
from forges.test_local import plug, unplug
from skill_fleet.errors import UserError
from skill_fleet.forges import BOT, Anchor, Snapshot
from skill_fleet.forges.local import LocalForge, open_local_forge
from skill_fleet.git import Repository


class RecordingRepository(Repository):
    """Records the Git commands that it runs."""

    def __init__(self, path: Path) -> None:
        self.commands: list[str] = []
        super().__init__(path)

    def attempt(self, *words: str, **options: object) -> tuple[int, bytes, str]:
        """Record a command, and run it."""
        self.commands.append(words[0])
        return super().attempt(*words, **options)  # type: ignore[arg-type]


def after_reading(ground: Ground) -> tuple[LocalForge, RecordingRepository]:
    """A forge that has read the pull request, and its repository, which has run nothing since."""
    repo = RecordingRepository(ground.bed.path)
    forge = open_local_forge(repo, BOT)
    forge.snapshot(1)
    repo.commands.clear()
    return forge, repo


def said(snapshot: Snapshot) -> list[str]:
    """The texts in their order."""
    return [item.body for item in snapshot.items]


def test_no_fetch_after_reading(ground: Ground) -> None:
    """Two comments, an edit and a label after one read: no fetch, and others see all of it."""
    forge, repo = after_reading(ground)
    forge.comment(1, "one")
    forge.edit(1, forge.comment(1, "two"), "three")
    forge.label(1, "ready")

    assert "fetch" not in repo.commands
    there = ground.elsewhere.snapshot(1)
    assert (said(there), there.labels) == (["one", "three"], ("ready",))
    assert forge.snapshot(1).items == there.items


def test_what_others_said_since_comes_first(ground: Ground) -> None:
    """A timeline that has grown since is read again: nothing is lost or doubled."""
    forge, _ = after_reading(ground)
    ground.elsewhere.comment(1, "theirs")
    forge.comment(1, "mine")

    assert said(ground.elsewhere.snapshot(1)) == ["theirs", "mine"]


def test_nothing_to_do_is_decided_on_what_is_there_now(ground: Ground) -> None:
    """When it was read there was nothing to do, or no such item; by now there is."""
    ground.elsewhere.label(1, "ready")
    forge, _ = after_reading(ground)
    ground.elsewhere.label(1, "ready", present=False)
    thread = ground.elsewhere.comment_on(1, "Why?", Anchor("skills/web/x/SKILL.md", "", 1, 1))
    forge.label(1, "ready")
    forge.reply(1, thread, "So.")

    there = ground.elsewhere.snapshot(1)
    assert (there.labels, said(there)) == (("ready",), ["Why?", "So."])
    with pytest.raises(UserError):
        forge.reply(1, "line/0000000000000000", "To nobody.")


def test_a_verdict_is_about_the_head_as_it_is(ground: Ground) -> None:
    """A verdict depends on a branch, which may have moved without an event: it is read first."""
    forge, _ = after_reading(ground)
    grown = ground.grow({"skills/web/x/references/more.md": "More.\n"})
    forge.review(1, "commented", "Good.")

    (item,) = ground.elsewhere.snapshot(1).items
    assert item.commit == grown


def test_without_the_remote_it_waits(shared: Ground) -> None:
    """The remote is gone since the read: one note says so, the comment waits, and is sent later."""
    forge, _ = after_reading(shared)
    unplug(shared.bed)
    forge.comment(1, "later")
    assert ["#1" in note for note in forge.notes] == [False, True]
    plug(shared.bed)
    forge.comment(1, "now")

    assert said(shared.elsewhere.snapshot(1)) == ["later", "now"]
