"""Moving the branches of a repository that has no remote, with the files of those that are checked out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from skill_fleet.errors import UserError
from skill_fleet.fleet.git import Repository
from skill_fleet.fleet.git_write import ABSENT, RefMoved, Update, follow_branch, move_refs


def land(repo: Repository, updates: Sequence[Update]) -> None:
    """Move local refs. A branch that is checked out goes first, with its files: a crash after that leaves a branch
    that its own work tree agrees with, and the caller, run again, finds it moved and adds the rest."""
    checked_out = repo.worktrees() if any(move.ref.startswith("refs/heads/") for move in updates) else {}
    refs = repo.refs("refs/") if checked_out else {}
    for move in updates:
        if checked_out and refs.get(move.ref, ABSENT) != move.old:
            raise RefMoved("update-ref", f"{move.ref} is elsewhere")
    for move in updates:
        if move.ref in checked_out:
            _advance(repo, move, checked_out[move.ref])
    move_refs(repo, [move for move in updates if move.ref not in checked_out])


def _advance(repo: Repository, move: Update, worktree: Path) -> None:
    """Fast-forward a branch with its files; RefMoved when it is elsewhere, UserError when the files do not allow it."""
    if why := follow_branch(repo, move.ref.removeprefix("refs/heads/"), move.new):
        if repo.refs(move.ref).get(move.ref) == move.old:
            raise UserError(why, f"Look at it: git -C {worktree} status")
        raise RefMoved("merge", why)
