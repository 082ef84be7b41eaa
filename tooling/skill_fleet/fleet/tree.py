"""Two kinds of tree behind one protocol: the files of a folder, and the objects of any Git ref.

Nothing above this module knows which one it reads. Links and submodules are modes here, never followed.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Protocol

from skill_fleet.git import EXECUTABLE, REGULAR, SUBMODULE, SYMLINK, Entry, Repository

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


class Tree(Protocol):
    """A tree of files. Paths are relative to its top, with forward slashes, in the order of their bytes."""

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every file, link and submodule."""
        ...

    def read(self, entry: Entry) -> bytes:
        """The content of a regular file; of a link, the path it points at."""
        ...

    def prefetch(self, entries: Iterable[Entry]) -> None:
        """A hint that these will be read, so that they can be fetched together."""
        ...

    def release(self, entries: Iterable[Entry]) -> None:
        """A hint that these will not be read again soon, so that nothing need be kept of them."""
        ...


class MemoryTree:
    """A tree that exists only in memory: what a decision would make of a skill."""

    def __init__(self, files: Mapping[str, bytes], modes: Mapping[str, int] | None = None) -> None:
        self._files = dict(files)
        self.entries = tuple(Entry(path, (modes or {}).get(path, REGULAR)) for path in sorted(files, key=_by_bytes))

    def read(self, entry: Entry) -> bytes:
        """The content of `entry`."""
        return self._files[entry.path]

    def prefetch(self, entries: Iterable[Entry]) -> None:
        """Nothing to fetch."""

    def release(self, entries: Iterable[Entry]) -> None:
        """Nothing to let go."""


class GitTree:
    """The tree of one commit, read from its objects: nothing is checked out, nothing is run."""

    def __init__(
        self, repo: Repository, ref: str, *paths: str, is_tree: bool = False, beside: GitTree | None = None
    ) -> None:
        """Read `ref` (UserError when there is none), all of it or only what is below `paths`.

        With `is_tree`, `ref` is the id of a tree that no commit has, such as that of a merge which is only tried. With
        `beside`, a tree that is read whole and differs in little, the files are told from those of that one.
        """
        self._beside = beside
        self._repo = repo
        self._paths = paths
        self._contents = repo.contents  # what two commits have in common is read once
        self._together: dict[str, list[str]] = {}  # the blobs that were hinted at, each with its whole group
        self.treeish = ref if is_tree else repo.resolve(ref)

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """Every file, link and submodule."""
        if self._beside:
            return self._repo.entries_beside(self._beside.entries, self._beside.treeish, self.treeish)
        return self._repo.entries(self.treeish, *self._paths)

    def read(self, entry: Entry) -> bytes:
        """The content of `entry`; empty for a submodule, whose commit this repository does not hold."""
        if entry.mode == SUBMODULE:
            return b""
        if entry.oid not in self._contents:
            group = self._together.get(entry.oid, [entry.oid])
            self._contents |= self._repo.blobs(oid for oid in group if oid not in self._contents)
        return self._contents.get(entry.oid, b"")

    def prefetch(self, entries: Iterable[Entry]) -> None:
        """Note that the first of `entries` to be read brings the others along. Of two hints the later one counts."""
        group = [entry.oid for entry in entries if entry.mode != SUBMODULE and entry.oid not in self._contents]
        self._together |= dict.fromkeys(group, group)

    def release(self, entries: Iterable[Entry]) -> None:
        """Forget the blobs of `entries`; they are read anew when asked for."""
        for entry in entries:
            self._contents.pop(entry.oid, None)
            self._together.pop(entry.oid, None)


class WorkTree:
    """The files below a folder as they are now, whether Git knows them or not, without what Git ignores."""

    def __init__(self, root: Path, *paths: str, repo: Repository | None = None) -> None:
        """Read the folder `root`, or only what is below `paths` in it. `repo` tells what is ignored, if given."""
        self.root = root
        self._top = f"{root}/"
        self._paths = paths or ("",)
        self._repo = repo

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """Every file, link and submodule."""
        paths = [path for path in self._paths if path]
        # Git walks in a fraction of the time, knows what is ignored, and the ids of what did not change
        if self._repo is None or (known := self._repo.files(self.root, *paths)) is None:
            found = [entry for path in self._paths for entry in files_below(str(self.root), path)]
        else:
            plain, names = known
            found = [*plain, *filter(None, (file_at(str(self.root), name) for name in names))]
            found = [entry for entry in found if not is_skipped(entry.path)]
        return tuple(sorted(found, key=lambda entry: _by_bytes(entry.path)))

    def read(self, entry: Entry) -> bytes:
        """The content of `entry`; empty when it vanished or may not be read."""
        path = f"{self._top}{entry.path}"  # no Path, which takes as long to make as a file to read
        try:
            if entry.mode == SYMLINK:
                return os.fsencode(Path(path).readlink())
            if entry.mode == SUBMODULE:
                return b""
            with open(path, "rb", buffering=0) as file:  # noqa: PTH123
                return file.read()
        except OSError:
            return b""

    def prefetch(self, entries: Iterable[Entry]) -> None:
        """Files are read one at a time."""

    def release(self, entries: Iterable[Entry]) -> None:
        """Nothing is kept."""


def _by_bytes(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")
