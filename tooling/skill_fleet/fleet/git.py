"""One Git repository for reading; everything above asks it. `git_write.py` is the other half: commits, refs, pushes.

Objects never change, refs move by compare-and-swap, the work tree is left alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from skill_fleet.errors import UserError
from skill_fleet.fleet.git_facts import (
    EXECUTABLE,
    REGULAR,
    SUBMODULE,
    SYMLINK,
    Commit,
    Entry,
    GitFailure,
    Hunk,
    Identity,
)
from skill_fleet.fleet.git_history import History
from skill_fleet.fleet.git_objects import Objects

__all__ = [
    "EXECUTABLE",
    "REGULAR",
    "SUBMODULE",
    "SYMLINK",
    "Commit",
    "Entry",
    "GitFailure",
    "Hunk",
    "Identity",
    "Repository",
]


class Repository(Objects, History):
    """One Git repository: its objects, its history, and here what it calls them, who works in it and where."""

    def __enter__(self) -> Repository:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is kept open."""

    def find(self, ref: str) -> str | None:
        """The commit that `ref` names, or None. A branch may be named by its short name, here or on a remote."""
        known: set[str] = self.derived.setdefault("commits", set())
        if ref in known:  # an id that was found once
            return ref
        for name in (ref, f"refs/remotes/{ref}", f"refs/remotes/origin/{ref}"):
            status, out, _ = self.attempt("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
            if status == 0:
                oid = out.decode().split()[-1]
                known.add(oid)
                return oid
        return None

    def resolve(self, ref: str) -> str:
        """The commit that `ref` names; UserError when there is none."""
        if (oid := self.find(ref)) is None:
            if self.find("HEAD") is None and not self.refs("refs/heads/"):
                raise UserError(
                    "This repository has no commit yet.", "Make the first one: git commit --allow-empty --message Begin"
                )
            raise UserError(f"There is no commit called {ref!r} here.", "See what there is: git branch --all")
        return oid

    def refs(self, *prefixes: str) -> dict[str, str]:
        """Every ref under any of `prefixes` with the object it points at."""
        rows = self.text("for-each-ref", "--format=%(objectname) %(refname)", *prefixes).splitlines()
        return {name: oid for oid, name in (row.split(" ", 1) for row in rows)}

    def identity(self) -> Identity:
        """Who the person at the keyboard is, as Git knows it; UserError when nobody has told it."""
        status, out, _ = self.attempt("var", "GIT_AUTHOR_IDENT")
        name, _, rest = out.decode("utf-8", "replace").partition(" <")
        if status or not name or not rest:
            raise UserError(
                "Git does not know who you are.",
                'Tell it: git config user.name "Your Name" && git config user.email you@example.org',
            )
        return Identity(name, rest.partition(">")[0])

    def worktrees(self) -> dict[str, Path]:
        """The branches that some work tree has checked out, as full ref names, with the work tree's folder."""
        found: dict[str, Path] = {}
        for block in self.run("worktree", "list", "--porcelain", "-z").split(b"\0\0"):
            facts = dict(line.decode().partition(" ")[::2] for line in block.split(b"\0") if line)
            if "branch" in facts:
                found[facts["branch"]] = Path(facts["worktree"])
        return found

    def is_dirty(self, worktree: Path) -> bool:
        """Whether tracked files in `worktree` differ from its commit; files Git does not know do not count."""
        return bool(self.run("status", "--porcelain", "--untracked-files=no", cwd=worktree))

    def is_branch_name(self, name: str) -> bool:
        """Whether Git would let a branch be called `name`."""
        return not name.startswith("-") and self.attempt("check-ref-format", f"refs/heads/{name}")[0] == 0

    def has_remote(self, name: str) -> bool:
        """Whether a remote of this name is set up."""
        return self.address(name) is not None

    def address(self, remote: str) -> str | None:
        """Where a remote is, as Git itself goes there; None when none of this name is set up.

        Each step of a verb wants to know, so Git is asked again only when the file that says so is another one.
        """
        try:
            file = (self.directory / "config").stat()
        except FileNotFoundError:
            file = None
        stamp = file and (file.st_ino, file.st_size, file.st_mtime_ns)  # Git writes it anew, and moves it into place
        known: dict[object, str | None] = self.derived.setdefault("addresses", {})
        if (remote, stamp) not in known:
            status, out, _ = self.attempt("remote", "get-url", "--", remote)
            known[remote, stamp] = None if status else out.decode("utf-8", "replace").strip()
        return known[remote, stamp]

    def default_branch(self, remote: str | None = None, refs: Mapping[str, str] | None = None) -> str:
        """The short name of the branch that pull requests go to; UserError when none can be told.

        `refs` are those that the caller has listed already, with all the branches among them.
        """
        if remote:
            status, out, _ = self.attempt("symbolic-ref", "--quiet", f"refs/remotes/{remote}/HEAD")
            if status == 0:
                return out.decode().strip().removeprefix(f"refs/remotes/{remote}/")
        there = f"refs/remotes/{remote}/" if remote else "refs/heads/"
        listed = self.refs(there) if refs is None else refs
        branches = [name.removeprefix(there) for name in listed if name.startswith(there)]
        for name in ("main", "master"):
            if name in branches:
                return name
        if len(branches) == 1:
            return branches[0]
        if not branches:
            self.resolve("HEAD")
        raise UserError("No branch here is called main.", "Name the base: --base BRANCH")
