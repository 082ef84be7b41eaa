"""Git's writing half: commits made from objects alone, refs that move only from where the caller saw them."""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from skill_fleet.errors import UserError
from skill_fleet.git.repository import REGULAR, GitFailure, Identity, Repository

ABSENT = "0" * 40


class RefMoved(GitFailure):
    """A compare-and-swap lost: some ref is not where the caller saw it."""


class RemoteUnreachable(GitFailure):
    """The remote did not answer, or would not speak with us."""


@dataclass(frozen=True)
class Update:
    """Move `ref` from `old` (ABSENT: it must not exist) to `new` (ABSENT: delete it)."""

    ref: str
    new: str
    old: str


def write_blob(repo: Repository, content: bytes) -> str:
    """Store `content` as it is, no filter, no line-end conversion, and return its id."""
    return repo.run("hash-object", "-w", "--stdin", stdin=content).decode().strip()


def write_tree(repo: Repository, parent: str | None, changes: Mapping[str, bytes | None]) -> str:
    """Store the tree of `parent` with `changes` made: new bytes for a path (mode 100644), or None to remove it.

    Raises GitFailure for a path that Git would not check out: with `..` or `.git` in it, absolute, or empty in part.
    """
    rows = []
    for path, content in changes.items():
        mode, oid = (REGULAR, write_blob(repo, content)) if content is not None else (0, ABSENT)
        rows.append(f"{mode:06o} {oid}\t{path}\0".encode("utf-8", "surrogateescape"))
    with tempfile.TemporaryDirectory(dir=repo.directory) as folder:
        # an index of our own: the person's index and work tree stay as they are
        index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        repo.run("read-tree", parent or "--empty", env=index)
        words = ("update-index", "-z", "--add", "--remove", "--index-info")
        status, _, err = repo.attempt(*words, stdin=b"".join(rows), env=index)
        if status or err:  # a path that it does not like is left out with a word on standard error, and status 0
            raise GitFailure("update-index", err)
        return repo.run("write-tree", env=index).decode().strip()


def write_folder(repo: Repository, files: Mapping[str, bytes]) -> str:
    """Store a tree of nothing but these files, all at its top."""
    rows = [f"{REGULAR:06o} blob {write_blob(repo, content)}\t{name}\0" for name, content in files.items()]
    return repo.run("mktree", "-z", stdin="".join(rows).encode()).decode().strip()


def write_commit(repo: Repository, tree: str, parents: Sequence[str], message: str, author: Identity) -> str:
    """Store a commit and return its id. No ref moves."""
    who = {f"GIT_{role}_{part}": getattr(author, part.lower()) for role in ("AUTHOR", "COMMITTER") for part in _PARTS}
    above = [word for parent in parents for word in ("-p", parent)]
    return repo.run("commit-tree", *above, tree, stdin=message.encode(), env=who).decode().strip()


_PARTS = ("NAME", "EMAIL")


def merge_trees(repo: Repository, ours: str, theirs: str) -> str:
    """The tree of the merge of two commits; UserError when they conflict."""
    tree, paths = _merge(repo, ours, theirs)
    if paths:
        raise UserError(
            f"The branch conflicts with its base in {', '.join(paths)}.",
            "Merge the base into the branch, fix the conflict, and push.",
        )
    return tree


def conflicts(repo: Repository, ours: str, theirs: str) -> tuple[str, ...]:
    """The paths in which two commits cannot be merged; nothing is kept but objects that nobody points at."""
    return _merge(repo, ours, theirs)[1]


def _merge(repo: Repository, ours: str, theirs: str) -> tuple[str, tuple[str, ...]]:
    status, out, err = repo.attempt("merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", ours, theirs)
    tree, *paths = out.decode("utf-8", "surrogateescape").split("\0")
    if status in (0, 1):
        return tree, tuple(path for path in paths if path)
    raise GitFailure("merge-tree", f"{err} (Git 2.38 or newer is needed)")


def move_refs(repo: Repository, updates: Sequence[Update]) -> None:
    """Move all refs or none; RefMoved when one is not where it should be."""
    rows = [f"update {move.ref}\0{move.new}\0{move.old}\0" for move in updates]
    script = "".join(["start\0", *rows, "prepare\0", "commit\0"])
    status, _, err = repo.attempt("update-ref", "-z", "--stdin", stdin=script.encode())
    if status:
        raise RefMoved("update-ref", err)


def fetch(repo: Repository, remote: str, refspecs: Sequence[str], *, prune: bool = False) -> None:
    """Bring refs from `remote` as the refspecs say; RemoteUnreachable when it does not answer."""
    flags = ["--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", *(["--prune"] if prune else [])]
    status, _, err = repo.attempt("fetch", *flags, "--end-of-options", remote, *refspecs)
    if status:
        raise RemoteUnreachable("fetch", err)


def push(repo: Repository, remote: str, updates: Sequence[Update]) -> None:
    """Move refs of `remote`, all or none, each only from where the caller saw it.

    A lease for every ref: a plain push recreates a branch that was deleted and lands on one that was rewound.
    Raises RefMoved when a ref is elsewhere, RemoteUnreachable when the remote does not answer or refuses.
    """
    leases = [f"--force-with-lease={move.ref}:{'' if move.old == ABSENT else move.old}" for move in updates]
    specs = [f"{'' if move.new == ABSENT else move.new}:{move.ref}" for move in updates]
    flags = ["--porcelain", "--atomic", "--no-verify", "--no-follow-tags", *leases]
    status, out, err = repo.attempt("push", *flags, "--end-of-options", remote, *specs)
    if status:
        said = out.decode("utf-8", "replace")
        moved = "stale info" in said or "cannot lock ref" in said + err or "already exists" in said + err
        raise (RefMoved if moved else RemoteUnreachable)("push", f"{said}{err}")
    # Git says "up to date" and exits 0 when the ref already is what we push, also if the lease does not hold: the
    # caller asked for exactly this state, so that is success.


def follow_branch(repo: Repository, branch: str, new: str) -> str | None:
    """Fast-forward the local branch of that short name to `new`, with its files where it is checked out.

    Returns None when done (or there is no such branch, or it is there already), else why it was left alone.
    Call `refuse_dirty` before anything is changed: moving the ref under a dirty work tree would make the person's
    next commit revert ours.
    """
    ref = f"refs/heads/{branch}"
    old = repo.refs(ref).get(ref)
    if old is None or old == new:
        return None
    if not repo.is_ancestor(old, new):
        return f"Your branch {branch} has commits of its own, so it was left where it is."
    if worktree := repo.worktrees().get(ref):
        status, _, err = repo.attempt("merge", "--ff-only", "--quiet", new, cwd=worktree)
        if status:  # a file that Git does not know stands where a new one would come
            return f"Your branch {branch} was left where it is: {err.strip().splitlines()[0]}"
    else:
        move_refs(repo, [Update(ref, new, old)])
    return None


def refuse_dirty(repo: Repository, branch: str) -> None:
    """UserError when a work tree has `branch` checked out with changes that are not committed."""
    worktree = repo.worktrees().get(f"refs/heads/{branch}")
    if worktree and repo.is_dirty(worktree):
        raise UserError(
            f"The branch {branch} is checked out in {worktree} with changes that are not committed.",
            f"Commit them, or put them aside with: git -C {shlex.quote(str(worktree))} stash",
        )


def create_branch(repo: Repository, remote: str | None, branch: str, tip: str) -> None:
    """Make a branch that must not exist: on `remote` first, then here, where it follows the remote's.

    Raises RefMoved when it exists by now, RemoteUnreachable when the remote does not answer.
    """
    ref = f"refs/heads/{branch}"
    if remote:
        push(repo, remote, [Update(ref, tip, ABSENT)])
        repo.run("update-ref", f"refs/remotes/{remote}/{branch}", tip)
    if ref not in repo.refs(ref):
        move_refs(repo, [Update(ref, tip, ABSENT)])
    if remote:
        track_branch(repo, remote, branch)


def track_branch(repo: Repository, remote: str, branch: str) -> None:
    """Let the local branch follow the remote's of that name, so that a person's `git push` and `git pull` just work."""
    repo.run("config", f"branch.{branch}.remote", remote)
    repo.run("config", f"branch.{branch}.merge", f"refs/heads/{branch}")


def advance_branch(repo: Repository, remote: str | None, branch: str, new: str, old: str) -> None:
    """Move a branch from `old` on to `new`, which contains it: on `remote` first, then here.

    Raises RefMoved when it is elsewhere by now, RemoteUnreachable when the remote does not answer. Call `refuse_dirty`
    before anything is changed.
    """
    ref = f"refs/heads/{branch}"
    if remote:
        push(repo, remote, [Update(ref, new, old)])
        repo.run("update-ref", f"refs/remotes/{remote}/{branch}", new)
    if ref not in repo.refs(ref):
        create_branch(repo, None, branch, new)
    elif (at := repo.refs(ref)[ref]) != new and follow_branch(repo, branch, new) and not remote:
        raise RefMoved("update-ref", f"{ref} is at {at}")


def refuse_blocked(repo: Repository, branch: str, remote: str | None = None) -> None:
    """UserError when a branch is named like a folder of `branch`: Git cannot hold `draft` and `draft/x` at once."""
    parts = branch.split("/")
    above = ["/".join(parts[:count]) for count in range(1, len(parts))]
    prefixes = ("refs/heads/", *([f"refs/remotes/{remote}/"] if remote else []))
    blocking = {f"{prefix}{name}": name for name in above for prefix in prefixes}
    for ref in repo.refs(*blocking) if blocking else ():
        if name := blocking.get(ref):
            raise UserError(
                f"A branch is called {name!r}, so none can be called {branch!r}.",
                f"Give it another name: git branch -m {name} {name}-old",
            )
