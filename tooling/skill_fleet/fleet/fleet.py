"""A fleet: the skills of a tree, its taxonomy and its configuration."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from skill_fleet.fleet.configuration import (
    CONFIGURATION_FILE,
    PROFILES_FILE,
    SETTINGS_FILE,
    TAXONOMY_FILE,
    Configuration,
    Profile,
    Taxonomy,
    read_configuration,
    read_profiles,
    read_taxonomy,
)
from skill_fleet.fleet.skill import SKILL_FILE, Copy, Skill
from skill_fleet.fleet.tree import Tree, is_skipped
from skill_fleet.git import Entry
from skill_fleet.markdown import Fault

ROOT = "skills"
_BATCH = 500
"""The number of SKILL.md files that one call of Git reads."""
_SETTINGS = (TAXONOMY_FILE, PROFILES_FILE, CONFIGURATION_FILE, SETTINGS_FILE)


@dataclass(frozen=True)
class Fleet:
    """The skills below `root` of a tree, in the order of their ids. `stray` are the files that belong to no skill.

    `is_ours`: this is a whole fleet with categories. It is False in any other repository, where `copies` are the skills
    in folders of clients that are a source as well, and `left_out` the folders with skills that are not checked (the
    path of each, and the reason as `inventory` has it); and for some of the skills of a fleet.
    """

    tree: Tree
    root: str
    skills: tuple[Skill, ...]
    stray: tuple[Entry, ...]
    is_ours: bool = True
    copies: tuple[Copy, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()

    @cached_property
    def taxonomy(self) -> Taxonomy:
        """The categories of taxonomy.yaml."""
        return read_taxonomy(self.content(TAXONOMY_FILE))

    @cached_property
    def profiles(self) -> tuple[dict[str, Profile], tuple[Fault, ...]]:
        """The profiles of profiles.yaml by name, and the errors in that file."""
        return read_profiles(self.content(PROFILES_FILE))

    def chosen(self, profile: Profile) -> list[Skill]:
        """The skills that a profile names by id, category or tag, without retired ones and without what they require."""
        ids, categories, tags = map(frozenset, (profile.skills, profile.categories, profile.tags))
        return [
            each
            for each in self.skills
            if (each.id in ids or each.id.partition("/")[0] in categories or (tags and tags.intersection(each.tags)))
            and each.status != "retired"
        ]

    @cached_property
    def configuration(self) -> Configuration:
        """The settings in pyproject.toml or .skill-fleet.toml; UserError when they are not valid."""
        return read_configuration(self.content(CONFIGURATION_FILE), self.content(SETTINGS_FILE))

    @cached_property
    def by_id(self) -> dict[str, Skill]:
        """The skills by id."""
        return {skill.id: skill for skill in self.skills}

    @cached_property
    def by_name(self) -> dict[str, list[Skill]]:
        """The skills by the name of their folder; names should be unique."""
        return by_folder(self.skills)

    @cached_property
    def _parents(self) -> frozenset[str]:
        return frozenset(skill.path.rpartition("/")[0] for skill in self.skills if skill.path)

    def has_skills_in(self, folder: str) -> bool:
        """Whether the folder of a skill is directly in `folder`."""
        return folder in self._parents

    @cached_property
    def former(self) -> dict[str, list[Skill]]:
        """Former ids, each with the skills that list it."""
        found: dict[str, list[Skill]] = defaultdict(list)
        for skill in self.skills:
            for old in skill.formerly:
                found[old].append(skill)
        return dict(found)

    def earlier(self, skill: Skill) -> Skill | None:
        """The skill of this fleet that a skill of a later one was: with its id, or with one that it had formerly."""
        ids = (skill.id, *reversed(skill.formerly))
        return next((self.by_id[each] for each in ids if each in self.by_id), None)

    def closure(self, skill: Skill) -> list[Skill]:
        """The skill and all that it requires, directly or not, in the order of their ids. What does not exist is left out."""
        found: dict[str, Skill] = {}
        todo = [skill]
        while todo:
            each = todo.pop()
            if each.id not in found:
                found[each.id] = each
                todo += (self.by_id[other] for other in each.requires if other in self.by_id)
        return [found[key] for key in sorted(found)]

    def content(self, path: str) -> bytes | None:
        """The content of the file at `path` of the tree; None when there is none."""
        entry = next((entry for entry in self.tree.entries if entry.path == path), None)
        return None if entry is None else self.tree.read(entry)


def by_folder(skills: Iterable[Skill]) -> dict[str, list[Skill]]:
    """The skills by the name of their folder ("" at the top of a repository)."""
    found: dict[str, list[Skill]] = defaultdict(list)
    for skill in skills:
        found[skill.folder].append(skill)
    return dict(found)


def read_fleet(tree: Tree, root: str = ROOT, names: Mapping[str, str] | None = None) -> Fleet:
    """Find the skills below `root` ("" for the whole tree): folders with a SKILL.md that are not inside another skill.

    `names` are the names of folders, by path, where the path does not tell: "" for the top of a repository.
    """
    top = f"{root}/" if root else ""
    below = [entry for entry in tree.entries if entry.path.startswith(top)]
    folders = {found for entry in below if (found := _folder_of(entry.path)) is not None}
    # a skill at the top of a repository does not take those of its folders `skills` for its own
    if "" in folders:
        folders = {each for each in folders if not each or ROOT in each.split("/")[:-1]}
    groups: dict[str, list[Entry]] = {}
    stray = []
    home, inside = None, "\0"
    for entry in below:
        if not entry.path.startswith(inside):  # else it belongs to the same skill as the entry before
            home = home_of(entry.path, folders)
            inside = f"{home}/" if home else "\0"
        if home is None:
            if not is_skipped(entry.path):
                stray.append(entry)
        else:
            groups.setdefault(home, []).append(entry)
    skills = tuple(
        Skill(path.removeprefix(top) or ".", path, tuple(entries), tree, (names or {}).get(path))
        for path, entries in sorted(groups.items())
    )
    tree.prefetch(entry for entry in tree.entries if entry.path in _SETTINGS)
    files = [skill.file for skill in skills if skill.file]
    for start in range(0, len(files), _BATCH):
        tree.prefetch(files[start : start + _BATCH])
    return Fleet(tree, root, skills, tuple(stray))


def _folder_of(path: str) -> str | None:
    """The folder of the SKILL.md in this path. (A folder called SKILL.md makes a broken skill.)"""
    if SKILL_FILE not in path:
        return None
    parts = path.split("/")
    return "/".join(parts[: parts.index(SKILL_FILE)]) if SKILL_FILE in parts else None


def home_of(path: str, folders: Container[str]) -> str | None:
    """The outermost of these folders that contains the file `path` ("" is the top); None if none does."""
    at = path.find("/")
    while at >= 0:
        if path[:at] in folders:
            return path[:at]
        at = path.find("/", at + 1)
    return "" if "" in folders else None


def is_below(path: str, folder: str) -> bool:
    """Whether `path` is that folder or in it ("" is the top)."""
    return not folder or path == folder or path.startswith(f"{folder}/")


def is_in(path: str, folders: Iterable[str]) -> bool:
    """Whether `path` is one of these folders or in one."""
    return any(is_below(path, each) for each in folders)
