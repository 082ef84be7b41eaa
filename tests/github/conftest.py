"""The scene as a fixture: made once a session, copied for each test."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # `github` itself is the name of the client's package

from scene import Scene, prepare, set_up
from session import Session
from stops import Moment, moment_of


@pytest.fixture(scope="session")
def scene_template(isolated_git: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bare repository and two clones; copied, never changed."""
    folder = tmp_path_factory.mktemp("github") / "scene"
    prepare(folder)
    return folder


@pytest.fixture(scope="session", autouse=True)
def no_proxy() -> Iterator[None]:
    """The double is on this machine: no proxy is used."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NO_PROXY", "127.0.0.1")
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture
def scene(scene_template: Path, tmp_path: Path) -> Iterator[Scene]:
    """A double of its own."""
    with set_up(scene_template, tmp_path / "scene") as made:
        yield made


@pytest.fixture(scope="session")
def opened(scene_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Moment:
    """A draft of the bot with its status comment, about which nothing was said yet; copied, never changed."""
    folder = tmp_path_factory.mktemp("opened")
    with set_up(scene_template, folder / "scene") as made:
        made.origin.git("update-ref", "-d", "refs/heads/draft/x")
        session = Session(made)
        session.open()
        session.turn()
        for bed in (made.origin, made.clone):
            bed.pack()
        return moment_of(made, folder / "moment", whole=True)


@pytest.fixture
def session(opened: Moment, tmp_path: Path) -> Iterator[Session]:
    """A copy of that draft, with a double of its own."""
    with opened.scene(tmp_path / "scene") as made:
        yield Session(made)
