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
    try:
        folder = Path.cwd()
    except OSError as problem:
        raise UserError("The current folder is not there any more.", "Go to another one: cd") from problem
    return Repository(folder)


def top(repo: Repository, tip: str) -> Path:
    """The top of the work tree; UserError with `tip` in a bare repository."""
    if repo.root is None:
        raise UserError("This repository is bare: it has no files to look at.", tip)
    return repo.root


def fleet_at(repo: Repository, ref: str | None, option: str = "--ref") -> Fleet:
    """The fleet as the files are now, or as a commit has it; `option` is how this verb names the commit."""
    if ref is not None:
        return read_fleet(GitTree(repo, ref, ROOT, SETTINGS))
    return read_fleet(WorkTree(top(repo, f"Name a commit: {option} HEAD"), ROOT, SETTINGS, repo=repo))
