"""Where the person stands: the repository, and the fleet in it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from skill_fleet.errors import UserError
from skill_fleet.fleet import ROOT, SKILL_FILE, Fleet, GitTree, WorkTree, read_fleet
from skill_fleet.git import Repository

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


def branch_of_ones_own(repo: Repository) -> str:
    """The branch that is checked out, where that is not the one that pull requests go to; '' elsewhere."""
    branch = repo.text("branch", "--show-current")
    try:
        base = repo.default_branch("origin" if repo.has_remote("origin") else None)
    except UserError:  # nobody can tell which that is
        return ""
    return "" if branch == base else branch


def fleet_at(repo: Repository, ref: str | None, option: str = "--ref") -> Fleet:
    """The fleet as the files are now, or as a commit has it; `option` is how this command names the commit."""
    if ref is not None:
        return read_fleet(GitTree(repo, ref, ROOT, SETTINGS))
    return read_fleet(WorkTree(top(repo, f"Name a commit: {option} HEAD"), ROOT, SETTINGS, repo=repo))


def fleet_of(paths: Sequence[Path], *, fixing: bool = False) -> tuple[Fleet, Path]:
    """The skills in any folders, in a fleet or not, and the folder that their paths are relative to.

    That is the current folder, or when they lie elsewhere, what they have in common. UserError when there is no skill,
    unless they are to be fixed: then a SKILL.md in the wrong case is enough.
    """
    found: dict[str, Path] = {}
    for path in paths:
        folder = path.parent if path.name == SKILL_FILE and not path.is_dir() else path
        if not folder.is_dir():
            raise UserError(f"There is no folder {path}.", "Name folders, each with a SKILL.md somewhere in it.")
        found[str(folder)] = folder.resolve()
    root = Path.cwd().resolve()
    if not all(folder.is_relative_to(root) and folder != root for folder in found.values()):
        root = Path(os.path.commonpath([*(folder.parent for folder in found.values())]))
    inside = sorted({folder.relative_to(root).as_posix() for folder in found.values()})
    fleet = read_fleet(WorkTree(root, *inside), "")
    if not fleet.skills and not fixing:
        odd = next((each.path for each in fleet.stray if each.path.lower().endswith(f"/{SKILL_FILE.lower()}")), None)
        tip = f"{odd} is not spelled so; fix it with: skill-fleet fix {odd.rpartition('/')[0]}" if odd else ""
        raise UserError(
            f"There is no skill in {', '.join(found)}.", tip or f"A skill is a folder with a {SKILL_FILE} in it."
        )
    return fleet, root


def skill_id(typed: str) -> str:
    """An id as people type it, also as the path that a shell completes: skills/python/x/ is python/x."""
    return typed.strip("/").removeprefix(f"{ROOT}/").removesuffix(f"/{SKILL_FILE}")
