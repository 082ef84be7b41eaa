"""Where a draft starts from: the newest commit of the branch that it will be merged into."""

from __future__ import annotations

from collections.abc import Mapping

from skill_fleet.errors import UserError
from skill_fleet.fleet.git import Repository
from skill_fleet.fleet.git_write import RemoteUnreachable, fetch
from skill_fleet.review.opening import Where

REMOTE = "origin"


def starting_point(repo: Repository, base: str | None, *, offline: bool = False) -> tuple[Where, tuple[str, ...]]:
    """The remote, the base branch and its tip, and notes for the person; `offline` asks no remote.

    UserError when the remote does not answer, or there is no such branch.
    """
    if not repo.has_remote(REMOTE):
        refs = repo.refs("refs/heads/")
        branch = base or repo.default_branch(refs=refs)
        return Where(None, branch, _tip(refs, f"refs/heads/{branch}", branch)), ()
    if not offline:
        refresh(repo, REMOTE)
    there = f"refs/remotes/{REMOTE}/"
    refs = repo.refs(there, "refs/heads/")
    if not any(name.startswith(there) for name in refs):
        raise UserError(f"The remote {REMOTE} has no branch yet.", f"Push yours first: git push -u {REMOTE} HEAD")
    branch = base or repo.default_branch(REMOTE, refs)
    tip = _tip(refs, f"{there}{branch}", branch)
    mine = refs.get(f"refs/heads/{branch}")
    if mine and mine != tip and not repo.is_ancestor(mine, tip):
        return Where(REMOTE, branch, tip), (
            f"Your {branch} has commits that {REMOTE} does not have; the draft starts from {REMOTE}'s.",
        )
    return Where(REMOTE, branch, tip), ()


def refresh(repo: Repository, remote: str) -> None:
    """Fetch the remote's branches; UserError when it does not answer."""
    try:
        fetch(repo, remote, [f"+refs/heads/*:refs/remotes/{remote}/*"], prune=True)
    except RemoteUnreachable as problem:
        raise unreachable(remote, problem) from problem


def unreachable(remote: str, problem: RemoteUnreachable) -> UserError:
    """The error for a remote that does not answer, or refuses."""
    said = [line.strip() for line in problem.stderr.splitlines() if line.strip()]
    reason = said[0].rstrip(".") if said else "no answer"
    return UserError(f"The remote {remote} cannot be reached, or refuses: {reason}.", f"Try it: git ls-remote {remote}")


def _tip(refs: Mapping[str, str], ref: str, branch: str) -> str:
    tip = refs.get(ref)
    if tip is None:
        raise UserError(f"There is no branch {branch} to start from.", "Name one with --base BRANCH.")
    return tip
