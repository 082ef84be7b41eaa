"""Branches on GitHub: fetched, and pushed with a lease. A lost answer is settled by reading the branch again."""

from __future__ import annotations

import re

from skill_fleet.errors import UserError
from skill_fleet.forges.github.calls import Calls
from skill_fleet.forges.github.place import Place
from skill_fleet.forges.protocol import StaleHead
from skill_fleet.git import GitFailure, RefMoved, RemoteUnreachable, Repository, Update, fetch, push

_PASSING = re.compile(r"couldn't find remote ref|cannot lock ref|unable to update local ref")


def branch_tip(repo: Repository, place: Place, branch: str) -> str:
    """Return the commit of a branch on GitHub; '' if there is no such branch."""
    ref = f"refs/heads/{branch}"
    status, out, err = repo.attempt("ls-remote", "--end-of-options", place.git, ref)
    if status:
        raise _unreachable(GitFailure("ls-remote", err))
    rows = [line.split("\t") for line in out.decode().splitlines()]  # also branches whose names end like this one
    return next((oid for oid, name in rows if name == ref), "")


def fetch_branch(repo: Repository, place: Place, branch: str) -> str:
    """Fetch a branch, and return its remote-tracking ref."""
    tracking = f"refs/remotes/{repo.remote}/{branch}"
    try:
        fetch(repo, place.git, [f"+refs/heads/{branch}:{tracking}"])
    except RemoteUnreachable as problem:
        raise _unreachable(problem) from problem
    return tracking


def fetch_pull(repo: Repository, place: Place, number: int, base: str, head: str, head_oid: str) -> str | None:
    """Fetch the base branch and the ref of the head, and return the base's tip; None if the head is not `head_oid`.

    Refs and API answers are two systems of GitHub's, which may disagree for a moment after a push. Another run that
    fetches the same at the same time makes it None too: ask again.
    """
    mine = f"{_pulls(repo)}/{number}"
    try:
        fetch(repo, place.git, [f"+{head}:{mine}/head", f"+refs/heads/{base}:{mine}/base"])
    except RemoteUnreachable as problem:
        if _PASSING.search(problem.stderr):
            return None
        raise _unreachable(problem) from problem
    refs = pulled_refs(repo, number)
    return refs["base"] if refs.get("head") == head_oid else None


def pulled_refs(repo: Repository, number: int) -> dict[str, str]:
    """Return the tips of `base` and `head` as they were last fetched for a pull request."""
    mine = f"{_pulls(repo)}/{number}/"
    return {ref.removeprefix(mine): oid for ref, oid in repo.refs(mine).items()}


def fetch_commits(repo: Repository, place: Place, oids: set[str]) -> None:
    """Fetch commits that a force-push cut off and that were commented on. GitHub keeps most, and serves them."""
    for oid in sorted(oids):
        if repo.find(oid) is None:
            try:
                fetch(repo, place.git, [f"{oid}:{_pulls(repo)}/kept/{oid}"])
            except RemoteUnreachable:
                continue  # forgotten: the comment stays, its lines are unknown


def _pulls(repo: Repository) -> str:
    """Return the prefix of fetched refs, out of the way of the person's branches."""
    return f"refs/skill-fleet-remotes/{repo.remote}/github"


def push_branch(repo: Repository, calls: Calls, branch: str, new: str, old: str) -> None:
    """Push one branch with a lease. If the answer is lost, the branch tells whether it arrived.

    Raises StaleHead if the branch is not at `old`, UserError if GitHub refuses.
    """
    calls.writes += 1
    for last in (False, True):
        try:
            push(repo, calls.place.git, [Update(f"refs/heads/{branch}", new, old)])
            return
        except RefMoved as problem:
            if branch_tip(repo, calls.place, branch) == new:  # curl repeats a request whose answer is lost
                return
            raise StaleHead(f"{branch} has moved: {problem.reason}") from problem
        except RemoteUnreachable as problem:
            _explain_push(branch, problem.stderr)
            if branch_tip(repo, calls.place, branch) == new:
                return
            if last:
                raise _unreachable(problem) from problem


def _explain_push(branch: str, said: str) -> None:
    """Raise UserError if GitHub understood the push and refuses it. Git has no codes for that, only words."""
    if "refusing to allow" in said and "workflow" in said:  # a token without `workflows` may not touch those files
        raise UserError(f"The token may not push changes of workflows to {branch}.", "Push them as a person.")
    if "GH006" in said or "GH013" in said or "protected branch" in said:
        raise UserError(
            f"The branch {branch} is protected, and GitHub refuses the push: {GitFailure('push', said).reason}",
            "Exclude draft/ branches from the rules: skill-fleet doctor --forge github",
        )
    if "403" in said or "Permission" in said or "denied" in said:
        raise UserError(f"The token may not push to {branch}.", "Grant it the permission contents: write.")


def _unreachable(problem: GitFailure) -> UserError:
    return UserError(
        f"Git cannot reach GitHub, or GitHub refuses ({problem.reason}).",
        "Test it with `git fetch`, then run this again: nothing is done twice. The token must be able to read contents.",
    )
