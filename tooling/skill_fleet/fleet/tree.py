"""Trees of files: one protocol for a folder, for any Git ref, and for files in memory.

Callers need not know which one they read. Symbolic links and submodules are entries with a mode of their own, and are
never followed.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from skill_fleet.errors import UserError
from skill_fleet.git import EXECUTABLE, MOST_BYTES, REGULAR, SUBMODULE, SYMLINK, Entry, Repository

# Folders that are never part of a skill, and may be large.
_SKIPPED = frozenset({".git", "__pycache__", "node_modules", ".venv", ".mypy_cache", ".pytest_cache", ".ruff_cache"})
_IN_SKIPPED = re.compile(rf"(?:^|/)(?:{'|'.join(map(re.escape, sorted(_SKIPPED)))})(?:/|$)")

_READ = os.O_RDONLY | getattr(os, "O_BINARY", 0)
_MAX_VISITED = 20_000
"""The number of files in ignored folders that are looked through for skills."""


def is_skipped(path: str) -> bool:
    """Whether a path is in a folder that is never part of a skill."""
    return _IN_SKIPPED.search(path) is not None


def files_below(top: str, path: str) -> list[Entry]:
    """The entries below `path` of the folder `top`, in any order; `path` itself if it is not a folder."""
    at = f"{top}/{path}" if path else top
    if os.path.islink(at) or not os.path.isdir(at):  # noqa: PTH114, PTH112
        return [entry] if (entry := file_at(top, path)) else []
    return _below(at, f"{path}/" if path else "")


def file_at(top: str, path: str, behind: dict[str, bool] | None = None) -> Entry | None:
    """The file, link or repository at `path` of the folder `top`; None for anything else, and behind a link.

    `behind` remembers from call to call which folders are links, or behind one.
    """
    if _is_behind_link(top, path.rpartition("/")[0], {} if behind is None else behind):
        return None
    try:
        facts = os.lstat(f"{top}/{path}")
    except (OSError, ValueError):
        return None
    if stat.S_ISDIR(facts.st_mode):
        return Entry(path, SUBMODULE) if os.path.exists(f"{top}/{path}/.git") else None  # noqa: PTH110
    return Entry(path, _mode(facts)) if stat.S_ISREG(facts.st_mode) or stat.S_ISLNK(facts.st_mode) else None


def _is_behind_link(top: str, folder: str, known: dict[str, bool]) -> bool:
    """Whether a folder or one above it is a link; `known` is for those that were asked about before."""
    end = found = 0
    while folder and folder not in known and not found and end >= 0:
        end = folder.find("/", end + 1)
        place = folder if end < 0 else folder[:end]
        found = known.setdefault(place, os.path.islink(f"{top}/{place}"))  # noqa: PTH114
    return known.setdefault(folder, bool(found)) if folder else False


def _below(folder: str, prefix: str) -> list[Entry]:
    # paths as text: making a Path for each takes longer than the walk
    found: list[Entry] = []
    try:
        items = list(os.scandir(folder))
    except OSError:
        return found
    for item in items:
        path = prefix + item.name
        if item.name in _SKIPPED:
            found += _first_below(item, path)
            continue
        if item.is_dir(follow_symlinks=False):
            if os.path.exists(f"{item.path}/.git"):  # noqa: PTH110
                found.append(Entry(path, SUBMODULE))
            else:
                found += _below(item.path, f"{path}/")
        elif item.is_symlink() or item.is_file(follow_symlinks=False):  # not sockets, not devices
            found.append(Entry(path, _mode(item.stat(follow_symlinks=False))))
    return found


def _first_below(folder: os.DirEntry[str], path: str) -> Iterator[Entry]:
    """One file below a folder that is skipped, to show that it is there; none of a repository's own."""
    if folder.name != ".git" and folder.is_dir(follow_symlinks=False):
        for at, _, names in os.walk(folder.path):
            if name := min((name for name in names if name != "SKILL.md"), default=""):
                yield Entry(path + f"{at}/{name}".removeprefix(folder.path), REGULAR)
                return


def _without_skipped(entries: Iterable[Entry]) -> Iterator[Entry]:
    """The entries, in order; of each folder that is skipped, only the first."""
    last = "\0"
    for entry in entries:
        if entry.path.startswith(last):
            continue
        if match := _IN_SKIPPED.search(entry.path):
            if entry.path.endswith("/SKILL.md"):
                continue
            last = entry.path[: match.end()]
        yield entry


def _mode(facts: os.stat_result) -> int:
    if stat.S_ISLNK(facts.st_mode):
        return SYMLINK
    return EXECUTABLE if facts.st_mode & stat.S_IXUSR else REGULAR


class Tree(Protocol):
    """A tree of files. Paths are relative to its top, with forward slashes, sorted by their bytes."""

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every file, link and submodule."""
        ...

    def __hash__(self) -> int:
        """That of the object, so that what was found out about a tree can be kept."""
        ...

    def read(self, entry: Entry) -> bytes:
        """The content of a regular file; of a link, the path it points at."""
        ...

    def prefetch(self, entries: Iterable[Entry]) -> None:
        """Announce that these will be read, so that they can be fetched together."""
        ...

    def release(self, entries: Iterable[Entry]) -> None:
        """Announce that these will not be read again soon, so that they need not be kept in memory."""
        ...

    def ignored(self) -> list[str]:
        """What Git ignores in a work tree: files, and whole folders with a slash at their end."""
        ...


class TooLarge(UserError):
    """A file is too large to be read."""

    def __init__(self, path: str, size: int) -> None:
        megabytes = f"{size / 1_000_000:,.1f} MB"
        super().__init__(
            f"{path} has {megabytes}, which is too much to be read.", "Remove it, or publish it elsewhere."
        )
        self.path, self.size = path, size

    def __reduce__(self) -> tuple[type[UserError], tuple[Any, ...]]:
        """Return what it is made from, so that it can be sent from another process."""
        return TooLarge, (self.path, self.size)


def content_of(tree: Tree, entry: Entry) -> bytes:
    """The content of `entry`; empty if it is too large to be read, which layout/file-size reports."""
    try:
        return tree.read(entry)
    except TooLarge:
        return b""


class MemoryTree:
    """A tree of files in memory."""

    def __init__(self, files: Mapping[str, bytes], modes: Mapping[str, int] | None = None) -> None:
        self._files = dict(files)
        self.entries = tuple(Entry(path, (modes or {}).get(path, REGULAR)) for path in sorted(files, key=_by_bytes))

    def read(self, entry: Entry) -> bytes:
        """The content of `entry`."""
        return self._files[entry.path]

    def prefetch(self, entries: Iterable[Entry]) -> None:
        """Nothing to fetch."""

    def release(self, entries: Iterable[Entry]) -> None:
        """Nothing is kept."""

    def ignored(self) -> list[str]:
        """Nothing is."""
        return []


class GitTree:
    """The tree of a commit, read from Git's objects: nothing is checked out."""

    def __init__(self, repo: Repository, ref: str, *paths: str, is_tree: bool = False) -> None:
        """Read the commit `ref` (UserError when there is none), all of it or only what is below `paths`.

        With `is_tree`, `ref` is the id of a tree instead, such as that of a merge that was only tried.
        """
        self._repo = repo
        self._paths = paths
        # by id, and shared, so that blobs that two commits have in common are read once
        self._contents: dict[str, bytes] = repo.derived.setdefault("blobs", {})
        self._large: dict[str, int] = repo.derived.setdefault("large blobs", {})
        self._together: dict[str, list[str]] = {}  # the blobs that were announced, each with all of its group
        self.treeish = ref if is_tree else repo.resolve(ref)

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """Every file, link and submodule."""
        return self._repo.entries(self.treeish, *self._paths)

    def read(self, entry: Entry) -> bytes:
        """The content of `entry`; empty for a submodule, whose commit this repository does not hold."""
        if entry.mode == SUBMODULE:
            return b""
        if entry.oid not in self._contents:
            group = self._together.get(entry.oid, [entry.oid])
            wanted = (oid for oid in group if oid not in self._contents and oid not in self._large)
            self._contents |= self._repo.blobs(wanted, self._large)
        if entry.oid in self._large:
            raise TooLarge(entry.path, self._large[entry.oid])
        if entry.oid not in self._contents:
            raise UserError(f"The content of {entry.path} is missing from this repository.", "Find out more: git fsck")
        return self._contents[entry.oid]

    def prefetch(self, entries: Iterable[Entry]) -> None:
        """Have all of `entries` fetched with the first of them that is read. A later call for a file replaces an earlier."""
        group = [entry.oid for entry in entries if entry.mode != SUBMODULE and entry.oid not in self._contents]
        self._together |= dict.fromkeys(group, group)

    def release(self, entries: Iterable[Entry]) -> None:
        """Forget the blobs of `entries`; they are read again when needed."""
        for entry in entries:
            self._contents.pop(entry.oid, None)
            self._together.pop(entry.oid, None)

    def ignored(self) -> list[str]:
        """Nothing is."""
        return []


class WorkTree:
    """The files below a folder as they are now, tracked or not, without those that Git ignores."""

    def __init__(
        self, root: Path, *paths: str, repo: Repository | None = None, modes: Mapping[str, int] | None = None
    ) -> None:
        """Read the folder `root`, or only what is below `paths` in it. Without `repo`, nothing counts as ignored.

        `modes` are those of files whose executable bit the system may not show, as it is on Windows.
        """
        self.root = root
        self._modes = dict(modes or {})
        self._top = f"{root}/"
        self._paths = paths or ("",)
        self._repo = repo
        self._absent: GitTree | None = None  # reads what a sparse checkout left out
        self._absent_paths: frozenset[str] = frozenset()

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """Every file, link and submodule, also those that a sparse checkout left out of the folder."""
        if self._repo is None:
            found = [entry for path in self._paths for entry in files_below(str(self.root), path)]
        else:  # Git walks much faster, knows what is ignored, and the ids of unchanged files
            plain, names, sparse = self._repo.files(self.root, *filter(None, self._paths))
            behind: dict[str, bool] = {}
            there = {entry.path: file_at(str(self.root), entry.path, behind) for entry in sparse}
            absent = [entry for entry in sparse if there[entry.path] is None and self._may_be_absent(entry)]
            if absent:
                self._absent = GitTree(self._repo, "", is_tree=True)
                self._absent_paths = frozenset(entry.path for entry in absent)
            looked_at = (*there.values(), *(file_at(str(self.root), name, behind) for name in names))
            found = [*plain, *absent, *filter(None, looked_at)]
            self._modes |= names
        found = [self._with_mode(entry) for entry in found] if self._modes else found
        found.sort(key=lambda entry: _by_bytes(entry.path))
        return tuple(_without_skipped(found))

    def _with_mode(self, entry: Entry) -> Entry:
        mode = self._modes.get(entry.path)
        return Entry(entry.path, mode, entry.oid) if mode and entry.mode in (REGULAR, EXECUTABLE) else entry

    def _may_be_absent(self, entry: Entry) -> bool:
        """Whether Git takes a missing file for unchanged. (Of a submodule, an empty folder is left.)"""
        return entry.mode != SUBMODULE or os.path.isdir(self._top + entry.path)  # noqa: PTH112

    def ignored(self) -> list[str]:
        """What Git ignores below the paths: files, and whole folders with a slash; of those, also a SKILL.md in them."""
        found = self._repo.ignored(*filter(None, self._paths)) if self._repo else []
        found = [path for path in found if not is_skipped(path)]
        budget = _MAX_VISITED
        for folder in [path for path in found if path.endswith("/")]:
            for at, folders, files in os.walk(self._top + folder):
                budget -= len(files)
                if budget < 0:
                    return found
                if "SKILL.md" in files:
                    found.append(f"{at}/SKILL.md".removeprefix(self._top).replace("//", "/"))
                    break
                folders[:] = [each for each in folders if each not in _SKIPPED]
        return found

    def read(self, entry: Entry) -> bytes:
        """The content of `entry`; empty when it no longer exists or is not readable."""
        if entry.path in self._absent_paths and self._absent:
            return self._absent.read(entry)
        path = f"{self._top}{entry.path}"  # making a Path takes as long as reading a file
        try:
            if entry.mode == SUBMODULE:
                return b""
            if entry.mode == SYMLINK and os.path.islink(path):  # noqa: PTH114
                return os.fsencode(Path(path).readlink())  # else a file with the target, where the system has no links
            file = os.open(path, _READ)  # half the system calls of a file object
            try:
                if (size := os.fstat(file).st_size) > MOST_BYTES:
                    raise TooLarge(entry.path, size)
                content = os.read(file, size + 1)
                while len(content) != size and (more := os.read(file, MOST_BYTES)):  # it changes, or comes in parts
                    content += more
                return content
            finally:
                os.close(file)
        except OSError:
            return b""

    def prefetch(self, entries: Iterable[Entry]) -> None:
        """Announce what a sparse checkout left out; files are read one at a time."""
        if self._absent:
            self._absent.prefetch(entry for entry in entries if entry.path in self._absent_paths)

    def release(self, entries: Iterable[Entry]) -> None:
        """Forget what a sparse checkout left out; of files nothing is kept."""
        if self._absent:
            self._absent.release(entry for entry in entries if entry.path in self._absent_paths)


def _by_bytes(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")
