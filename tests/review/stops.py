"""Runs that end at a write, the way a power cut or a lost connection ends them.

A stop is what is on the disk at that moment: the recording run copies the scene before and after each write, and each
copy is then run again by a process that knows nothing. A lost response is what it says: the write is done, and the
caller sees a failure. Tried once per kind are:

- two moments that show the same refs, settings and files: they are run again once;
- two ends that show the same: they are compared with the undisturbed one once;
- a lost response of the writes of objects (`OBJECTS`): the first of each kind, as no ref tells one from the other.

A run with a lost response begins as the recorded one did, so its beginning is not run: it stands in the copy that was
made there, where Git's answers so far come from the tape of the recorded run.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from review.outcomes import outcome, visible
from review.scenes import Scene
from review.watched import Tape, WatchedForge, WatchedRepository
from skill_fleet.errors import UserError
from skill_fleet.forges import StaleHead
from skill_fleet.git import GitFailure

T = TypeVar("T")
Run = Callable[[Scene, WatchedForge], object]
OBJECTS = {"hash-object", "mktree", "commit-tree", "read-tree", "update-index", "write-tree"}
FAILURES = (UserError, GitFailure, StaleHead)


@dataclass
class Trial:
    """One run of a scene, tried with a stop at each of its writes. `tried` counts (point, mode) pairs by point."""

    start: Scene
    run: Run
    folder: Path
    git: bool = True
    """Whether the writes of Git are points as well, or only those of the forge."""
    tried: Counter[str] = field(default_factory=Counter)
    points: list[str] = field(default_factory=list)
    _tape: Tape = field(default_factory=Tape)
    _moments: dict[str, tuple[str, Scene]] = field(default_factory=dict)
    _done: dict[int, tuple[Scene, int]] = field(default_factory=dict)
    _good: set[str] = field(default_factory=set)
    _ends: set[str] = field(default_factory=set)

    def all_stops(self) -> Trial:
        """Try every point in every mode; AssertionError names the pair that does not end as the undisturbed run."""
        scene = self.start.copy(self.folder / "scene")
        self._run(scene, self._record(scene), self._tape)
        self.expected = outcome(scene)
        scene.folder.rename(self.folder / "recorded")
        for moment, copy in self._moments.values():
            self._finish(moment, copy)
        for at in self._done:
            self._lose(at)
        return self

    def _run(self, scene: Scene, watch: Callable[..., Any], tape: Tape) -> None:
        repo = WatchedRepository(scene.beds[-1].path, watch, tape, git=self.git)
        self.run(scene, WatchedForge(scene.forge(ids="a", repo=repo), watch))

    def _record(self, scene: Scene) -> Callable[..., Any]:
        def watch(point: str, do: Callable[[], T], lost: Callable[[], T]) -> T:
            at, first = len(self.points), point not in self.points
            self.points.append(point)
            self._see(f"stopped before {point}", scene)
            done = do()
            self._see(f"stopped after {point}", scene)
            self.tried[point] += 2
            if first or point not in OBJECTS:
                self._done[at] = scene.copy(self.folder / f"done-{at}"), self._tape.at
            return done

        return watch

    def _see(self, moment: str, scene: Scene) -> None:
        if (key := visible(scene)) not in self._moments:
            self._moments[key] = moment, scene.copy(self.folder / f"moment-{len(self._moments)}")

    def _lose(self, lose_at: int) -> None:
        copy, taped = self._done[lose_at]
        point, met = self.points[lose_at], 0
        scene = Scene(copy.folder.rename(self.folder / "scene"))  # where Git's answers were true

        def watch(point: str, do: Callable[[], T], lost: Callable[[], T]) -> T:
            nonlocal met
            at, met = met, met + 1
            done = do()
            return lost() if at == lose_at else done

        tape = self._tape.upto(taped)
        with contextlib.suppress(*FAILURES):
            self._run(scene, watch, tape)
        assert tape.at >= taped and met > lose_at
        self.tried[point] += 1
        self._finish(f"lost the response of {point} ({lose_at})", scene)
        scene.folder.rename(copy.folder)

    def _finish(self, moment: str, scene: Scene) -> None:
        key = visible(scene)
        if key not in self._good:
            self.run(scene, scene.forge(ids="c"))  # type: ignore[arg-type]
            if (end := visible(scene)) not in self._ends:
                assert outcome(scene) == self.expected, moment
                self._ends.add(end)
            self._good.add(key)
