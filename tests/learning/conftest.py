"""A fleet whose skills have steps, options, conditions and numbers, and a scripted model."""

from __future__ import annotations

from pathlib import Path

import pytest

import gitbed
from cli_model.conftest import model
from learning.knots import PATHS, skill_text
from model.conftest import no_keys, server

__all__ = ["model", "no_keys", "server"]


@pytest.fixture
def fleet(isolated_git: None, tmp_path: Path) -> gitbed.Bed:
    """A fleet of three such skills."""
    files = {f"skills/{path}/SKILL.md": skill_text(path.rpartition("/")[2]) for path in PATHS}
    rest = {path: text for path, text in gitbed.FLEET.items() if not path.endswith("SKILL.md")}
    return gitbed.make_repo(tmp_path / "fleet", {**rest, **files})
