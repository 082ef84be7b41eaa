"""A tree in which every SKILL.md is spelt as it should be."""

from __future__ import annotations

from collections.abc import Iterable

from skill_fleet.fleet.git import Entry
from skill_fleet.fleet.skill import SKILL_FILE
from skill_fleet.fleet.tree import Tree


class RightCase:
    """A tree in which a skill.md in any case is called SKILL.md, where there is no other."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._was: dict[str, Entry] = {}
        paths = {entry.path for entry in tree.entries}
        entries = []
        for entry in tree.entries:
            folder, slash, name = entry.path.rpartition("/")
            right = f"{folder}{slash}{SKILL_FILE}"
            if name != SKILL_FILE and name.casefold() == SKILL_FILE.casefold() and right not in paths:
                paths.add(right)
                self._was[right] = entry
                entries.append(Entry(right, entry.mode, entry.oid))
            else:
                entries.append(entry)
        self.entries = tuple(entries)

    def read(self, entry: Entry) -> bytes:
        """The content of `entry`."""
        return self._tree.read(self._was.get(entry.path, entry))

    def prefetch(self, entries: Iterable[Entry]) -> None:
        """As the tree does."""
        self._tree.prefetch(self._was.get(entry.path, entry) for entry in entries)

    def release(self, entries: Iterable[Entry]) -> None:
        """As the tree does."""
        self._tree.release(self._was.get(entry.path, entry) for entry in entries)
