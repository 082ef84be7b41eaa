"""The files of a folder as they are: links and repositories inside of it are told, never followed."""

from __future__ import annotations

import os
import re
import stat

from skill_fleet.fleet.git_facts import EXECUTABLE, REGULAR, SUBMODULE, SYMLINK, Entry

# What no skill is made of, and what would make a walk slow.
_SKIPPED = frozenset({".git", "__pycache__", "node_modules", ".venv", ".mypy_cache", ".pytest_cache", ".ruff_cache"})
_IN_SKIPPED = re.compile(rf"(?:^|/)(?:{'|'.join(map(re.escape, sorted(_SKIPPED)))})(?:/|$)")


def is_skipped(path: str) -> bool:
    """Whether a path leads through a folder that no skill is made of."""
    return _IN_SKIPPED.search(path) is not None


def files_below(top: str, path: str) -> list[Entry]:
    """What is below `path` of the folder `top`, in any order; `path` itself, where it is no folder."""
    at = f"{top}/{path}" if path else top
    if os.path.islink(at) or not os.path.isdir(at):  # noqa: PTH114, PTH112
        return [entry] if (entry := file_at(top, path)) else []
    return _below(at, f"{path}/" if path else "")


def file_at(top: str, path: str) -> Entry | None:
    """The file, link or repository at `path` of the folder `top`; None for anything else, and behind a link."""
    at = top
    for part in path.split("/")[:-1]:
        at = f"{at}/{part}"
        if os.path.islink(at):  # noqa: PTH114
            return None
    try:
        facts = os.lstat(f"{top}/{path}")
    except (OSError, ValueError):
        return None
    if stat.S_ISDIR(facts.st_mode):
        return Entry(path, SUBMODULE) if os.path.exists(f"{top}/{path}/.git") else None  # noqa: PTH110
    return Entry(path, _mode(facts)) if stat.S_ISREG(facts.st_mode) or stat.S_ISLNK(facts.st_mode) else None


def _below(folder: str, prefix: str) -> list[Entry]:
    """Names as text: a Path for each takes longer than the walk."""
    found: list[Entry] = []
    try:
        items = list(os.scandir(folder))
    except OSError:
        return found
    for item in items:
        if item.name in _SKIPPED:
            continue
        path = prefix + item.name
        if item.is_dir(follow_symlinks=False):
            if os.path.exists(f"{item.path}/.git"):  # noqa: PTH110
                found.append(Entry(path, SUBMODULE))
            else:
                found += _below(item.path, f"{path}/")
        elif item.is_symlink() or item.is_file(follow_symlinks=False):  # not sockets, not devices
            found.append(Entry(path, _mode(item.stat(follow_symlinks=False))))
    return found


def _mode(facts: os.stat_result) -> int:
    if stat.S_ISLNK(facts.st_mode):
        return SYMLINK
    return EXECUTABLE if facts.st_mode & stat.S_IXUSR else REGULAR
