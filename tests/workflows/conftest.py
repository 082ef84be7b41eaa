"""A stage for workflows, and a clone on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitbed import FLEET, Bed, copy_folder, make_origin_and_clone
from workflows.acting import Stage, fleet_files


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """The stand-ins for what is not on this machine."""
    return Stage(tmp_path / "stage")


@pytest.fixture(scope="session")
def fleet_template(isolated_git: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An origin and its clone with a small fleet that has the workflows as `init` gives them; copied, never changed."""
    folder = tmp_path_factory.mktemp("workflows") / "both"
    make_origin_and_clone(folder, {**FLEET, **fleet_files()})
    return folder


@pytest.fixture
def origin_and_fleet(fleet_template: Path, tmp_path: Path) -> tuple[Bed, Bed]:
    """A copy of both; the clone names its origin by its full path, because act works in a copy of the clone."""
    copy_folder(fleet_template, tmp_path / "pair")
    origin, clone = Bed(tmp_path / "pair" / "origin.git"), Bed(tmp_path / "pair" / "clone")
    clone.git("config", "remote.origin.url", str(origin.path))
    return origin, clone
