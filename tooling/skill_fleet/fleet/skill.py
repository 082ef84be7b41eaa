"""A skill: a folder with a SKILL.md, which is read when needed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from skill_fleet.fleet.tree import Tree
from skill_fleet.git import EXECUTABLE, REGULAR, Entry
from skill_fleet.markdown import FrontMatter, Mapping, as_string, read_front_matter

SKILL_FILE = "SKILL.md"


@dataclass(frozen=True)
class Skill:
    """A skill of a tree. `id` is its path below the fleet's root, `path` its path in the tree ("" for the top).

    `called` is the name of its folder where the path does not tell: "" for the top of a repository, which has any name.
    """

    id: str
    path: str
    entries: tuple[Entry, ...]
    tree: Tree
    called: str | None = None

    @property
    def folder(self) -> str:
        """The last part of its path, which its name must equal ("" at the top of a repository)."""
        return self.path.rpartition("/")[2] if self.called is None else self.called

    @cached_property
    def file(self) -> Entry | None:
        """The entry of its SKILL.md; None when that is a folder."""
        wanted = self.inside(SKILL_FILE)
        return next((entry for entry in self.entries if entry.path == wanted), None)

    @cached_property
    def front_matter(self) -> FrontMatter:
        """Its front matter; that of an empty file when its SKILL.md is not a regular file."""
        return read_front_matter(self.content)

    @property
    def content(self) -> bytes:
        """The bytes of its SKILL.md, read anew; b"" when that is not a regular file."""
        readable = self.file is not None and self.file.mode in (REGULAR, EXECUTABLE)
        return self.tree.read(self.file) if readable and self.file else b""

    @property
    def name(self) -> str:
        """The name in its front matter, or else that of its folder."""
        return self.front_matter.value("name") or self.folder

    @property
    def description(self) -> str:
        """Its description; "" when it has none."""
        return self.front_matter.value("description") or ""

    @property
    def status(self) -> str:
        """The value of `metadata.status`: `active` (the default), `deprecated` or `retired`."""
        return self.front_matter.metadata("status") or "active"

    @property
    def formerly(self) -> tuple[str, ...]:
        """Its former ids."""
        return tuple((self.front_matter.metadata("formerly") or "").split())

    @cached_property
    def requires(self) -> tuple[str, ...]:
        """The ids of the skills that it requires, written with commas or spaces between them."""
        return tuple(dict.fromkeys((self.front_matter.metadata("requires") or "").replace(",", " ").split()))

    @cached_property
    def tags(self) -> tuple[str, ...]:
        """Its tags: a list, or a text with commas between them, or else with blanks."""
        metadata = self.front_matter.mapping.get("metadata")
        tags = metadata.get("tags") if isinstance(metadata, Mapping) else None
        text = as_string(tags) if tags else ""
        found = (" ".join(each.split()) for each in (text.split(",") if "," in text else text.split()))
        return tuple(dict.fromkeys(filter(None, found)))

    def inside(self, path: str) -> str:
        """The path in the tree, for a path in this skill."""
        return f"{self.path}/{path}" if self.path else path

    def relative(self, path: str) -> str:
        """The path in this skill, for a path in the tree."""
        return path.removeprefix(f"{self.path}/") if self.path else path


_PLUGIN_PARTS = (
    *(".claude-plugin/", ".codex-plugin/", ".lsp.json/", ".mcp.json/", "bin/", "settings.json/"),
    *("hooks/hooks.json/", "monitors/monitors.json/", "output-styles/"),
)


def plugin_parts(folder: str, entries: Iterable[Entry]) -> list[Entry]:
    """The files in the folder of a plugin that Claude Code or Codex loads unasked: hooks, servers, programs, settings, styles.

    They find them by their names, and nothing in a marketplace can turn that off. Some file systems ignore case.
    """
    placed = ((entry, f"{entry.path[len(folder) + 1 :].casefold()}/") for entry in entries)
    return [
        entry for entry, path in placed if any(part.startswith(path) or path.startswith(part) for part in _PLUGIN_PARTS)
    ]


@dataclass(frozen=True)
class Copy:
    """A skill that is the skill `source` as well: in a client's folder, or the same files in another root."""

    skill: Skill
    source: Skill

    @cached_property
    def differing(self) -> tuple[str, ...]:
        """The files, by their paths in the skill, that are not the same in both."""
        here, there = ({one.relative(each.path): each for each in one.entries} for one in (self.skill, self.source))
        return tuple(path for path in sorted({*here, *there}) if not self._equal(here.get(path), there.get(path)))

    @property
    def is_exact(self) -> bool:
        """Whether all files are the same."""
        return self._equal(self.skill.file, self.source.file) and not self.differing

    def _equal(self, one: Entry | None, other: Entry | None) -> bool:
        if one is None or other is None:
            return False
        if one.oid and one.oid == other.oid:
            return True
        return (one.mode | 0o111) == (other.mode | 0o111) and self.skill.tree.read(one) == self.source.tree.read(other)


MAX_NAME = 64
NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")


def is_name(name: str) -> bool:
    """Whether the specification allows `name` for a skill. (Only ASCII, for the sake of file systems and URLs.)"""
    return len(name) <= MAX_NAME and NAME.match(name) is not None


def is_skill_id(skill_id: str) -> bool:
    """Whether `skill_id` is CATEGORY/NAME, or deeper, each part a valid name."""
    parts = skill_id.split("/")
    return len(parts) >= 2 and all(is_name(part) for part in parts)


_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(1, 10))})


def device_in(skill_id: str) -> str:
    """The part of an id that Windows reserves for a device, so that no clone there can have it; '' if there is none."""
    return next((part for part in skill_id.split("/") if part in _DEVICES), "")


def split_id(skill_id: str) -> tuple[str, str]:
    """The category (first part) and the name (last part) of an id."""
    return skill_id.partition("/")[0], skill_id.rpartition("/")[2]
