"""Runs that end at a write, as a power cut or a lost connection ends them, told by the double itself.

A stop is what the server and the clone hold at that moment: one run is recorded, with a copy of everything before and
after each write, and each copy is run again by a process that knows nothing. When only the answer is lost the process
lives on, so for that the run is repeated for each write, once with the write done and once with it dropped.
"""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from double.bare import Bare
from double.faults import Mode
from double.world import NAME, World
from scene import Scene, set_up
from session import Session

import gitbed
from skill_fleet.errors import UserError
from skill_fleet.forges import StaleHead
from skill_fleet.git import GitFailure

Run = Callable[[Session], object]
FAILURES = (UserError, GitFailure, StaleHead)


@dataclass(frozen=True)
class Moment:
    """Everything there is at one time: the folder with the repositories, and what the double remembers."""

    folder: Path
    world: World

    @contextmanager
    def scene(self, folder: Path) -> Iterator[Scene]:
        """A scene that goes on from here."""
        with set_up(self.folder, folder) as scene:
            world = copy.deepcopy(self.world)
            world.git = Bare(folder / f"{NAME}.git")
            scene.double.world = world
            yield scene


def moment_of(scene: Scene, folder: Path, *, whole: bool = False) -> Moment:
    """A copy of a scene; without the second clone, unless all of it is wanted: after a stop one process goes on."""
    for bed in (scene.origin, scene.clone, *([scene.second] if whole else [])):
        gitbed.copy_folder(bed.path, folder / bed.path.name)
    return Moment(folder, copy.deepcopy(scene.world))


@dataclass
class Trial:
    """One run, tried with a stop at each of its writes. `tried` holds every pair of a write and a mode."""

    start: Moment
    run: Run
    folder: Path
    points: list[str] = field(default_factory=list)
    tried: list[tuple[str, str]] = field(default_factory=list)
    _moments: dict[str, tuple[str, Moment]] = field(default_factory=dict)

    def all_stops(self) -> Trial:
        """Try every write in every mode; AssertionError names the pair that ends otherwise than the undisturbed run."""
        with self.start.scene(self.folder / "recorded") as scene:
            scene.double.faults.watch = lambda what, when: self._record(scene, what, when)
            self.run(Session(scene))
            self.expected = outcome(scene)
        for name, moment in self._moments.values():
            with moment.scene(self.folder / "again") as scene:
                self._finish(scene, name)
        for at, point in enumerate(self.points, 1):
            for mode in ("before", "lost"):
                self._hiccup(at, point, mode)
        return self

    def _record(self, scene: Scene, what: str, when: str) -> None:
        if when == "before":
            self.points.append(what)
        # killed before it; killed after it; killed after it without ever having seen the answer
        self.tried += (
            [(what, "killed before")] if when == "before" else [(what, "killed after"), (what, "killed, answer lost")]
        )
        key = visible(scene)
        if key not in self._moments:
            self._moments[key] = f"killed {when} {what}", moment_of(scene, self.folder / f"moment-{len(self._moments)}")

    def _hiccup(self, at: int, point: str, mode: Mode) -> None:
        """The connection drops at one write, and the process goes on."""
        with self.start.scene(self.folder / "hiccup") as scene:
            scene.double.faults.arm(at, mode, once=True)
            with suppress(*FAILURES):
                self.run(Session(scene))
            scene.double.faults.revive()
            self.tried.append((point, "request lost" if mode == "before" else "answer lost"))
            self._finish(scene, f"{mode} {point}")

    def _finish(self, scene: Scene, name: str) -> None:
        found = outcome(scene)
        if found != self.expected:
            self.run(Session(scene))
            found = outcome(scene)
        assert found == self.expected, name
        shutil.rmtree(scene.clone.path.parent)


def outcome(scene: Scene) -> dict[str, Any]:
    """What a person sees in the end, without ids and times: told by the double and its repository."""
    found: dict[str, Any] = {"main": scene.origin.git("rev-parse", "main^{tree}")}
    for number, pull in scene.world.pulls.items():
        shown = "--format=%H%x00%T%x00%an <%ae>%n%B%x01"
        base = f"{pull.merge_commit}^1" if pull.merge_commit else "main"
        log = scene.origin.git("log", "--reverse", "--topo-order", shown, f"{base}..{pull.head_oid}")
        commits = [row.strip("\n").split("\0") for row in log.split("\1") if row.strip("\n")]
        names = {oid: f"commit {at}" for at, (oid, _, _) in enumerate(commits)}
        spoken = [(remark, "") for remark in [*pull.comments, *pull.reviews]]
        spoken += [(remark, thread.comments[0].body) for thread in pull.threads for remark in thread.comments]
        items = []
        for remark, thread in spoken:
            body = remark.body
            for oid, name in names.items():
                body = body.replace(oid, name)
            items.append((remark.author and remark.author.login, body, remark.facts.get("state", ""), thread))
        state = "merged" if pull.merged else pull.state
        found[f"#{number}"] = (state, pull.draft, pull.title, pull.labels, [(tree, told) for _, tree, told in commits])
        found[f"#{number} items"] = sorted(map(repr, items))
    return found


def visible(scene: Scene) -> str:
    """All that a later run can find."""
    return repr([scene.world.pulls, *(sorted(bed.refs().items()) for bed in (scene.origin, scene.clone))])
