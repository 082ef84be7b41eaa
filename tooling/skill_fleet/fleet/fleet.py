"""A fleet: the skills of a tree, its taxonomy and its configuration; and the fleet at the current folder."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from skill_fleet.errors import UserError
from skill_fleet.fleet.configuration import (
    CONFIGURATION_FILE,
    FORM_FILE,
    TAXONOMY_FILE,
    Configuration,
    Taxonomy,
    read_configuration,
    read_taxonomy,
)
from skill_fleet.fleet.skill import SKILL_FILE, Skill
from skill_fleet.fleet.tree import GitTree, Tree, WorkTree, is_skipped
from skill_fleet.git import Entry, Repository

ROOT = "skills"
_BATCH = 500
"""The number of SKILL.md files that one call of Git reads."""


@dataclass(frozen=True)
class Fleet:
    """The skills below `root` of a tree, in the order of their ids. `stray` are the files that belong to no skill."""

    tree: Tree
    root: str
    skills: tuple[Skill, ...]
    stray: tuple[Entry, ...]

    @cached_property
    def taxonomy(self) -> Taxonomy:
        """The categories of taxonomy.yaml."""
        return read_taxonomy(self._content(TAXONOMY_FILE))

    @cached_property
    def configuration(self) -> Configuration:
        """The settings in pyproject.toml; UserError when they are not valid."""
        return read_configuration(self._content(CONFIGURATION_FILE))

    @cached_property
    def by_id(self) -> dict[str, Skill]:
        """The skills by id."""
        return {skill.id: skill for skill in self.skills}

    @cached_property
    def by_name(self) -> dict[str, list[Skill]]:
        """The skills by the name of their folder; names should be unique."""
        found: dict[str, list[Skill]] = defaultdict(list)
        for skill in self.skills:
            found[skill.folder].append(skill)
        return dict(found)

    @cached_property
    def former(self) -> dict[str, list[Skill]]:
        """Former ids, each with the skills that list it."""
        found: dict[str, list[Skill]] = defaultdict(list)
        for skill in self.skills:
            for old in skill.formerly:
                found[old].append(skill)
        return dict(found)

    def _content(self, path: str) -> bytes | None:
        entry = next((entry for entry in self.tree.entries if entry.path == path), None)
        return None if entry is None else self.tree.read(entry)


def read_fleet(tree: Tree, root: str = ROOT) -> Fleet:
    """Find the skills below `root` ("" for the whole tree): folders with a SKILL.md that are not inside another skill."""
    top = f"{root}/" if root else ""
    below = [entry for entry in tree.entries if entry.path.startswith(top)]
    folders = {_folder_of(entry.path) for entry in below if SKILL_FILE in entry.path} - {None}
    groups: dict[str, list[Entry]] = {}
    stray = []
    home, inside = None, "\0"
    for entry in below:
        if not entry.path.startswith(inside):  # else it belongs to the same skill as the entry before
            home = _home(entry.path, folders)
            inside = f"{home}/" if home else "\0"
        if home is None:
            if not is_skipped(entry.path):
                stray.append(entry)
        else:
            groups.setdefault(home, []).append(entry)
    skills = tuple(
        Skill(path.removeprefix(top), path, tuple(entries), tree) for path, entries in sorted(groups.items())
    )
    files = [skill.file for skill in skills if skill.file]
    for start in range(0, len(files), _BATCH):
        tree.prefetch(files[start : start + _BATCH])
    return Fleet(tree, root, skills, tuple(stray))


def _folder_of(path: str) -> str | None:
    """The folder of the SKILL.md in this path. (A folder called SKILL.md makes a broken skill.)"""
    parts = path.split("/")
    return "/".join(parts[: parts.index(SKILL_FILE)]) if SKILL_FILE in parts else None


def _home(path: str, folders: set[str | None]) -> str | None:
    """The outermost skill folder that contains `path`."""
    if "" in folders:
        return ""
    at = path.find("/")
    while at >= 0:
        if path[:at] in folders:
            return path[:at]
        at = path.find("/", at + 1)
    return None


def here() -> Repository:
    """The repository of the current folder; UserError when there is none."""
    try:
        folder = Path.cwd()
    except OSError as problem:
        raise UserError("The current folder no longer exists.", "Go to another one: cd") from problem
    return Repository(folder)


def top(repo: Repository, tip: str) -> Path:
    """The top of the work tree; UserError with `tip` where there is none."""
    if repo.root is None:
        raise UserError("There is no work tree here: the repository is bare, or this is inside .git.", tip)
    return repo.root


def branch_of_ones_own(repo: Repository) -> str:
    """The branch that is checked out; "" when it is the one that pull requests are merged into, or none is."""
    branch = repo.text("branch", "--show-current")
    try:
        base = repo.default_branch("origin" if repo.has_remote("origin") else None)
    except UserError:  # it cannot be determined
        return ""
    return "" if branch == base else branch


def fleet_at(repo: Repository, ref: str | None, option: str = "--ref") -> Fleet:
    """The fleet in the work tree, or in the commit `ref`; `option` is the command's option for a commit."""
    if ref is not None:
        return read_fleet(GitTree(repo, ref, ROOT, CONFIGURATION_FILE, FORM_FILE))
    return read_fleet(
        WorkTree(top(repo, f"Name a commit: {option} HEAD"), ROOT, CONFIGURATION_FILE, FORM_FILE, repo=repo)
    )


def fleet_of(paths: Sequence[Path], *, fixing: bool = False) -> tuple[Fleet, Path]:
    """The skills in any folders, and the folder that their paths are relative to.

    That is the current folder, or else the one that contains all of them. UserError when there is no skill; with `fixing`,
    a SKILL.md in the wrong case counts as one.
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
        tip = f"Rename {odd}: skill-fleet fix {odd.rpartition('/')[0]}" if odd else ""
        raise UserError(
            f"There is no skill in {', '.join(found)}.", tip or f"A skill is a folder with a {SKILL_FILE} in it."
        )
    return fleet, root


def skill_id(typed: str) -> str:
    """The id that a person typed, maybe as a path that the shell completed: skills/python/x/ is python/x."""
    return typed.strip("/").removeprefix(f"{ROOT}/").removesuffix(f"/{SKILL_FILE}")
