"""Where the person stands: the repository, and the fleet in it."""

from __future__ import annotations

from pathlib import Path

from skill_fleet.errors import UserError
from skill_fleet.fleet.fleet import ROOT, Fleet, read_fleet
from skill_fleet.fleet.git import Repository
from skill_fleet.fleet.tree import GitTree, WorkTree

SETTINGS = "pyproject.toml"


def here() -> Repository:
    """The repository that the current folder is in; UserError when there is none."""
    return Repository(Path.cwd())


def top(repo: Repository) -> Path:
    """The top of the work tree; UserError in a bare repository."""
    if repo.root is None:
        raise UserError("This repository is bare: it has no files to look at.", "Name a commit: --ref main")
    return repo.root


def fleet_at(repo: Repository, ref: str | None) -> Fleet:
    """The fleet as the files are now, or as a commit has it."""
    if ref:
        return read_fleet(GitTree(repo, ref, ROOT, SETTINGS))
    return read_fleet(WorkTree(top(repo), ROOT, SETTINGS, repo=repo))
