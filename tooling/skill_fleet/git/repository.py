"""One Git repository: how Git is run, and what it knows about objects, history, refs and work trees.

Names of files and refs are bytes in Git, mostly UTF-8. Here they are text, by `decode`, and go back by `encode`. Text for
people, such as messages and names of authors, is decoded with "replace" instead.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from subprocess import PIPE
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, cast

from skill_fleet.errors import UserError

if TYPE_CHECKING:
    import git

REGULAR, EXECUTABLE, SYMLINK, SUBMODULE = 0o100644, 0o100755, 0o120000, 0o160000
"""The modes of a tree's entries."""

REMOTE_VARIABLE = "SKILL_FLEET_REMOTE"
"""The environment's variable that names the remote with the pull requests, where it is not `origin`."""

ABSENT = ""
"""What stands for "no object": a ref that must not exist, or that is deleted. Git writes zeros, see `Repository.zeros`."""


_PIECE = 1_000_000
MOST_BYTES = 100_000_000
"""The size of a blob up to which it is read; the hosts of repositories refuse larger files, too."""

Take = Callable[[BinaryIO], bytes]
"""Reads the output of a command while it runs, and returns as much of it as is needed."""


class GitFailure(Exception):
    """A Git command failed; `stderr` is what it printed."""

    def __init__(self, command: str, stderr: str) -> None:
        super().__init__(command, stderr)  # all arguments, so that it can be sent from another process
        self.command, self.stderr = command, stderr.strip()

    def __str__(self) -> str:
        return f"git {self.command}: {self.stderr}"

    @property
    def reason(self) -> str:
        """The cause, in one line: what the server said and the reason it gave for a ref, else Git's own first error."""
        said = [" ".join(line.split()) for line in _SAID.findall(self.stderr)]
        given = next(iter(_GIVEN.findall(self.stderr)), "")
        if said or given:
            return " ".join(filter(None, (*said, f"({given})" if given else "")))[:_LONGEST]
        marked = _ERROR.search(self.stderr)
        return marked[0] if marked else self.stderr.rpartition("\n")[2] or "no reason given"


class RefMoved(GitFailure):
    """A compare-and-swap failed: a ref is not where the caller last saw it."""


class RemoteUnreachable(GitFailure):
    """Git could not fetch or push: the remote did not answer, or refused, or something here is in the way."""


class Entry(NamedTuple):  # a dataclass takes five times as long to create, and a tree may have tens of thousands
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


@dataclass(frozen=True)
class Landing:
    """A commit of a branch along first parents, such as a merge: its time (seconds since 1970, the committer's), and the
    files that it changed in the branch. A file that it removed has the mode 0.
    """

    oid: str
    parents: tuple[str, ...]
    at: int
    author: Identity
    message: str
    files: tuple[Entry, ...]

    @property
    def subject(self) -> str:
        """The first line of its message."""
        return self.message.partition("\n")[0]


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


# Git sets these for its hooks. With any of them, our commands would use the repository or index of that hook. These are the
# names of places in `git rev-parse --local-env-vars`, and the namespace; settings stay, because a person may give them.
_HOOK_VARIABLES = (
    "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR", "GIT_NAMESPACE", "GIT_PREFIX",
)  # fmt: skip
# English, because some messages are parsed; no locks that the person's own `git commit` would run into; no other context.
_ENVIRONMENT = {
    "LC_ALL": "C", "LANGUAGE": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_DIFF_OPTS": "",
}  # fmt: skip
# The commands that write what lasts, and those that transfer objects. (merge-tree writes only objects that nothing refers
# to; symbolic-ref and config are almost always used to read.)
_WRITING = {
    "hash-object", "read-tree", "update-index", "write-tree", "mktree", "commit-tree",
    "update-ref", "merge", "fetch", "push",
}  # fmt: skip

_NO_HOOKS = ("-c", f"core.hooksPath={os.devnull}")  # a person's are for what the person does
_USAGE = 129  # Git's status for an option that it does not know
_INSTALL = "Install Git 2.38 or newer."
_ERROR = re.compile(r"^(?:fatal|error|ssh): .*\S", re.MULTILINE)
_SAID = re.compile(r"^remote: (.*\S)", re.MULTILINE)
# what `push --porcelain` says of a ref that was refused; that an atomic push failed is not why it did
_GIVEN = re.compile(r"^!\t\S+\t\[[a-z ]+\] \((?!atomic )(.+)\)$", re.MULTILINE)
_LONGEST = 600
_TREE_ROW = re.compile(r"(\d+) \w+ (\w+)\t([^\0]+)\0")
_ROW = re.compile(r"(.) (\d+) (\w+) (\d)\t([^\0]+)\0")
_MODES = {f"{mode:o}": mode for mode in (REGULAR, EXECUTABLE, SYMLINK)}
_FILE_MODE = ("config", "--type=bool", "--default=true", "--get", "core.fileMode")
_HUNK = re.compile(rb"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)


def forget_inherited_repository() -> str:
    """Remove the variables of a Git hook from this process's environment, and those that have Git print what it does where
    we read what went wrong: for programs, as they start.

    Returns the path of the index that the hook was given; "" when this is no hook.
    """
    traces = (
        name for name, value in os.environ.items() if name.startswith("GIT_TRACE") and value in ("1", "2", "true")
    )
    given = {name: os.environ.pop(name, "") for name in (*_HOOK_VARIABLES, *traces)}
    index = given["GIT_INDEX_FILE"]
    return index and os.path.abspath(index)  # noqa: PTH100  it may be relative, and a link


def decode(name: bytes) -> str:
    """The name of a file or ref as text; bytes that are not UTF-8 become lone surrogates, as in Python's own names."""
    return name.decode("utf-8", "surrogateescape")


def encode(name: str) -> bytes:
    """The inverse of `decode`."""
    return name.encode("utf-8", "surrogateescape")


class Repository:
    """One Git repository.

    GitPython (`Repo.git`) is the project's handle to Git: what writes or transfers objects runs through it. What only reads
    runs plumbing in a subprocess, because it is called most often and needs none of GitPython's parsing, and because
    `validate` and `--help` must not import it: that takes longer than all of their other imports. GitPython's objects,
    refs, index and `Remote` are not used: they fail in SHA-256 repositories, and `Remote.push` discards the server's
    messages. Nothing has to be closed: of GitPython, only the objects keep processes.
    """

    def __init__(self, path: Path) -> None:
        """Open the repository that contains `path`; UserError when there is none."""
        self.derived: dict[str, Any] = {}
        """What callers read of objects or derived from them, which never changes, each under a key of its own.

        It is kept here so that views of one repository share it, and because it may refer to the repository.
        """
        self._known_commits: set[str] = set()  # ids of commits that were read, so that they exist here
        self._at = str(path)
        # --show-toplevel comes last: where there is no work tree it fails, after the rest has been printed
        status, out, err = self.attempt("rev-parse", "--path-format=absolute", "--git-common-dir", "--show-toplevel")
        rows = decode(out).split("\n")
        if rows[0].startswith("--"):  # an option that this Git does not know
            raise UserError("This Git is too old.", _INSTALL)
        if not rows[0]:
            if "not a git repository" in err:
                raise UserError(f"{path} is not in a Git repository.", "Go into a clone, or create one with: git init")
            raise UserError(f"Git cannot open the repository at {path}.", f"Git says: {' '.join(err.split())}")
        self.directory = Path(rows[0])
        """Git's own folder, with the objects and refs; for a linked work tree, that of the main one."""
        self.root = Path(rows[1]) if status == 0 else None
        """The top of the work tree; None in a bare repository, and inside `.git`."""
        self._at = str(self.root or self.directory)

    # Running Git

    def attempt(
        self,
        *words: str,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        take: Take | None = None,
    ) -> tuple[int, bytes, str]:
        """Run one Git command and return its exit status, standard output and standard error.

        Every command passes through here. `cwd` is the work tree's top unless given. With `take`, the output of a command
        that reads goes to it while the command runs. UserError when the folder does not exist, or when Git is not
        installed, or too old to know the command and its options.
        """
        where = str(cwd or self._at)
        if not os.path.isdir(where):  # noqa: PTH112
            raise UserError(f"There is no folder {where}.", "Go to one that exists: cd")
        name, env = _command(words), {**_ENVIRONMENT, **(env or {})}
        if name in _WRITING:
            status, out, err = self._write(["git", "-C", where, *_NO_HOOKS, *words], stdin or b"", env)
        else:
            status, out, err = _read(["git", "-C", where, *words], stdin or b"", {**os.environ, **env}, take)
        said = err.decode(errors="replace").rstrip("\n")
        if status == _USAGE:
            raise UserError(f"This Git is too old for `git {name}` ({said.partition(chr(10))[0]}).", _INSTALL)
        return status, out, said

    def run(
        self, *words: str, stdin: bytes | None = None, env: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> bytes:
        """Run one Git command and return its standard output; GitFailure when it fails."""
        status, out, err = self.attempt(*words, stdin=stdin, env=env, cwd=cwd)
        if status:
            raise GitFailure(_command(words), err)
        return out

    def text(self, *words: str, cwd: Path | None = None) -> str:
        """Run one Git command and return its output as text without trailing newlines; GitFailure when it fails."""
        return decode(self.run(*words, cwd=cwd)).rstrip("\n")

    def _write(self, command: list[str], stdin: bytes, env: Mapping[str, str]) -> tuple[int, bytes, bytes]:
        import tempfile  # 4 ms, and no check of a folder needs it

        with tempfile.TemporaryFile() as feed:  # GitPython takes standard input as an open file only
            feed.write(stdin)
            feed.seek(0)
            status, out, err = self._handle.git.execute(
                command,
                istream=cast(BinaryIO, feed),
                env=env,
                with_extended_output=True,
                with_exceptions=False,
                stdout_as_string=False,
                strip_newline_in_stdout=False,
            )
        return status, out, encode(err)

    @cached_property
    def _handle(self) -> git.Repo:
        import git

        return git.Repo(self._at)

    # Objects

    def staged_tree(self, index: str = "") -> str:
        """Store the tree that a commit would have now, and return its id. UserError when conflicts are left.

        `index` is the one that a hook was given: of `git commit --all`, or of a commit of some files.
        """
        ours = index and Path(index).resolve().is_relative_to(self.directory.resolve())  # with -C, it may be another's
        # --missing-ok: a partial clone need not fetch what it only names
        status, out, err = self.attempt("write-tree", "--missing-ok", env={"GIT_INDEX_FILE": index} if ours else {})
        if status:
            raise UserError(f"What is staged is no tree: {GitFailure('write-tree', err).reason}", "See it: git status")
        return decode(out).strip()

    def entries(self, treeish: str, *paths: str) -> tuple[Entry, ...]:
        """Every file of the tree below `paths` (all when none is given).

        That is including symlinks and submodules, which are not followed.
        """
        listing = self._objects("--literal-pathspecs", "ls-tree", "-r", "-z", "--full-tree", treeish, "--", *paths)
        rows = _TREE_ROW.findall(decode(listing))
        _refuse_malformed([row[2] for row in rows])
        modes = {digits: int(digits, 8) for digits in {row[0] for row in rows}}
        return tuple(Entry(path, modes[digits], oid) for digits, oid, path in rows)

    def _objects(self, *words: str, stdin: bytes | None = None, take: Take | None = None) -> bytes:
        """Run a command that reads objects; UserError when they are not there, as in a partial clone without its remote."""
        status, out, err = self.attempt(*words, stdin=stdin, take=take)
        if status:
            raise UserError(
                f"Git cannot read the objects of this repository: {GitFailure(_command(words), err).reason}",
                "A partial clone has to reach its remote: git remote -v; a damaged one is found by: git fsck",
            )
        return out

    def files(self, folder: Path, *paths: str) -> tuple[list[Entry], dict[str, int], list[Entry]]:
        """The files of a work tree below `paths` of `folder` (all when none is given), without what is ignored.

        Returns the entries that are as Git last saw them, the names of those that the caller has to look at, and the
        entries that need not be there: submodules, and what a sparse checkout leaves out; all relative to `folder`.
        With a name goes its mode if only Git knows that (core.fileMode is false, as on Windows), else 0. UserError when
        Git cannot list them.

        Git compares time and size, and reads a file only when these differ, with the line ends that it would store
        (`diff-files` takes each such file for changed: all of them after a `touch`). The caller has to look at a file
        that Git was told to assume unchanged (its letter is not H), and at a repository inside of this one.
        """
        quiet = ("-c", "core.fsmonitor=false", "-c", "diff.autoRefreshIndex=true", "--literal-pathspecs")
        differ = ("diff", "-z", "--name-only", "--no-renames", "--no-ext-diff", "--ignore-submodules=all", "--relative")
        questions = (
            ("ls-files", "-z", "-v", "--stage", "--", *paths),
            (*differ, "--", *paths),
            ("ls-files", "-z", "--others", "--exclude-standard", "--", *paths),
            _FILE_MODE,
        )
        from concurrent.futures import ThreadPoolExecutor  # 10 ms, and only needed here

        found, sparse, odd = [], [], []
        try:
            with ThreadPoolExecutor(len(questions)) as pool:  # each visits every file, in a way of its own
                answers = pool.map(lambda words: decode(self.run(*quiet, *words, cwd=folder)), questions)
                for letter, mode, oid, stage, path in _ROW.findall(next(answers)):  # the others take longer
                    if letter == "H" and stage == "0" and mode in _MODES:
                        found.append(Entry(path, _MODES[mode], oid))
                    elif stage == "0" and (letter in "Ss" or mode == f"{SUBMODULE:o}"):
                        sparse.append(Entry(path, int(mode, 8), oid))
                    else:
                        odd.append(path)
                changed, others, sees_modes = answers
        except GitFailure as problem:
            raise UserError(
                f"Git cannot list the files in {folder}: {problem.reason}", "Ask it: git status"
            ) from problem
        doubtful = dict.fromkeys(filter(None, [*changed.split("\0"), *others.split("\0"), *odd]), 0)
        if sees_modes == "false\n":
            doubtful |= {entry.path: entry.mode for entry in found if entry.path in doubtful}
        for entry in sparse:
            doubtful.pop(entry.path, None)
        names = {name.rstrip("/"): mode for name, mode in doubtful.items()}
        return [each for each in found if each.path not in doubtful], names, sparse

    def sees_modes(self) -> bool:
        """Whether Git reads executable bits from the work tree (core.fileMode), which Windows does not have."""
        return self.text(*_FILE_MODE) == "true"

    def ignored(self, *paths: str) -> list[str]:
        """The files below `paths` that Git ignores; of a folder that it ignores whole, the folder with a slash."""
        quiet = ("-c", "core.fsmonitor=false", "--literal-pathspecs")
        which = ("--others", "--ignored", "--exclude-standard", "--directory")
        listed = self.run(*quiet, "ls-files", "-z", *which, "--", *paths, cwd=self.root)
        found: list[str] = []
        for name in sorted(filter(None, decode(listed).split("\0"))):
            # with a .gitignore of its own (`*`), a folder is listed, and so is each file in it
            if not (found and found[-1].endswith("/") and name.startswith(found[-1])):
                found.append(name)
        return found

    def blobs(self, names: Iterable[str], large: dict[str, int] | None = None) -> dict[str, bytes]:
        """The contents of many blobs by name, without those that do not exist.

        `names` are object ids or `<commit>:<path>`. The sizes of blobs above MOST_BYTES, which are never held in memory,
        are put into `large`; UserError without that.
        """
        wanted = {name: encode(name) for name in names if "\0" not in name}  # no name in Git has a NUL
        if not wanted:
            return {}
        names_read = b"\0".join([*wanted.values(), b""])

        def take(out: BinaryIO) -> bytes:
            return b"".join(piece for raw in wanted.values() for piece in _one_blob(out, raw, skip=True))

        # --buffer, or Git would write, and we would read, each object by itself
        out = self._objects("cat-file", "--batch", "--buffer", "-z", stdin=names_read, take=take)
        found, above, stream = {}, {} if large is None else large, io.BytesIO(out)
        for name, raw in wanted.items():
            header, content = _one_blob(stream, raw)
            if (size := _size(header)) > MOST_BYTES:
                above[name] = size
            elif size >= 0:
                found[name] = content[:-1]
        for name, size in {} if large is not None else above.items():
            raise UserError(
                f"The object {name} has {size:,} bytes, more than the {MOST_BYTES:,} that are read.", "Remove it."
            )
        return found

    def ids(self, names: Iterable[str]) -> dict[str, str]:
        """The ids of many objects by name, such as `<commit>:<path>` with a whole id; without those that do not exist."""
        wanted = [*dict.fromkeys(names)]
        feed = encode("".join(f"{name}\0" for name in wanted))
        said, at, found = decode(self._objects("cat-file", "--batch-check=%(objectname)", "-z", stdin=feed)), 0, {}
        for name in wanted:
            missing = f"{name} missing\n"  # the name may have newlines
            if said.startswith(missing, at):
                at += len(missing)
            else:
                end = said.index("\n", at)
                found[name], at = said[at:end], end + 1
        return found

    def hunks(self, old: str, new: str, context: int = 0) -> tuple[Hunk, ...]:
        """The places where the blobs `old` and `new` differ, whatever the person's configuration says about diffs."""
        plain = ("--no-color", "--no-ext-diff", "--no-textconv", "--text", "--diff-algorithm=myers")
        out = self.run("diff", *plain, f"--unified={context}", "--inter-hunk-context=0", old, new)
        return tuple(Hunk(*(int(number or 1) for number in numbers)) for numbers in _HUNK.findall(out))

    def changed(self, old: str, new: str) -> dict[str, str]:
        """The paths that differ between two commits, given by their ids, each with A, D, M or T (its type changed)."""
        known: dict[tuple[str, str], dict[str, str]] = self.derived.setdefault("changed", {})
        if (old, new) not in known:
            words = decode(self.run("diff-tree", "-r", "-z", "--no-renames", "--name-status", old, new)).split("\0")
            known[old, new] = dict(zip(words[1::2], words[0::2], strict=False))
        return known[old, new]

    def renames(self, old: str, new: str) -> dict[str, str]:
        """The new path of each file that was renamed between two commits, by its old one; Git compares the contents."""
        out = self.run("diff-tree", "-r", "-z", "-M", "--diff-filter=R", "--name-status", old, new)
        words = decode(out).split("\0")
        return dict(zip(words[1::3], words[2::3], strict=False))

    @cached_property
    def zeros(self) -> str:
        """The id that Git writes for no object: as many zeros as an id of this repository has digits."""
        return "0" * (64 if self.text("rev-parse", "--show-object-format") == "sha256" else 40)

    # History

    def commits(self, *revisions: str) -> tuple[Commit, ...]:
        """The commits that `revisions` select (as for git log), oldest first."""
        # whatever is configured
        form = ("--encoding=UTF-8", "--no-show-signature", "--format=%H%n%T%n%P%n%an%n%ae%n%B")
        out = self.run("log", "-z", "--topo-order", "--reverse", *form, "--end-of-options", *revisions, "--")
        found = []
        for row in out.decode("utf-8", "replace").split("\0"):
            if row:
                oid, tree, parents, name, email, message = row.split("\n", 5)
                found.append(Commit(oid, tree, tuple(parents.split()), Identity(name, email), message))
        self._known_commits.update(commit.oid for commit in found)
        return tuple(found)

    def landings(self, tip: str, *paths: str) -> list[Landing]:
        """The commits along first parents that changed something below `paths` (anything when none is given), oldest first."""
        form = ("--encoding=UTF-8", "--no-show-signature", "--format=%H%n%P%n%ct%n%an%n%ae%n%B")
        diff = ("--diff-merges=first-parent", "--raw", "--no-abbrev", "--no-renames", "--no-ext-diff")
        words = ("--literal-pathspecs", "-c", "log.showRoot=true", "log", "-z", "--reverse", "--first-parent")
        rows = decode(self._objects(*words, *diff, *form, "--end-of-options", tip, "--", *paths)).split("\0")
        found: list[Landing] = []
        at = 0
        while at < len(rows) - 1:
            oid, parents, seconds, name, email, message = encode(rows[at]).decode("utf-8", "replace").split("\n", 5)
            at += 1
            files = []
            while at < len(rows) - 1 and rows[at].lstrip("\n").startswith(":"):
                _, mode, _, blob, _ = rows[at].split(" ")
                files.append(Entry(rows[at + 1], int(mode, 8), blob))
                at += 2
            found.append(
                Landing(
                    oid, tuple(parents.split()), int(seconds), Identity(name, email), message.rstrip("\n"), tuple(files)
                )
            )
        return found

    def ancestry(self, tips: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Every commit that is reachable from `tips` (object ids), with its parents."""
        rows = self.run("rev-list", "--parents", "--stdin", stdin="".join(f"{tip}\n" for tip in tips).encode())
        return _with_parents(rows.decode())

    def mainline(self, tip: str, excluded: str) -> dict[str, tuple[str, ...]]:
        """The commits from `tip` along first parents, down to those that `excluded` contains, each with its parents.

        The newest comes first.
        """
        return _with_parents(self.text("rev-list", "--first-parent", "--parents", tip, f"^{excluded}", "--"))

    def touching(self, old: str, new: str, paths: Iterable[str]) -> list[str]:
        """The commits from `old` to `new` along first parents that change any of `paths`, the oldest first."""
        words = ("--literal-pathspecs", "rev-list", "--first-parent", "--reverse", f"{old}..{new}", "--", *paths)
        return self.text(*words).split()

    def root_commit(self, tip: str) -> str:
        """The first commit along first parents: the same in every complete clone, whatever was merged later."""
        return self.text("rev-list", "--first-parent", "--max-parents=0", tip)

    def merge_base(self, one: str, other: str) -> str | None:
        """The best common ancestor of two commits, given by their ids; None when there is none, or a shallow clone hides it."""
        known: dict[tuple[str, str], str] = self.derived.setdefault("merge bases", {})
        if (one, other) not in known:
            status, out, _ = self.attempt("merge-base", "--end-of-options", one, other)
            if status or not out.strip():
                return None
            known[one, other] = out.decode().split()[0]
        return known[one, other]

    def is_ancestor(self, old: str, new: str) -> bool:
        """Whether `new` contains `old`; False when one of them is not here, as in a shallow clone."""
        return self.attempt("merge-base", "--is-ancestor", old, new)[0] == 0

    @property
    def is_shallow(self) -> bool:
        """Whether this is a shallow clone, whose history is cut off."""
        cut = self.directory / "shallow"
        return cut.is_file() and cut.stat().st_size > 0

    # Refs, remotes and work trees

    def find(self, ref: str) -> str | None:
        """The id of the commit `ref`, or None. A branch may be given by its short name, local or on a remote."""
        if ref in self._known_commits:
            return ref
        short = () if ref.startswith("refs/") else (f"refs/remotes/{ref}", f"refs/remotes/origin/{ref}")
        for name in (ref, *short):
            status, out, _ = self.attempt("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
            if status == 0:
                oid = out.decode().split()[-1]
                self._known_commits.add(oid)
                return oid
        return None

    def resolve(self, ref: str) -> str:
        """The id of the commit `ref`; UserError when there is none."""
        if (oid := self.find(ref)) is None:
            if self.find("HEAD") is None and not self.refs("refs/heads/"):
                raise UserError(
                    "This repository has no commit yet.",
                    "Make the first one: git commit --no-verify --allow-empty --message Begin",
                )
            raise UserError(f"There is no commit called {ref!r} here.", "List the branches: git branch --all")
        return oid

    def refs(self, *prefixes: str) -> dict[str, str]:
        """Every ref under any of `prefixes`, with the id of its object."""
        rows = self.text("for-each-ref", "--format=%(objectname) %(refname)", *prefixes).split("\n")
        return {name: oid for oid, _, name in (row.partition(" ") for row in rows) if name}

    def identity(self) -> Identity:
        """The configured Git author; UserError when there is none."""
        status, out, _ = self.attempt("var", "GIT_AUTHOR_IDENT")
        name, _, rest = out.decode("utf-8", "replace").partition(" <")
        if status or not name or not rest:
            raise UserError(
                "Git does not know who you are.",
                'Tell it: git config user.name "Your Name" && git config user.email you@example.org',
            )
        return Identity(name, rest.partition(">")[0])

    def worktrees(self) -> dict[str, Path]:
        """The branches (full ref names) that are checked out, each with the folder of its work tree."""
        found: dict[str, Path] = {}
        for block in self.run("worktree", "list", "--porcelain", "-z").split(b"\0\0"):
            facts = dict(decode(line).partition(" ")[::2] for line in block.split(b"\0") if line)
            if "branch" in facts and "prunable" not in facts:  # else its folder was deleted
                found[facts["branch"]] = Path(facts["worktree"])
        if self.root and self.root not in found.values():  # Git lists a separate folder of its own instead
            found = {branch: self.root if at == self.directory else at for branch, at in found.items()}
        return found

    def is_branch_name(self, name: str) -> bool:
        """Whether Git allows a branch to be called `name`."""
        allowed = name != "HEAD" and not name.startswith("-")
        return allowed and self.attempt("check-ref-format", f"refs/heads/{name}")[0] == 0

    def has_remote(self, name: str) -> bool:
        """Whether there is a remote of this name."""
        return self.remote_url(name) is not None

    @property
    def remote(self) -> str:
        """The name that the remote with the pull requests has, if there is one."""
        return os.environ.get(REMOTE_VARIABLE) or "origin"

    @property
    def shared(self) -> str | None:
        """The remote with the pull requests; None without one. UserError when one was named that is not there."""
        if self.has_remote(self.remote):
            return self.remote
        if self.remote != "origin":
            raise UserError(f"There is no remote {self.remote!r}.", "List the remotes: git remote -v")
        return None

    def remote_url(self, remote: str) -> str | None:
        """The URL that Git uses for a remote; None when there is no remote of this name."""
        status, out, _ = self.attempt("remote", "get-url", "--", remote)
        return None if status else decode(out).rstrip("\n")

    def default_branch(self, remote: str | None = None, refs: Mapping[str, str] | None = None) -> str:
        """The short name of the branch that pull requests are merged into; UserError when it cannot be determined.

        Give `refs` if all branches have been listed already.
        """
        if remote:
            status, out, _ = self.attempt("symbolic-ref", "--quiet", f"refs/remotes/{remote}/HEAD")
            if status == 0:
                return decode(out).rstrip("\n").removeprefix(f"refs/remotes/{remote}/")
        prefix = f"refs/remotes/{remote}/" if remote else "refs/heads/"
        listed = self.refs(prefix) if refs is None else refs
        branches = [name.removeprefix(prefix) for name in listed if name.startswith(prefix)]
        for name in ("main", "master"):
            if name in branches:
                return name
        if len(branches) == 1:
            return branches[0]
        self.resolve("HEAD")  # says so when there is no commit at all
        several = "are several branches here, none" if branches else "is no branch here"
        raise UserError(f"There {several} called main or master.", "Name the base: --base BRANCH")


def _refuse_malformed(paths: list[str]) -> None:
    """UserError when no file system could hold a tree with these paths, so that nobody could have looked at it whole."""
    known = set(paths)
    folders = {path.rpartition("/")[0] for path in paths} - {""}
    twice = (
        [path for path, count in Counter(paths).items() if count > 1] if len(known) < len(paths) else known & folders
    )
    if twice:
        raise UserError(
            f"A tree of this repository is malformed at {min(twice)!r}.", "See what else is wrong: git fsck"
        )


def _read(command: list[str], stdin: bytes, env: Mapping[str, str], take: Take | None) -> tuple[int, bytes, bytes]:
    try:
        if take is None:
            done = subprocess.run(command, input=stdin, capture_output=True, env=env, check=False)
            return done.returncode, done.stdout, done.stderr
        with subprocess.Popen(command, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=env) as process:
            pipes = (process.stdin, process.stdout, process.stderr)
            into, out, err = (cast(BinaryIO, pipe) for pipe in pipes)
            feeder = threading.Thread(target=_feed, args=(into, stdin), daemon=True)
            feeder.start()
            try:
                taken, said = take(out), err.read()
            except BaseException:
                process.kill()
                raise
            feeder.join()
        return process.returncode, taken, said
    except FileNotFoundError as problem:
        raise UserError("The program git was not found.", _INSTALL) from problem


def _one_blob(out: BinaryIO, name: bytes, *, skip: bool = False) -> tuple[bytes, bytes]:
    """Read one answer of `cat-file --batch`: its first line, and the content with a line feed.

    The content of a large blob is left out; with `skip` it comes next, and is skipped.
    """
    header = out.readline()
    while header and name.startswith(header):  # the name of what is missing is printed, and may have newlines
        header += out.readline()
    size = _size(header)
    if size <= MOST_BYTES:
        return header, out.read(size + 1) if size >= 0 else b""
    for at in range(0, size + 1, _PIECE) if skip else ():
        out.read(min(_PIECE, size + 1 - at))
    return header, b""


def _size(header: bytes) -> int:
    """The size of a blob by the first line of an answer; -1 if there is no such blob."""
    size = header.rstrip(b"\n").rpartition(b" ")[2]
    return int(size) if size.isdigit() else -1


def _feed(into: BinaryIO, content: bytes) -> None:
    with contextlib.suppress(BrokenPipeError), into:  # the command has ended, and says why
        into.write(content)


def _with_parents(rows: str) -> dict[str, tuple[str, ...]]:
    """The output of `rev-list --parents`: each commit with its parents."""
    return {commit: tuple(parents) for commit, *parents in map(str.split, rows.splitlines())}


def _command(words: Iterable[str]) -> str:
    """The command among `words`: the first that is neither an option of `git` itself nor the value of `-c`."""
    return next(word for last, word in pairwise(("", *words)) if last != "-c" and not word.startswith("-"))
