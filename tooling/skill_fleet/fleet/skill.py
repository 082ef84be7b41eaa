"""One skill: a folder with a SKILL.md, read when asked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from skill_fleet.fleet.tree import Tree
from skill_fleet.git import EXECUTABLE, REGULAR, Entry
from skill_fleet.markdown import FrontMatter, read_front_matter

SKILL_FILE = "SKILL.md"


@dataclass(frozen=True)
class Skill:
    """A skill of a tree. `id` is its path below the fleet's folder, `path` its path in the tree ('' for the top)."""

    id: str
    path: str
    entries: tuple[Entry, ...]
    tree: Tree

    @property
    def folder(self) -> str:
        """The last part of its path, which its name has to equal ('' where only the caller knows it)."""
        return self.path.rpartition("/")[2]

    @cached_property
    def file(self) -> Entry | None:
        """The entry of its SKILL.md; None when a folder of that name stands there instead."""
        wanted = self.inside(SKILL_FILE)
        return next((entry for entry in self.entries if entry.path == wanted), None)

    @cached_property
    def front_matter(self) -> FrontMatter:
        """Its front matter; that of an empty file when SKILL.md is a link or anything else that is not read."""
        readable = self.file is not None and self.file.mode in (REGULAR, EXECUTABLE)
        return read_front_matter(self.tree.read(self.file) if readable and self.file else b"")

    @property
    def name(self) -> str:
        """What its front matter calls it, or else its folder's name."""
        return self.front_matter.value("name") or self.folder

    @property
    def description(self) -> str:
        """Its description, '' when it has none."""
        return self.front_matter.value("description") or ""

    @property
    def status(self) -> str:
        """`active`, `deprecated` or `retired`, as `metadata.status` says; `active` when it says nothing."""
        return self.front_matter.metadata("status") or "active"

    @property
    def formerly(self) -> tuple[str, ...]:
        """The ids it had before."""
        return tuple((self.front_matter.metadata("formerly") or "").split())

    @property
    def requires(self) -> tuple[str, ...]:
        """The ids of the skills it needs."""
        return tuple((self.front_matter.metadata("requires") or "").split())

    def inside(self, path: str) -> str:
        """The path in the tree of a path in this skill."""
        return f"{self.path}/{path}" if self.path else path

    def relative(self, path: str) -> str:
        """The path in this skill of a path in the tree."""
        return path.removeprefix(f"{self.path}/") if self.path else path


MAX_NAME = 64
NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")


def is_name(name: str) -> bool:
    """Whether the specification allows `name` for a skill (we keep to ASCII, as file systems and URLs do)."""
    return len(name) <= MAX_NAME and NAME.match(name) is not None


def is_skill_id(skill_id: str) -> bool:
    """Whether `skill_id` is CATEGORY/NAME, or deeper, each part a valid name."""
    parts = skill_id.split("/")
    return len(parts) >= 2 and all(is_name(part) for part in parts)


def split_id(skill_id: str) -> tuple[str, str]:
    """The category (first part) and the name (last part) of an id."""
    return skill_id.partition("/")[0], skill_id.rpartition("/")[2]
