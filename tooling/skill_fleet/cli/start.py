"""Where a draft starts from: the newest commit of the branch that it will be merged into."""

from __future__ import annotations

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
        branch = base or repo.default_branch()
        return Where(None, branch, _tip(repo, f"refs/heads/{branch}", branch)), ()
    if not offline:
        refresh(repo, REMOTE)
    if not repo.refs(f"refs/remotes/{REMOTE}/"):
        raise UserError(f"The remote {REMOTE} has no branch yet.", f"Push yours first: git push -u {REMOTE} HEAD")
    branch = base or repo.default_branch(REMOTE)
    tip = _tip(repo, f"refs/remotes/{REMOTE}/{branch}", branch)
    mine = repo.refs(f"refs/heads/{branch}").get(f"refs/heads/{branch}")
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


def _tip(repo: Repository, ref: str, branch: str) -> str:
    tip = repo.refs(ref).get(ref)
    if tip is None:
        raise UserError(f"There is no branch {branch} to start from.", "Name one with --base BRANCH.")
    return tip
