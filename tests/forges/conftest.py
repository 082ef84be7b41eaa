"""The grounds as fixtures: made once a session, copied for each test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import gitbed
from forges.grounds import FACTORIES, Ground


@pytest.fixture(scope="session")
def prepared(isolated_git: None, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The template of a kind of ground; copied, never changed."""
    made: dict[str, Path] = {}

    def get(kind: str) -> Path:
        if kind not in made:
            made[kind] = tmp_path_factory.mktemp(kind) / "ground"
            FACTORIES[kind].prepare(made[kind])
            for repository in made[kind].iterdir():
                gitbed.Bed(repository).pack()
        return made[kind]

    return get


@pytest.fixture(scope="session")
def store(isolated_git: None, tmp_path_factory: pytest.TempPathFactory) -> gitbed.Bed:
    """One repository for tests that only add objects."""
    return gitbed.make_repo(tmp_path_factory.mktemp("store") / "repo")


@pytest.fixture(params=sorted(FACTORIES))
def ground(request: pytest.FixtureRequest, prepared: Callable[[str], Path], tmp_path: Path) -> Ground:
    """Each kind of ground in turn."""
    return FACTORIES[request.param].make(prepared(request.param), tmp_path / "ground")


@pytest.fixture
def lone(prepared: Callable[[str], Path], tmp_path: Path) -> Ground:
    """A repository without a remote."""
    return FACTORIES["lone"].make(prepared("lone"), tmp_path / "lone")


@pytest.fixture
def shared(prepared: Callable[[str], Path], tmp_path: Path) -> Ground:
    """A remote with two clones."""
    return FACTORIES["shared"].make(prepared("shared"), tmp_path / "shared")
