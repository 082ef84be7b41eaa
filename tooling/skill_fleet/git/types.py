"""Facts that Git tells: files of a tree, commits, hunks, people; and the error for a command that failed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

REGULAR, EXECUTABLE, SYMLINK, SUBMODULE = 0o100644, 0o100755, 0o120000, 0o160000
"""The modes of a tree's entries."""

ABSENT = "0" * 40
"""The object id that stands for "no object": a ref that must not exist, or that is deleted."""


class GitFailure(Exception):
    """A Git command failed; `stderr` is what it printed."""

    def __init__(self, command: str, stderr: str) -> None:
        super().__init__(f"git {command}: {stderr.strip()}")
        self.stderr = stderr.strip()

    @property
    def reason(self) -> str:
        """The last line that it printed, which is where Git puts the cause."""
        return next((line.strip() for line in reversed(self.stderr.splitlines()) if line.strip()), "no reason given")


class RefMoved(GitFailure):
    """A compare-and-swap failed: a ref is not where the caller last saw it."""


class RemoteUnreachable(GitFailure):
    """The remote did not answer, or refused."""


class Entry(NamedTuple):  # a dataclass takes five times as long to make, and trees have tens of thousands of entries
    """One file of a tree: `path` with forward slashes, Git's `mode`, and the blob's id ("" if Git has none for it)."""

    path: str
    mode: int
    oid: str = ""


@dataclass(frozen=True)
class Identity:
    """An author: a name and an email address."""

    name: str
    email: str


@dataclass(frozen=True)
class Commit:
    """One commit. `message` is the whole message, `parents` are in order."""

    oid: str
    tree: str
    parents: tuple[str, ...]
    author: Identity
    message: str


@dataclass(frozen=True, slots=True)
class Hunk:
    """A place where two files differ, in lines from 1. A count of 0 means: after line `old` (or `new`)."""

    old: int
    old_count: int
    new: int
    new_count: int


@dataclass(frozen=True)
class Update:
    """A move of `ref` from `old` (ABSENT: it must not exist) to `new` (ABSENT: delete it)."""

    ref: str
    new: str
    old: str
