"""Receipts: who approved a merge, as the forge reported. One file for each merge, on a branch of their own.

A job on main writes them, so they are there for merges in the forge's own page, too. Whoever may push to the branch can
forge one, unless it is attested.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from skill_fleet.git import ABSENT, GitFailure, Identity, Repository, Update, push, refused, write_commit, write_tree

RECEIPTS = "skill-fleet-receipts"
"""The branch, with a file `COMMIT.json` for each merge."""
OID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_MOST = 50
_FACTS = {
    "login": re.compile(r"[A-Za-z0-9_-]+(?:\[bot\])?"),
    "id": re.compile(r"[0-9]{1,20}"),
    "pull": re.compile(r"[0-9]{1,18}"),
    **dict.fromkeys(("commit", "tree", "head"), OID),
}
"""What each fact of a receipt looks like: a name with words behind it could pass for what others have recorded."""


@dataclass(frozen=True)
class Approval:
    """An approval: the account's name and number, and the commit that it is about."""

    login: str
    id: str
    head: str


@dataclass(frozen=True)
class Receipt:
    """A merge by its commit and tree, the head of the branch that was merged, the pull request, and its approvals.

    `writers` are the authors of the commits that wrote the file, as these name them: more than one if it was changed.
    """

    commit: str
    tree: str
    head: str
    pull: int
    approvals: tuple[Approval, ...]
    writers: tuple[str, ...] = ()


def read_receipts(repo: Repository) -> dict[str, Receipt | None]:
    """All receipts, by the commit in the name of the file; None for a file that is not a receipt.

    They are read as the remote has them, or here where there is none: a branch of a fork, checked out, may have the name.
    """
    branch = repo.find(f"refs/remotes/{repo.shared}/{RECEIPTS}" if repo.shared else f"refs/heads/{RECEIPTS}")
    if branch is None:
        return {}
    writers: dict[str, list[str]] = {}
    for landing in repo.landings(branch):
        for entry in landing.files:
            writers.setdefault(entry.path, []).append(f"{landing.author.name} <{landing.author.email}>")
    files = {entry.path: entry.oid for entry in repo.entries(branch) if entry.path.endswith(".json")}
    contents = repo.blobs(files.values(), {})
    return {
        path.removesuffix(".json"): _receipt(contents.get(oid, b""), writers.get(path, ()))
        for path, oid in files.items()
    }


def _receipt(content: bytes, writers: Sequence[str]) -> Receipt | None:
    try:
        facts = json.loads(content)
        approvals = tuple(
            Approval(*(_fact(row, name) for name in ("login", "id", "head"))) for row in facts["approvals"]
        )
        commit, tree, head, pull = (_fact(facts, name) for name in ("commit", "tree", "head", "pull"))
        return Receipt(commit, tree, head, int(pull), approvals, tuple(dict.fromkeys(writers)))
    except (ValueError, LookupError, TypeError, RecursionError):
        return None


def _fact(facts: Mapping[str, object], name: str) -> str:
    """A fact as text; ValueError when it does not look like one."""
    if not _FACTS[name].fullmatch(text := str(facts[name])):
        raise ValueError(name)
    return text


def without_receipt(repo: Repository, tip: str) -> list[str]:
    """The last commits of a branch along first parents, the newest first, that have no receipt."""
    known = read_receipts(repo)
    last = repo.text("rev-list", "--first-parent", f"--max-count={_MOST}", tip).split()
    return [oid for oid in last if oid not in known]


def receipt_of(repo: Repository, commit: str, head: str, pull: int, approvals: Sequence[Approval]) -> Receipt:
    """The receipt of a merge that is here."""
    return Receipt(commit, repo.text("rev-parse", f"{commit}^{{tree}}"), head, pull, tuple(approvals))


def write_receipts(
    repo: Repository, remote: str, receipts: Sequence[Receipt], author: Identity, copies: Path | None = None
) -> None:
    """Add receipts to the branch on `remote`, as one commit; `copies` is a folder that gets the files, too.

    UserError when the remote refuses them.
    """
    files = {}
    for each in receipts:
        facts = {name: value for name, value in asdict(each).items() if name != "writers"}
        files[f"{each.commit}.json"] = f"{json.dumps(facts, indent=1)}\n".encode()
    ref, copy = f"refs/heads/{RECEIPTS}", f"refs/remotes/{remote}/{RECEIPTS}"
    old = repo.find(copy)
    message = "Record who approved\n\n" + "".join(f"Merge: {each.commit}\n" for each in receipts)
    new = write_commit(repo, write_tree(repo, old, files), [old] if old else [], message, author)
    if copies:
        copies.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (copies / name).write_bytes(content)
    try:
        push(repo, remote, [Update(ref, new, old or ABSENT)])
    except GitFailure as problem:
        raise refused(remote, problem) from problem
    repo.run("update-ref", copy, new)
