"""Repositories with a pull request in them, made once and copied: an open one, a closed one, a merged one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import gitbed
from cli.command import fine

DOCUMENT = "# Wheels in detail\n\nHow to build wheels.\n\n## Build\n\nRun the build.\n\n## Upload\n\nUpload it.\n"
BRANCH = "draft/wheels-in-detail"
SKILL = "skills/python/wheels-in-detail"
DESCRIPTION = "How to build and upload wheels. Use when packaging a Python project."
CREATE = ("create", "--from", "../wheels.md", "--path", "python/wheels-in-detail", "--description", DESCRIPTION)


@pytest.fixture(scope="session")
def pulls_template(pair_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `origin.git` and `clone`, where #1 is open; copied, never changed."""
    folder = tmp_path_factory.mktemp("pulls") / "both"
    gitbed.copy_folder(pair_template, folder)
    (folder / "wheels.md").write_text(DOCUMENT, encoding="utf-8")
    fine(folder / "clone", *CREATE)
    return _packed(folder)


@pytest.fixture(scope="session")
def closed_template(pulls_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same where #1 was cancelled; copied, never changed."""
    folder = tmp_path_factory.mktemp("closed") / "both"
    gitbed.copy_folder(pulls_template, folder)
    fine(folder / "clone", "review", "comment", "1", "/cancel")
    fine(folder / "clone", "review", "step", "1")
    return _packed(folder)


@pytest.fixture(scope="session")
def merged_template(pulls_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same where the reviewer promoted #1; copied, never changed."""
    folder = tmp_path_factory.mktemp("merged") / "both"
    gitbed.copy_folder(pulls_template, folder)
    with pytest.MonkeyPatch.context() as patch:
        _sit(patch, gitbed.REVIEWER)
        fine(folder / "clone", "review", "approve", "1")
        fine(folder / "clone", "promote", "1")
    return _packed(folder)


def _packed(folder: Path) -> Path:
    for name in ("origin.git", "clone"):
        gitbed.Bed(folder / name).pack()
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
    gitbed.copy_folder(pulls_template, tmp_path / "pulls")
    return gitbed.Bed(tmp_path / "pulls" / "clone")


@pytest.fixture
def closed(closed_template: Path, tmp_path: Path) -> gitbed.Bed:
    """A clone where #1 was cancelled."""
    gitbed.copy_folder(closed_template, tmp_path / "pulls")
    return gitbed.Bed(tmp_path / "pulls" / "clone")


@pytest.fixture
def merged(merged_template: Path, tmp_path: Path, as_person: Callable[[gitbed.Identity], None]) -> gitbed.Bed:
    """A clone where the reviewer, who sits at the keyboard now, promoted #1."""
    gitbed.copy_folder(merged_template, tmp_path / "pulls")
    as_person(gitbed.REVIEWER)
    return gitbed.Bed(tmp_path / "pulls" / "clone")


@pytest.fixture
def as_person(monkeypatch: pytest.MonkeyPatch) -> Callable[[gitbed.Identity], None]:
    """Let another person sit down at the keyboard."""

    return lambda who: _sit(monkeypatch, who)


def _sit(patch: pytest.MonkeyPatch, who: gitbed.Identity) -> None:
    for role in ("AUTHOR", "COMMITTER"):
        patch.setenv(f"GIT_{role}_NAME", who.name)
        patch.setenv(f"GIT_{role}_EMAIL", who.email)
