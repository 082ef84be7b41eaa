"""What Git says, as facts: files of a tree, commits, places of a difference, people; and that it refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

REGULAR, EXECUTABLE, SYMLINK, SUBMODULE = 0o100644, 0o100755, 0o120000, 0o160000


class GitFailure(Exception):
    """Git refused a command; `stderr` is what it said."""

    def __init__(self, command: str, stderr: str) -> None:
        super().__init__(f"git {command}: {stderr.strip()}")
        self.stderr = stderr.strip()

    @property
    def reason(self) -> str:
        """The last line of what it said, which is where Git puts the point."""
        return next((line.strip() for line in reversed(self.stderr.splitlines()) if line.strip()), "no reason given")


class Entry(NamedTuple):  # not a dataclass, which takes five times as long to make: trees have ten thousands
    """One file of a tree: `path` with forward slashes, Git's `mode`, and the blob's id (in a work tree: if Git knows)."""

    path: str
    mode: int
    oid: str = ""


@dataclass(frozen=True)
class Commit:
    """One commit, as far as a review needs it: `message` is whole, `parents` are in order."""

    oid: str
    tree: str
    parents: tuple[str, ...]
    author: Identity
    message: str


@dataclass(frozen=True, slots=True)
class Hunk:
    """A place where two files differ. A count of 0 means between lines: after line `old` or `new`."""

    old: int
    old_count: int
    new: int
    new_count: int


@dataclass(frozen=True)
class Identity:
    """Who writes: Git's own notion, a name and an email address."""

    name: str
    email: str
