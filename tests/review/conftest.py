"""Scenes as a fixture: each made once a session, copied for each test; Git's own times stand still."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from review.scenes import Scene, make_scene


@pytest.fixture(scope="session")
def standing_clock(isolated_git: None) -> Iterator[None]:
    """Every commit is made at the same moment, so that equal commits have equal ids."""
    with pytest.MonkeyPatch.context() as patch:
        for role in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{role}_DATE", "2026-01-01T00:00:00Z")
        yield


@pytest.fixture(scope="session")
def templates(standing_clock: None, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Scene]:
    """The scene of a kind and a story; copied, never changed."""
    made: dict[tuple[str, str], Scene] = {}

    def get(kind: str, story: str) -> Scene:
        if (kind, story) not in made:
            made[kind, story] = make_scene(kind, story, tmp_path_factory.mktemp(f"{kind}-{story}") / "scene")
        return made[kind, story]

    return get


@pytest.fixture
def scene(templates: Callable[[str, str], Scene], tmp_path: Path) -> Callable[..., Scene]:
    """`scene("pair", "edits")` gives a copy of one's own."""
    numbers = count()
    return lambda kind, story="opened": templates(kind, story).copy(tmp_path / f"{kind}-{next(numbers)}")
