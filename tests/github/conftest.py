"""The scene as a fixture: made once a session, copied for each test."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # `github` itself is the name of the client's package

from scene import Scene, prepare, set_up


@pytest.fixture(scope="session")
def scene_template(isolated_git: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bare repository and two clones; copied, never changed."""
    folder = tmp_path_factory.mktemp("github") / "scene"
    prepare(folder)
    return folder


@pytest.fixture
def scene(scene_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    """A double of its own."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with set_up(scene_template, tmp_path / "scene") as made:
        yield made
