"""The lines that findings point at."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from skill_fleet.fleet.git import SUBMODULE, SYMLINK
from skill_fleet.fleet.tree import Tree

Source = Callable[[str, int], str | None]
"""The line of a file (path, number from 1), without its line end; None where there is none."""


def no_source(path: str, line: int) -> str | None:
    """For a report without lines."""
    return None


def source_of(tree: Tree) -> Source:
    """Reads lines from a tree. What is no regular file, and a file with a NUL byte, has none."""
    entries = {entry.path: entry for entry in tree.entries}

    @lru_cache(maxsize=4)  # findings are sorted by path, so a file is asked for again and again, then never more
    def lines(path: str) -> list[str]:
        entry = entries.get(path)
        if entry is None or entry.mode in (SYMLINK, SUBMODULE):
            return []
        content = tree.read(entry)
        tree.release([entry])
        return [] if b"\0" in content else content.decode("utf-8", "replace").split("\n")

    def source(path: str, line: int) -> str | None:
        found = lines(path)
        return found[line - 1].rstrip("\r").removeprefix("\ufeff") if 0 < line <= len(found) else None

    return source
