"""Repositories with a pull request in them, made once and copied: an open one, a closed one, a merged one."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import gitbed
from cli.command import fine

DOCUMENT = "# Wheels in detail\n\nHow to build wheels.\n\n## Build\n\nRun the build.\n\n## Upload\n\nUpload it.\n"
BRANCH = "draft/wheels-in-detail"
SKILL = "skills/python/wheels-in-detail"
CREATE = ("create", "--from", "../wheels.md", "--path", "python/wheels-in-detail")


@pytest.fixture(scope="session")
def pulls_template(pair_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `origin.git` and `clone`, where #1 is open; copied, never changed."""
    folder = tmp_path_factory.mktemp("pulls") / "both"
    shutil.copytree(pair_template, folder, symlinks=True)
    (folder / "wheels.md").write_text(DOCUMENT, encoding="utf-8")
    fine(folder / "clone", *CREATE)
    return folder


@pytest.fixture
def pair(origin_and_clone: tuple[gitbed.Bed, gitbed.Bed]) -> gitbed.Bed:
    """A clone of a small fleet, without pull requests; a document to draft from lies beside it."""
    clone = origin_and_clone[1]
    (clone.path.parent / "wheels.md").write_text(DOCUMENT, encoding="utf-8")
    return clone


@pytest.fixture
def lone(bed: gitbed.Bed) -> gitbed.Bed:
    """A small fleet without a remote; a document to draft from lies beside it."""
    (bed.path.parent / "wheels.md").write_text(DOCUMENT, encoding="utf-8")
    return bed


@pytest.fixture
def pulled(pulls_template: Path, tmp_path: Path) -> gitbed.Bed:
    """A clone where pull request #1 is open, a draft of a skill by Ada."""
    shutil.copytree(pulls_template, tmp_path / "pulls", symlinks=True)
    return gitbed.Bed(tmp_path / "pulls" / "clone")


@pytest.fixture
def as_person(monkeypatch: pytest.MonkeyPatch) -> Callable[[gitbed.Identity], None]:
    """Let another person sit down at the keyboard."""

    def sit(who: gitbed.Identity) -> None:
        for role in ("AUTHOR", "COMMITTER"):
            monkeypatch.setenv(f"GIT_{role}_NAME", who.name)
            monkeypatch.setenv(f"GIT_{role}_EMAIL", who.email)

    return sit
