"""Stopped at any write and run again: the same end, nothing twice, nothing lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from review.scenes import GRACE, Scene, open_draft
from review.stops import Run, Trial
from review.watched import FORGE_READS, FORGE_WRITES, WatchedForge
from skill_fleet.forges import Forge
from skill_fleet.review import check_gates, merge_trailers, step, write_message


def take_step(scene: Scene, forge: WatchedForge) -> None:
    """The bot's turn."""
    step(forge.repo, forge, 1)  # type: ignore[arg-type]


def open_it(scene: Scene, forge: WatchedForge) -> None:
    """What `create` does once there is a draft."""
    assert open_draft(scene, forge) == 1  # type: ignore[arg-type]


def promote(scene: Scene, forge: WatchedForge) -> None:
    """What `promote` does: the gates, the merge as a person, the bot's last turn."""
    person = forge.forge.acting_as(GRACE) if isinstance(forge, WatchedForge) else forge.acting_as(GRACE)
    mine = WatchedForge(person, forge.watch) if isinstance(forge, WatchedForge) else person
    snapshot = mine.snapshot(1)
    if snapshot.state == "open":
        assert all(gate.met for gate in check_gates(snapshot, 0))
        mine.set_draft(1, False)
        mine.merge(1, snapshot.head_oid, write_message("Merge it", "", merge_trailers(snapshot)))
    take_step(scene, forge)


EVENT = {"hash-object", "mktree", "commit-tree"}
COMMITS = EVENT | {"read-tree", "update-index", "write-tree"}
MIRRORED = {"fetch", "push timeline", "update-ref mirrored timeline"}
PUSHED = {"push draft head timeline", "update-ref mirrored head mirrored timeline"}
TALK = {"forge push", "forge reply", "forge comment"}

# Every write of each run. One that is not listed here fails the test: list it, and so have it tried.
TRIALS: dict[str, tuple[str, str, Run, bool, set[str]]] = {
    "open": (
        "lone",
        "bare",
        open_it,
        True,
        COMMITS | {"forge open", "update-ref draft", "update-ref draft head timeline"},
    ),
    "open, shared": (
        "pair",
        "bare",
        open_it,
        True,
        COMMITS
        | PUSHED
        | {
            "forge open",
            "fetch",
            "push draft",
            "update-ref tracking",
            "update-ref draft",
            "config remote",
            "config merge",
        },
    ),
    "step": (
        "lone",
        "suggestion",
        take_step,
        True,
        COMMITS | TALK | {"update-ref timeline", "update-ref draft head timeline"},
    ),
    "step, shared": ("pair", "suggestion", take_step, True, COMMITS | TALK | MIRRORED | PUSHED | {"update-ref draft"}),
    "three requests": ("lone", "edits", take_step, False, TALK | {"forge retitle"}),
    "cancel": ("lone", "cancel", take_step, True, EVENT | {"forge close", "forge comment", "update-ref timeline"}),
    "approved": ("lone", "approved", take_step, False, {"forge set_draft", "forge comment"}),
    "notes": ("lone", "troubled", take_step, False, {"forge comment", "forge edit"}),
    "promote": (
        "lone",
        "approved",
        promote,
        True,
        EVENT
        | {
            "forge set_draft",
            "forge merge",
            "forge comment",
            "merge-tree",
            "merge",
            "update-ref timeline",
            "update-ref draft timeline",
        },
    ),
    "promote, shared": (
        "pair",
        "approved",
        promote,
        True,
        EVENT
        | MIRRORED
        | {"forge set_draft", "forge merge", "forge comment", "merge-tree", "merge", "push draft base timeline"},
    ),
}


@pytest.mark.parametrize("name", TRIALS)
def test_stopped_anywhere(templates: Callable[[str, str], Scene], tmp_path: Path, name: str) -> None:
    """Stopped before or after any write, or with its response lost, and run again: the end of the undisturbed run."""
    kind, story, run, git, listed = TRIALS[name]
    trial = Trial(templates(kind, story), run, tmp_path, git).all_stops()
    assert set(trial.points) == listed
    print(f"{name}: {len(trial.points)} write points, {sum(trial.tried.values())} pairs of point and mode")


def test_every_method_of_a_forge_is_known() -> None:
    """A method added to the protocol is either a read or one of the writes that the trials look for."""
    methods = {name for name in vars(Forge) if not name.startswith("_")} | set(Forge.__annotations__)
    assert methods == FORGE_READS | FORGE_WRITES
