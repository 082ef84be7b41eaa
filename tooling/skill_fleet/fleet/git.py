"""The only module that runs Git for reading, and the place where Git's oddities are explained.

GitPython is the handle; reads go through plumbing commands, because one `cat-file --batch` for 5,000 blobs takes a
sixth of the time of GitPython's object layer. `git_write.py` is this module's other half: commits, refs, pushes.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from skill_fleet.errors import UserError

if TYPE_CHECKING:
    import git

REGULAR, EXECUTABLE, SYMLINK, SUBMODULE = 0o100644, 0o100755, 0o120000, 0o160000

_AT_ONCE = 500
"""How many blobs one process reads: a few milliseconds each time, and never twice all of them in memory."""

_ROW = re.compile(r"(\d+) \w+ (\w+)\t([^\0]+)\0")
_STAGED = re.compile(r"H (?!160000)\d+ (\w+) 0\t([^\0]+)\0")
_HUNK = re.compile(rb"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)


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


class Repository:
    """One Git repository. Objects never change, refs move by compare-and-swap, the work tree is left alone."""

    def __init__(self, path: Path) -> None:
        """Open the repository that `path` stands in; UserError when there is none."""
        try:
            import git  # here, not above: it takes 70 ms, and fails where there is no git program
        except ImportError as problem:
            raise UserError("The program git was not found.", "Install Git 2.38 or newer.") from problem
        self.contents: dict[str, bytes] = {}
        """Blobs that were read, by id; they never change."""
        try:
            self._repo: git.Repo = git.Repo(path, search_parent_directories=True)
        except (git.InvalidGitRepositoryError, git.NoSuchPathError) as problem:
            raise UserError(
                f"{path} is not in a Git repository.", "Go into a clone, or make a repository with: git init"
            ) from problem

    def __enter__(self) -> Repository:
        return self

    def __exit__(self, *_: object) -> None:
        self._repo.close()

    @cached_property
    def root(self) -> Path | None:
        """Where the work tree stands; None in a bare repository."""
        return Path(self._repo.working_tree_dir) if self._repo.working_tree_dir else None

    @cached_property
    def directory(self) -> Path:
        """Where Git keeps the objects and refs, also for a linked work tree."""
        return Path(self._repo.common_dir)

    def run(
        self, *words: str, stdin: bytes | None = None, env: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> bytes:
        """Run one Git command to its end and return its standard output; GitFailure when it fails."""
        status, out, err = self.attempt(*words, stdin=stdin, env=env, cwd=cwd)
        if status:
            raise GitFailure(words[0], err)
        return out

    def attempt(
        self, *words: str, stdin: bytes | None = None, env: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> tuple[int, bytes, str]:
        """Run one Git command and return its exit status, standard output and standard error."""
        # optional locks off: reading must not make a person's own `git commit` fail on index.lock
        environment = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", **(env or {})}
        command = ["git", *(("-C", str(cwd)) if cwd else ()), *words]
        with tempfile.TemporaryFile() as feed:  # GitPython hands a real file to the process, so no pipe can fill up
            feed.write(stdin or b"")
            feed.seek(0)
            result = self._repo.git.execute(
                command,
                istream=feed,
                with_extended_output=True,
                with_exceptions=False,
                stdout_as_string=False,
                strip_newline_in_stdout=False,
                env=environment,
            )
        status, out, err = result
        return int(status), bytes(out), err if isinstance(err, str) else bytes(err).decode(errors="replace")

    def text(self, *words: str, cwd: Path | None = None) -> str:
        """Run one Git command and return its output as text without the last line end."""
        return self.run(*words, cwd=cwd).decode("utf-8", "surrogateescape").rstrip("\n")

    def find(self, ref: str) -> str | None:
        """The commit that `ref` names, or None. A branch may be named by its short name, here or on a remote."""
        for name in (ref, f"refs/remotes/{ref}", f"refs/remotes/origin/{ref}"):
            status, out, _ = self.attempt("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
            if status == 0:
                return out.decode().split()[-1]
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

    def refs(self, prefix: str) -> dict[str, str]:
        """Every ref under `prefix` with the object it points at."""
        rows = self.text("for-each-ref", "--format=%(objectname) %(refname)", prefix).splitlines()
        return {name: oid for oid, name in (row.split(" ", 1) for row in rows)}

    def entries(self, treeish: str, *paths: str) -> tuple[Entry, ...]:
        """Every file below `paths` (all, when none is given) of the tree, links and submodules as what they are."""
        listing = self.run("--literal-pathspecs", "ls-tree", "-r", "-z", "--full-tree", treeish, "--", *paths)
        rows = _ROW.findall(listing.decode("utf-8", "surrogateescape"))
        modes = {digits: int(digits, 8) for digits in {row[0] for row in rows}}
        return tuple(Entry(path, modes[digits], oid) for digits, oid, path in rows)

    def unchanged(self, folder: Path) -> dict[str, str]:
        """The files below `folder`, relative to it, that are as Git last saw them, with the ids of their blobs.

        Git tells it by time and size, and reads only what it is not sure of. A file of which it was told to assume so
        (the letter is not a plain H) does not count.
        """
        quiet = ("-c", "core.fsmonitor=false")
        status, rows, _ = self.attempt(*quiet, "ls-files", "-z", "-v", "--stage", cwd=folder)
        failed, differ, _ = self.attempt(*quiet, "diff-files", "-z", "--name-only", "--relative", cwd=folder)
        if status or failed:  # then nothing is known
            return {}
        known = {path: oid for oid, path in _STAGED.findall(rows.decode("utf-8", "surrogateescape"))}
        for path in differ.decode("utf-8", "surrogateescape").split("\0"):
            known.pop(path, None)
        return known

    def blobs(self, names: Iterable[str]) -> dict[str, bytes]:
        """The contents of many blobs; `names` are object ids or `<commit>:<path>`."""
        wanted = list(dict.fromkeys(names))
        found: dict[str, bytes] = {}
        portions = [wanted[start : start + _AT_ONCE] for start in range(0, len(wanted), _AT_ONCE)]
        if len(portions) < 2:
            return self._blobs(wanted) if wanted else {}
        from concurrent.futures import ThreadPoolExecutor  # 10 ms, and only where there is much to read

        with ThreadPoolExecutor(2) as pool:  # Git unpacks one portion while another is taken apart here
            for portion in pool.map(self._blobs, portions):
                found |= portion
        return found

    def _blobs(self, wanted: list[str]) -> dict[str, bytes]:
        # buffered, or Git would write, and we read, every object by itself
        out = self.run("cat-file", "--batch", "--buffer", stdin="".join(f"{name}\n" for name in wanted).encode())
        found, at = {}, 0
        for name in wanted:
            end = out.index(b"\n", at)
            header = out[at:end]
            at = end + 1
            if not header.endswith((b" missing", b" ambiguous")):
                size = int(header.rsplit(b" ", 1)[1])
                found[name] = out[at : at + size]
                at += size + 1
        return found

    def commits(self, *revisions: str) -> tuple[Commit, ...]:
        """The commits that `revisions` select (as for git log), oldest first."""
        fields = "%H%n%T%n%P%n%an%n%ae%n%B"
        out = self.run("log", "-z", "--topo-order", "--reverse", f"--format={fields}", "--end-of-options", *revisions)
        found = []
        for row in out.decode("utf-8", "replace").split("\0"):
            if row:
                oid, tree, parents, name, email, message = row.split("\n", 5)
                found.append(Commit(oid, tree, tuple(parents.split()), Identity(name, email), message))
        return tuple(found)

    def ancestry(self, tips: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Every commit that `tips` (object ids) contain, with its parents."""
        rows = self.run("rev-list", "--parents", "--stdin", stdin="".join(f"{tip}\n" for tip in tips).encode())
        return {commit: tuple(parents) for commit, *parents in (row.split() for row in rows.decode().splitlines())}

    def mainline(self, tip: str, excluded: str) -> dict[str, tuple[str, ...]]:
        """The first parents from `tip` down to what `excluded` contains, newest first, each with its parents."""
        rows = self.text("rev-list", "--first-parent", "--parents", tip, f"^{excluded}").splitlines()
        return {commit: tuple(parents) for commit, *parents in map(str.split, rows)}

    def root_commit(self, tip: str) -> str:
        """The first commit of all, by first parents: the same in every complete clone, whatever was merged later."""
        return self.text("rev-list", "--first-parent", "--max-parents=0", tip)

    def hunks(self, old: str, new: str, context: int = 0) -> tuple[Hunk, ...]:
        """How the lines of the blob `old` became those of `new`, whatever a person's configuration says of diffs."""
        plain = ("--no-color", "--no-ext-diff", "--no-textconv", "--text", "--diff-algorithm=myers")
        out = self.run("diff", *plain, f"--unified={context}", "--inter-hunk-context=0", old, new)
        return tuple(
            Hunk(int(old), int(old_count or 1), int(new), int(new_count or 1))
            for old, old_count, new, new_count in _HUNK.findall(out)
        )

    def merge_base(self, one: str, other: str) -> str | None:
        """The newest commit that both have; None when they share none (or a shallow clone hides it)."""
        status, out, _ = self.attempt("merge-base", "--end-of-options", one, other)
        return out.decode().split()[0] if status == 0 and out.strip() else None

    def is_ancestor(self, old: str, new: str) -> bool:
        """Whether `new` contains `old`."""
        return self.attempt("merge-base", "--is-ancestor", old, new)[0] == 0

    @property
    def is_shallow(self) -> bool:
        """Whether history was cut off when this was cloned."""
        return self.text("rev-parse", "--is-shallow-repository") == "true"

    def changed(self, old: str, new: str) -> dict[str, str]:
        """The paths that differ between two commits, each with A, D, M or T (its kind changed)."""
        out = self.run("diff-tree", "-r", "-z", "--no-renames", "--name-status", old, new)
        words = out.decode("utf-8", "surrogateescape").split("\0")
        return dict(zip(words[1::2], words[0::2], strict=False))

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
        return name in self.text("remote").splitlines()

    def default_branch(self, remote: str | None = None) -> str:
        """The short name of the branch that pull requests go to; UserError when none can be told."""
        if remote:
            status, out, _ = self.attempt("symbolic-ref", "--quiet", f"refs/remotes/{remote}/HEAD")
            if status == 0:
                return out.decode().strip().removeprefix(f"refs/remotes/{remote}/")
        there = f"refs/remotes/{remote}/" if remote else "refs/heads/"
        branches = [name.removeprefix(there) for name in self.refs(there)]
        for name in ("main", "master"):
            if name in branches:
                return name
        if len(branches) == 1:
            return branches[0]
        if not branches:
            self.resolve("HEAD")
        raise UserError("No branch here is called main.", "Name the base: --base BRANCH")
