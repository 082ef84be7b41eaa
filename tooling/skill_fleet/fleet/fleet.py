"""A fleet: the skills of a tree, its taxonomy and its configuration."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from skill_fleet.fleet.configuration import (
    CONFIGURATION_FILE,
    TAXONOMY_FILE,
    Configuration,
    Taxonomy,
    read_configuration,
    read_taxonomy,
)
from skill_fleet.fleet.skill import SKILL_FILE, Skill
from skill_fleet.fleet.tree import Tree
from skill_fleet.git import Entry

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
