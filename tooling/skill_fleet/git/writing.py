"""Writing with Git: commits made from objects alone, refs that move only from where the caller saw them.

Nothing here touches a person's index or work tree, but for `follow_branch`. The hooks of the person do not run.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from skill_fleet.errors import UserError
from skill_fleet.git.repository import (
    ABSENT,
    EXECUTABLE,
    REGULAR,
    GitFailure,
    Identity,
    RefMoved,
    RemoteUnreachable,
    Repository,
    Update,
    decode,
    encode,
)


def make_repository(folder: Path) -> Repository:
    """Create `folder` and a repository in it, whose branch main has no commit yet."""
    import git

    git.Repo.init(folder, initial_branch="main").close()
    return Repository(folder)


@contextlib.contextmanager
def scratch_folder(parent: Path) -> Iterator[Path]:
    """A folder in `parent` for the time of a `with`."""
    remove_stale_scratch(parent)
    with tempfile.TemporaryDirectory(
        "-tmp", f".skill-fleet-{os.getpid()}-", parent, ignore_cleanup_errors=True
    ) as folder:
        yield Path(folder)


def remove_stale_scratch(parent: Path) -> None:
    """Remove the scratch folders in `parent` of processes that were killed."""
    for old in parent.glob(".skill-fleet-*-tmp"):
        if old.name.split("-")[2].isdecimal() and not _is_running(int(old.name.split("-")[2])):
            shutil.rmtree(old, ignore_errors=True)


def _is_running(process: int) -> bool:
    if os.name != "posix":  # elsewhere, this signal would end it
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's
        pass
    return True


def write_blobs(repo: Repository, contents: Iterable[bytes]) -> list[str]:
    """Store contents byte for byte, with no filter and no line-end conversion, and return their ids."""
    with scratch_folder(repo.directory) as folder:
        names: list[str] = []
        for content in contents:
            file = folder / str(len(names))
            file.write_bytes(content)
            names.append(str(file))
        return _printed(repo, "hash-object", "-w", "--no-filters", "--", *names).split() if names else []


def write_tree(
    repo: Repository, parent: str | None, changes: Mapping[str, bytes | None], executable: Collection[str] = ()
) -> str:
    """Store the tree of `parent` with `changes` made: new bytes for a path, or None to remove it.

    The mode is 100755 for the paths in `executable`, and 100644 for all others.

    Raises GitFailure for a path that Git would not check out: absolute, or with `..`, `.git` or an empty part in it.
    """
    oids = iter(write_blobs(repo, (content for content in changes.values() if content is not None)))
    modes = {path: EXECUTABLE if path in executable else REGULAR for path in changes}
    facts = ((path, *((0, repo.zeros) if new is None else (modes[path], next(oids)))) for path, new in changes.items())
    rows = encode("".join(f"{mode:06o} {oid}\t{path}\0" for path, mode, oid in facts))
    with scratch_folder(repo.directory) as folder:
        index = {"GIT_INDEX_FILE": str(folder / "index")}  # not the person's
        repo.run("read-tree", parent or "--empty", env=index)
        words = ("update-index", "-z", "--add", "--remove", "--index-info")
        status, _, err = repo.attempt(*words, stdin=rows, env=index)
        if status or err:  # Git skips an invalid path with a message on standard error and status 0
            raise GitFailure("update-index", err)
        return _printed(repo, "write-tree", env=index)


def mark_executable(repo: Repository, paths: Collection[str]) -> None:
    """Note in the index that new files are executable, where Git does not see that; their content is not added."""
    if paths and not repo.sees_modes():
        words = ("--literal-pathspecs", "add", "--intent-to-add", "--chmod=+x", "--force", "--", *paths)
        repo.run(*words, cwd=repo.root)


def write_folder(repo: Repository, files: Mapping[str, bytes]) -> str:
    """Store a tree of nothing but these files, all at its top."""
    oids = write_blobs(repo, files.values())
    rows = [f"{REGULAR:06o} blob {oid}\t{name}\0" for name, oid in zip(files, oids, strict=True)]
    return _printed(repo, "mktree", "-z", stdin=encode("".join(rows)))


def write_commit(repo: Repository, tree: str, parents: Sequence[str], message: str, author: Identity) -> str:
    """Store a commit and return its id. No ref moves."""
    who = {
        f"GIT_{role}_{part}": value
        for role in ("AUTHOR", "COMMITTER")
        for part, value in (("NAME", author.name), ("EMAIL", author.email))
    }
    options = [word for parent in parents for word in ("-p", parent)]
    return _printed(repo, "commit-tree", *options, tree, stdin=message.encode(), env=who)


def merge_trees(repo: Repository, ours: str, theirs: str) -> str:
    """Store the tree of the merge of two commits; UserError when they conflict."""
    tree, paths = _merge(repo, ours, theirs)
    if paths:
        raise UserError(
            f"The branch conflicts with its base in {', '.join(paths)}.",
            "Merge the base into the branch, resolve the conflict, and push.",
        )
    return tree


def conflicts(repo: Repository, ours: str, theirs: str) -> tuple[str, ...]:
    """The paths in which two commits conflict. Only unreachable objects are written."""
    return _merge(repo, ours, theirs)[1]


def _merge(repo: Repository, ours: str, theirs: str) -> tuple[str, tuple[str, ...]]:
    status, out, err = repo.attempt("merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", ours, theirs)
    tree, *paths = decode(out).split("\0")
    if status in (0, 1):
        return tree, tuple(filter(None, paths))
    raise GitFailure("merge-tree", err)


def move_refs(repo: Repository, updates: Sequence[Update]) -> None:
    """Move all refs or none; RefMoved when one is not at its `old`, or another command holds its lock."""
    rows = [f"update {move.ref}\0{move.new or repo.zeros}\0{move.old or repo.zeros}\0" for move in updates]
    script = "".join(["start\0", *rows, "prepare\0", "commit\0"])
    status, _, err = repo.attempt("update-ref", "-z", "--stdin", stdin=encode(script))
    if status:
        now = repo.refs(*(move.ref for move in updates))
        is_moved = any(now.get(move.ref, ABSENT) != move.old for move in updates)
        raise (RefMoved if is_moved or _LOCKED.search(err) else GitFailure)("update-ref", err)


_LOCKED = re.compile(r"(?:Unable to create '(.+)\.lock'|could not lock config file (.+)): File exists")


def lock_tip(said: str) -> str:
    """What to do about a lock file that Git names in `said`; "" if it names none."""
    lock = _LOCKED.search(said)
    if lock is None:
        return ""
    file = Path(f"{lock[1] or lock[2]}.lock")
    try:
        whose = f"{file.owner()} or an administrator"
    except (OSError, KeyError):  # on a server, or of a user who is gone
        whose = "its owner"
    return f"If no other Git command is running there, one that died left it, and {whose} may run: rm {file}"


_FETCHES = 6
"""How often is fetched while other commands move the same copies."""


def fetch(repo: Repository, remote: str, refspecs: Sequence[str], *, prune: bool = False, deepen: bool = False) -> None:
    """Fetch `refspecs` from `remote`, and with `deepen` the history that a shallow clone lacks.

    RemoteUnreachable when that fails. What is fetched are copies: one that is broken here is dropped and fetched again, and
    so is one that another command moves at the same time.
    """
    flags = ["--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--no-recurse-submodules"]
    flags += [*(["--prune"] if prune else []), *(["--unshallow"] if deepen and repo.is_shallow else [])]
    words = ["fetch", *flags, "--end-of-options", remote, *refspecs]
    status, _, err = repo.attempt(*words)
    if status and _drop_broken_copies(repo):
        status, _, err = repo.attempt(*words)
    fetches = 1
    while status and "cannot lock ref" in err and fetches < _FETCHES:
        status, _, err = repo.attempt(*words)
        fetches += 1
    if status:
        raise RemoteUnreachable("fetch", err)


_COPIES = ("refs/remotes/", "refs/skill-fleet-remotes/")
_BROKEN = re.compile(r"^warning: ignoring broken ref (\S+)$", re.MULTILINE)


def _drop_broken_copies(repo: Repository) -> bool:
    """Delete the copies of remotes' refs that hold no id, or one of no object here; return whether there were any."""
    _, out, err = repo.attempt("for-each-ref", "--format=%(objectname) %(refname)", *_COPIES)
    rows = [row.split(" ", 1) for row in decode(out).splitlines()]
    _, there, _ = repo.attempt("cat-file", "--batch-check", stdin="".join(f"{oid}\n" for oid, _ in rows).encode())
    missing = {line.split(" ")[0] for line in decode(there).splitlines() if line.endswith(" missing")}
    dangling, unreadable = [ref for oid, ref in rows if oid in missing], _BROKEN.findall(err)
    for ref in dangling:
        repo.run("update-ref", "--no-deref", "-d", ref)
    for ref in unreadable:  # a file: Git does not delete what it cannot read
        (repo.directory / ref).unlink(missing_ok=True)
    return bool(dangling or unreadable)


def push(repo: Repository, remote: str, updates: Sequence[Update]) -> None:
    """Move refs of `remote`, all or none, each only from its `old`.

    Each ref has a lease, because a plain push recreates a branch that was deleted and succeeds on one that was rewound.
    Where the server has no atomic pushes, what it took before it refused one is moved back. Raises RefMoved when a ref is
    elsewhere, RemoteUnreachable when the push fails otherwise.
    """
    try:
        _push(repo, remote, updates, "--atomic")
    except RemoteUnreachable as problem:
        if "atomic" not in _LACKS.findall(problem.stderr):
            raise
        _push(repo, remote, updates)


_TAKEN = re.compile(r"^[ *+-]\t[^\t:]*:(\S+)\t", re.MULTILINE)
_LACKS = re.compile(r"does not support --(atomic|signed) push")  # Git has no code for that


def _push(repo: Repository, remote: str, updates: Sequence[Update], *flags: str) -> None:
    """Run one push. Git exits 0 with "up to date" when a ref already is what we push, even if its lease does not hold: the
    caller asked for exactly this state, so that is success."""
    leases = [f"--force-with-lease={move.ref}:{move.old}" for move in updates]
    specs = [f"{move.new}:{move.ref}" for move in updates]
    plain = ("--porcelain", "--no-verify", "--no-follow-tags", "--no-recurse-submodules")
    taken = int(os.environ.get("GIT_CONFIG_COUNT") or 0)
    no_mirror = {  # else Git takes no refspecs
        "GIT_CONFIG_COUNT": f"{taken + 1}",
        f"GIT_CONFIG_KEY_{taken}": f"remote.{remote}.mirror",
        f"GIT_CONFIG_VALUE_{taken}": "false",
    }
    words = ("push", *plain, *flags, *leases, "--end-of-options", remote, *specs)
    status, out, err = repo.attempt(*words, env=no_mirror)
    if not status:
        return
    printed = f"{out.decode('utf-8', 'replace')}{err}"
    if "signed" in _LACKS.findall(printed) and "--no-signed" not in flags:  # push.gpgSign, where nobody could check it
        _push(repo, remote, updates, *flags, "--no-signed")
        return
    # also after an atomic push: a server's hidden refs are refused alone
    for move in [move for move in updates if move.ref in _TAKEN.findall(printed)]:
        with contextlib.suppress(GitFailure):  # the refusal is what counts; somebody may have built on it by now
            _push(repo, remote, [Update(move.ref, move.old, move.new)])
    # --porcelain has no code for these
    moved = any(words in printed for words in ("stale info", "cannot lock ref", "already exists"))
    raise (RefMoved if moved else RemoteUnreachable)("push", printed)


def refused(remote: str | None, problem: GitFailure) -> UserError:
    """The error for a failed fetch or push, in the words of Git or the server. Only they know whose fault it is."""
    tip = lock_tip(problem.stderr) or f"Test the remote, and see Git's settings: git remote show {remote}"
    return UserError(f"Git cannot use the remote {remote}: {problem.reason}", tip)


def follow_branch(repo: Repository, branch: str, new: str) -> str | None:
    """Fast-forward the local branch of that short name to `new`, with its files where it is checked out.

    Returns None when done (or there is no such branch, or it is there already), else why the branch was left alone.
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
        if status:  # an untracked file is in the way of a new one
            return f"Your branch {branch} was left where it is: {GitFailure('merge', err).reason}"
    else:
        move_refs(repo, [Update(ref, new, old)])
    return None


def refuse_dirty(repo: Repository, branch: str) -> None:
    """UserError when a work tree has `branch` checked out with changes of tracked files that are not committed."""
    worktree = repo.worktrees().get(f"refs/heads/{branch}")
    if worktree and repo.run("status", "--porcelain", "--untracked-files=no", cwd=worktree):
        raise UserError(
            f"The branch {branch} is checked out in {worktree} with changes that are not committed.",
            f"Commit them, or stash them: git -C {shlex.quote(str(worktree))} stash",
        )


def create_branch(repo: Repository, remote: str | None, branch: str, tip: str) -> None:
    """Create a branch that must not exist: on `remote` first, then here, with the remote's as its upstream.

    Raises RefMoved when it exists by now, RemoteUnreachable when the push fails.
    """
    if remote:
        push(repo, remote, [Update(f"refs/heads/{branch}", tip, ABSENT)])
    keep_branch(repo, remote, branch, tip)


def keep_branch(repo: Repository, remote: str | None, branch: str, tip: str) -> None:
    """Create a branch here that is on `remote` already (None: that is nowhere else), unless it is here."""
    ref = f"refs/heads/{branch}"
    if remote:
        repo.run("update-ref", f"refs/remotes/{remote}/{branch}", tip)
    if ref not in repo.refs(ref):
        move_refs(repo, [Update(ref, tip, ABSENT)])
    if remote:
        track_branch(repo, remote, branch)


def track_branch(repo: Repository, remote: str, branch: str) -> None:
    """Make the remote's branch of that name the upstream of the local one, so that `git push` and `git pull` work."""
    repo.run("config", f"branch.{branch}.remote", remote)
    repo.run("config", f"branch.{branch}.merge", f"refs/heads/{branch}")


def advance_branch(repo: Repository, remote: str | None, branch: str, new: str, old: str) -> None:
    """Move a branch from `old` to `new`, which contains it: on `remote` first, then here.

    Raises RefMoved when it is elsewhere by now, RemoteUnreachable when the push fails. Call `refuse_dirty`
    before anything is changed.
    """
    ref = f"refs/heads/{branch}"
    if remote:
        push(repo, remote, [Update(ref, new, old)])
        repo.run("update-ref", f"refs/remotes/{remote}/{branch}", new)
    if ref not in (here := repo.refs(ref)):
        create_branch(repo, None, branch, new)
    elif here[ref] != new and follow_branch(repo, branch, new) and not remote:
        raise RefMoved("update-ref", f"{ref} is at {here[ref]}")


def refuse_blocked(repo: Repository, branch: str, remote: str | None = None) -> None:
    """UserError when a branch is named like a folder of `branch`: Git cannot hold `draft` and `draft/x` at once."""
    parts = branch.split("/")
    folders = ["/".join(parts[:count]) for count in range(1, len(parts))]
    prefixes = ("refs/heads/", *([f"refs/remotes/{remote}/"] if remote else []))
    blocking = {f"{prefix}{name}": name for name in folders for prefix in prefixes}
    for ref in repo.refs(*blocking) if blocking else ():
        if name := blocking.get(ref):
            rename = f"git branch -m {name} {name}-old"
            if not ref.startswith("refs/heads/"):
                rename = f"git push {remote} {ref}:refs/heads/{name}-old :refs/heads/{name}"
            raise UserError(
                f"There is a branch called {name!r}, so none can be called {branch!r}.", f"Rename it: {rename}"
            )


def _printed(repo: Repository, *words: str, stdin: bytes | None = None, env: Mapping[str, str] | None = None) -> str:
    """Run a command and return what it prints, such as an object id; GitFailure when it fails."""
    return repo.run(*words, stdin=stdin, env=env).decode().strip()
