"""What Git says, as facts: files of a tree, commits, places of a difference, people; and that it refused."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from skill_fleet.errors import UserError

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


# With any of these set, every Git command of ours would work on the caller's repository or index.
NAMES = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
)


def forget_inherited_repository() -> None:
    """Drop those variables from this process; call it once, before anything else."""
    for name in NAMES:
        os.environ.pop(name, None)


_INSTALL = "Install Git 2.38 or newer."


class Handle:
    """One Git repository, of which nothing is kept open."""

    def __init__(self, path: Path) -> None:
        """Open the repository that `path` stands in; UserError when there is none."""
        self.contents: dict[str, bytes] = {}
        """Blobs that were read, by id; they never change."""
        self.derived: dict[str, Any] = {}
        """What others worked out from objects alone, by the name of what it is: it stays true as well."""
        if not path.is_dir():
            raise UserError(f"There is no folder {path}.", "Go to one that is there: cd")
        self._at = str(path)
        # the work tree is asked for last: in a bare repository that fails, and the rest is told all the same
        words = ("rev-parse", "--path-format=absolute", "--git-common-dir", "--show-toplevel")
        status, out, err = self.attempt(*words)
        rows = out.decode("utf-8", "surrogateescape").split("\n")
        if not rows[0]:
            if "not a git repository" in err:
                raise UserError(
                    f"{path} is not in a Git repository.", "Go into a clone, or make a repository with: git init"
                )
            raise UserError(f"Git does not open the repository at {path}.", f"It says: {' '.join(err.split())}")
        self.directory = Path(rows[0])
        """Where Git keeps the objects and refs, also for a linked work tree."""
        self.root = Path(rows[1]) if status == 0 else None
        """Where the work tree stands; None in a bare repository."""
        self._at = str(self.root or self.directory)

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
        """Run one Git command and return its exit status, standard output and standard error. UserError when there is
        no Git."""
        import tempfile  # 4 ms, and no check of a folder needs it

        # real files, so that no pipe fills up and the output is read in one go
        with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() if stdin else nullcontext() as feed:
            if feed:
                feed.write(stdin or b"")
                feed.seek(0)
            try:
                done = subprocess.run(
                    ["git", *words],
                    stdin=feed or subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=said,
                    env=_environment(env),
                    cwd=self._at if cwd is None else cwd,
                    check=False,
                )
            except FileNotFoundError as problem:
                raise UserError("The program git was not found.", _INSTALL) from problem
            said.seek(0)
            return done.returncode, done.stdout, said.read().decode(errors="replace").rstrip("\n")

    def text(self, *words: str, cwd: Path | None = None) -> str:
        """Run one Git command and return its output as text without the last line end."""
        return self.run(*words, cwd=cwd).decode("utf-8", "surrogateescape").rstrip("\n")


def _environment(more: Mapping[str, str] | None) -> dict[str, str]:
    """This process's, without another repository that a hook may have put there; in English, since some of what Git
    says is read; without locks that a person's own `git commit` would stumble on."""
    own = {name: value for name, value in os.environ.items() if name not in NAMES}
    return {
        **own,
        "LC_ALL": "C",
        "LANGUAGE": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        **(more or {}),
    }


_AT_ONCE = 500
"""How many blobs one process reads: a few milliseconds each time, and never twice all of them in memory."""

_ROW = re.compile(r"(\d+) \w+ (\w+)\t([^\0]+)\0")
_PLAIN = re.compile(r"H (100644|100755|120000) (\w+) 0\t([^\0]+)\0")
_ODD = re.compile(r"(?:[^H] \d+ \w+ \d|H (?:\d+ \w+ [1-3]|160000 \w+ 0))\t([^\0]+)\0")
_MODES = {f"{mode:o}": mode for mode in (REGULAR, EXECUTABLE, SYMLINK)}
_HUNK = re.compile(rb"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)


class Objects(Handle):
    """A repository, asked about objects."""

    def entries(self, treeish: str, *paths: str) -> tuple[Entry, ...]:
        """Every file below `paths` (all, when none is given) of the tree, links and submodules as what they are."""
        listing = self.run("--literal-pathspecs", "ls-tree", "-r", "-z", "--full-tree", treeish, "--", *paths)
        rows = _ROW.findall(listing.decode("utf-8", "surrogateescape"))
        modes = {digits: int(digits, 8) for digits in {row[0] for row in rows}}
        return tuple(Entry(path, modes[digits], oid) for digits, oid, path in rows)

    def entries_beside(self, known: tuple[Entry, ...], of: str, treeish: str) -> tuple[Entry, ...]:
        """Every file of `treeish`, told from all those of the tree `of`: what two trees have in common Git skips by whole
        folders, and it need not be read again."""
        words = self.run("diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-renames", of, treeish).split(b"\0")
        differ: dict[str, Entry | None] = {}
        for facts, name in zip(words[::2], words[1::2], strict=False):
            _, mode, _, oid, _ = facts.decode().split(" ")
            path = name.decode("utf-8", "surrogateescape")
            differ[path] = Entry(path, int(mode, 8), oid) if int(mode, 8) else None
        kept = [entry for each in known if (entry := differ.pop(each.path, each) if each.path in differ else each)]
        if differ:  # new ones, which have to be put in their places
            kept = sorted([*kept, *filter(None, differ.values())], key=_by_bytes)
        return tuple(kept)

    def files(self, folder: Path, *paths: str) -> tuple[list[Entry], list[str]] | None:
        """The files below `paths` of `folder` (all, when none is given), relative to it, without what is ignored: those
        that are as Git last saw them, and the names of those that one has to look at. None where Git knows nothing.

        Git tells by time and size, and reads only what it is not sure of. A file of which it was told to assume that it
        did not change (the letter is not a plain H) has to be looked at, and so has what it calls a folder: a repository.
        """
        quiet = ("-c", "core.fsmonitor=false", "--literal-pathspecs")
        ask = (
            ("ls-files", "-z", "-v", "--stage", "--", *paths),
            ("diff-files", "-z", "--name-only", "--relative", "--", *paths),
            ("ls-files", "-z", "--others", "--exclude-standard", "--", *paths),
        )
        from concurrent.futures import ThreadPoolExecutor  # 10 ms, and only where there is much to read

        with ThreadPoolExecutor(len(ask)) as pool:  # each looks at every file in a way of its own
            told = list(pool.map(lambda words: self.attempt(*quiet, *words, cwd=folder), ask))
        if any(status for status, _, _ in told):
            return None
        rows, differ, others = (out.decode("utf-8", "surrogateescape") for _, out, _ in told)
        odd = dict.fromkeys(name for name in [*differ.split("\0"), *others.split("\0")] if name)
        odd |= dict.fromkeys(_ODD.findall(rows))
        found = (Entry(path, _MODES[mode], oid) for mode, oid, path in _PLAIN.findall(rows))
        return [entry for entry in found if entry.path not in odd], [name.rstrip("/") for name in odd]

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

    def hunks(self, old: str, new: str, context: int = 0) -> tuple[Hunk, ...]:
        """How the lines of the blob `old` became those of `new`, whatever a person's configuration says of diffs."""
        plain = ("--no-color", "--no-ext-diff", "--no-textconv", "--text", "--diff-algorithm=myers")
        out = self.run("diff", *plain, f"--unified={context}", "--inter-hunk-context=0", old, new)
        return tuple(
            Hunk(int(old), int(old_count or 1), int(new), int(new_count or 1))
            for old, old_count, new, new_count in _HUNK.findall(out)
        )

    def changed(self, old: str, new: str) -> dict[str, str]:
        """The paths that differ between two commits, each with A, D, M or T (its kind changed)."""
        out = self.run("diff-tree", "-r", "-z", "--no-renames", "--name-status", old, new)
        words = out.decode("utf-8", "surrogateescape").split("\0")
        return dict(zip(words[1::2], words[0::2], strict=False))


def _by_bytes(entry: Entry) -> bytes:
    return entry.path.encode("utf-8", "surrogateescape")


_ID = 40  # letters of an object's id


class History(Handle):
    """A repository, asked about commits."""

    def commits(self, *revisions: str) -> tuple[Commit, ...]:
        """The commits that `revisions` select (as for git log), oldest first."""
        fields = "%H%n%T%n%P%n%an%n%ae%n%B"
        out = self.run("log", "-z", "--topo-order", "--reverse", f"--format={fields}", "--end-of-options", *revisions)
        found = []
        for row in out.decode("utf-8", "replace").split("\0"):
            if row:
                oid, tree, parents, name, email, message = row.split("\n", 5)
                found.append(Commit(oid, tree, tuple(parents.split()), Identity(name, email), message))
        self._is_here(*(commit.oid for commit in found))
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

    def merge_base(self, one: str, other: str) -> str | None:
        """The newest commit that both have; None when they share none (or a shallow clone hides it)."""
        known: dict[tuple[str, str], str] = self.derived.setdefault("merge bases", {})
        if found := known.get((one, other)):
            return found
        status, out, _ = self.attempt("merge-base", "--end-of-options", one, other)
        oid = out.decode().split()[0] if status == 0 and out.strip() else None
        if oid and len(one) == len(other) == _ID:  # two ids, and no names that may move
            known[one, other] = oid
            self._is_here(oid)
        return oid

    def is_ancestor(self, old: str, new: str) -> bool:
        """Whether `new` contains `old`."""
        known: dict[tuple[str, str], bool] = self.derived.setdefault("ancestors", {})
        if (found := known.get((old, new))) is not None:
            return found
        status, _, _ = self.attempt("merge-base", "--is-ancestor", old, new)
        if status in (0, 1) and len(old) == len(new) == _ID:  # neither is a name, and both are here
            known[old, new] = status == 0
        return status == 0

    def _is_here(self, *commits: str) -> None:
        """Remember the ids of commits that were read: `find` need not ask whether they are here."""
        self.derived.setdefault("commits", set()).update(commits)

    @property
    def is_shallow(self) -> bool:
        """Whether history was cut off when this was cloned."""
        return self.text("rev-parse", "--is-shallow-repository") == "true"


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

        Each step of a command wants to know, so Git is asked again only when the file that says so is another one.
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
