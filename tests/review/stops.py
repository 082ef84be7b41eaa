"""Runs that end at a write, the way a power cut or a lost connection ends them.

A stop is what is on the disk at that moment: the recording run copies the scene before and after each write, and each
copy is then run again by a process that knows nothing. A lost response is what it says: the write is done, and the
caller sees a failure. Two moments that show the same refs, settings and files are run again once.
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
from review.watched import WatchedForge, WatchedRepository
from skill_fleet.errors import UserError
from skill_fleet.fleet.git import GitFailure, Repository
from skill_fleet.forges.types import StaleHead

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
    _moments: dict[str, tuple[str, Scene]] = field(default_factory=dict)
    _good: set[str] = field(default_factory=set)

    def all_stops(self) -> Trial:
        """Try every point in every mode; AssertionError names the pair that does not end as the undisturbed run."""
        scene = self.start.copy(self.folder / "recorded")
        self._run(scene, self._record(scene))
        self.expected = outcome(scene)
        for moment, copy in self._moments.values():
            self._finish(moment, copy)
        for at, point in enumerate(self.points):
            if point not in OBJECTS or point not in self.points[:at]:  # of objects, the first of a kind says it all
                self._lose(at, point)
        return self

    def _run(self, scene: Scene, watch: Callable[..., Any]) -> None:
        path = scene.beds[-1].path
        repo = WatchedRepository(path, watch) if self.git else Repository(path)
        self.run(scene, WatchedForge(scene.forge(ids="a", repo=repo), watch))

    def _record(self, scene: Scene) -> Callable[..., Any]:
        def watch(point: str, do: Callable[[], T], lost: Callable[[], T]) -> T:
            self.points.append(point)
            for mode in ("before", "after"):
                if mode == "after":
                    done = do()
                self.tried[point] += 1
                key = visible(scene)
                if key not in self._moments:
                    copy = scene.copy(self.folder / f"moment-{len(self._moments)}")
                    self._moments[key] = f"stopped {mode} {point}", copy
            return done

        return watch

    def _lose(self, lose_at: int, point: str) -> None:
        met = 0

        def watch(point: str, do: Callable[[], T], lost: Callable[[], T]) -> T:
            nonlocal met
            met += 1
            done = do()
            return lost() if met == lose_at + 1 else done

        scene = self.start.copy(self.folder / f"lost-{lose_at}")
        with contextlib.suppress(*FAILURES):
            self._run(scene, watch)
        self.tried[point] += 1
        self._finish(f"lost the response of {point}", scene)

    def _finish(self, moment: str, scene: Scene) -> None:
        key = visible(scene)
        if key not in self._good:
            self.run(scene, scene.forge(ids="c"))  # type: ignore[arg-type]
            assert outcome(scene) == self.expected, moment
            self._good.add(key)
