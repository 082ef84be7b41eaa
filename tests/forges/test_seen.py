"""What a forge saw last is what it writes on first: the remote is asked when that does not stand, and before it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from forges.grounds import Ground
from forges.test_local import plug, unplug
from skill_fleet.errors import UserError
from skill_fleet.forges import BOT, Anchor, Snapshot
from skill_fleet.forges.local import LocalForge, open_local_forge
from skill_fleet.git import Repository


class Told(Repository):
    """Keeps the commands that Git was given."""

    def __init__(self, path: Path) -> None:
        self.verbs: list[str] = []
        super().__init__(path)

    def attempt(self, *words: str, **options: object) -> tuple[int, bytes, str]:
        """Note it down, and run it."""
        self.verbs.append(words[0])
        return super().attempt(*words, **options)  # type: ignore[arg-type]


def looked(ground: Ground) -> tuple[LocalForge, Told]:
    """A forge that has looked at the pull request, and its repository, told nothing since."""
    repo = Told(ground.bed.path)
    forge = open_local_forge(repo, BOT)
    forge.snapshot(1)
    repo.verbs.clear()
    return forge, repo


def said(snapshot: Snapshot) -> list[str]:
    """The texts in their order."""
    return [item.body for item in snapshot.items]


def test_what_is_said_after_a_look_asks_nobody_first(ground: Ground) -> None:
    """Two comments, an edit and a label after one look: no fetch, no list of refs, and all is there for others."""
    forge, repo = looked(ground)
    forge.comment(1, "one")
    forge.edit(1, forge.comment(1, "two"), "three")
    forge.label(1, "ready")

    assert not {"fetch", "for-each-ref"} & {*repo.verbs}
    there = ground.elsewhere.snapshot(1)
    assert (said(there), there.labels) == (["one", "three"], ("ready",))
    assert forge.snapshot(1).items == there.items


def test_what_others_said_since_comes_first(ground: Ground) -> None:
    """An event on top of a timeline that has grown since: it is looked at again, and nothing is lost or doubled."""
    forge, _ = looked(ground)
    ground.elsewhere.comment(1, "theirs")
    forge.comment(1, "mine")

    assert said(ground.elsewhere.snapshot(1)) == ["theirs", "mine"]


def test_nothing_to_do_is_decided_on_what_is_there_now(ground: Ground) -> None:
    """As it was seen there was nothing to do, or no such item: by now there is."""
    ground.elsewhere.label(1, "ready")
    forge, _ = looked(ground)
    ground.elsewhere.label(1, "ready", present=False)
    thread = ground.elsewhere.comment_on(1, "Why?", Anchor("skills/web/x/SKILL.md", "", 1, 1))
    forge.label(1, "ready")
    forge.reply(1, thread, "So.")

    there = ground.elsewhere.snapshot(1)
    assert (there.labels, said(there)) == (("ready",), ["Why?", "So."])
    with pytest.raises(UserError):
        forge.reply(1, "line/0000000000000000", "To nobody.")


def test_a_verdict_is_about_the_head_as_it_is(ground: Ground) -> None:
    """Where a branch has a part in it, one looks first: the branch may have moved without an event."""
    forge, _ = looked(ground)
    grown = ground.grow({"skills/web/x/references/more.md": "More.\n"})
    forge.review(1, "commented", "Good.")

    (item,) = ground.elsewhere.snapshot(1).items
    assert item.commit == grown


def test_without_the_remote_it_waits(shared: Ground) -> None:
    """The remote went away since the look: it is said once, what is written waits, and is handed over later."""
    forge, _ = looked(shared)
    unplug(shared.bed)
    forge.comment(1, "later")
    assert [note.split(" (")[0].split(";")[0] for note in forge.notes] == [
        "origin does not answer",
        "What you wrote on #1 waits here",
    ]
    plug(shared.bed)
    forge.comment(1, "now")

    assert said(shared.elsewhere.snapshot(1)) == ["later", "now"]
