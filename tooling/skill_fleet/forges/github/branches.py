"""Branches on GitHub: fetched, pushed with a lease, merged. A lost answer is settled by reading the branch again."""

from __future__ import annotations

import re
from contextlib import suppress

from skill_fleet.errors import UserError
from skill_fleet.forges.github.calls import Calls, Refused, Unclear, explained
from skill_fleet.forges.github.place import Place
from skill_fleet.forges.github.pulls import Pull, get_pull, merge_commit
from skill_fleet.forges.protocol import StaleHead
from skill_fleet.forges.refusals import stale
from skill_fleet.git import GitFailure, RefMoved, RemoteUnreachable, Repository, Update, fetch, merge_trees, push

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
    refs = repo.refs(f"{mine}/")
    return refs[f"{mine}/base"] if refs.get(f"{mine}/head") == head_oid else None


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


def merge_pull(repo: Repository, calls: Calls, pull: Pull, message: str) -> str:
    """Merge a pull request, pinned to its head, and return the merge commit."""
    title, _, body = message.strip().partition("\n")
    facts = {
        "sha": pull.head_oid,
        "merge_method": _merge_method(calls),
        "commit_title": title,
        "commit_message": body.strip(),
    }
    with explained(f"merge #{pull.number}"):
        try:
            try:
                return _send_merge(calls, pull, facts)
            except Unclear:
                now = get_pull(calls, pull.number)
                if now.state == "merged" and now.head_oid == pull.head_oid:
                    return merge_commit(calls, pull.number)
                return _send_merge(calls, pull, facts)  # GitHub merges no other head than this one
        except Refused as problem:
            if problem.status == 409:  # "Head branch was modified. Review and try the merge again."
                raise stale(pull.head, "another commit", pull.head_oid) from problem
            if problem.status == 405:
                _refuse_conflict(repo, calls.place, pull)
            raise


def _merge_method(calls: Calls) -> str:
    """Return `merge` if the repository allows it (a read-only token cannot see that): it keeps which commit answered what."""
    try:
        repository = calls.get("")
    except (Refused, Unclear):
        return "merge"
    squash = repository.get("allow_merge_commit") is False and repository.get("allow_squash_merge")
    return "squash" if squash else "merge"


def _send_merge(calls: Calls, pull: Pull, facts: dict[str, str]) -> str:
    try:
        return str(calls.create(f"pulls/{pull.number}/merge", facts, "PUT")["sha"])
    except Refused as problem:
        if problem.status == 405 and "Base branch was modified" in problem.message:
            raise Unclear("the base has just moved") from problem  # another merge was faster; it can be tried again
        raise


def _refuse_conflict(repo: Repository, place: Place, pull: Pull) -> None:
    """Raise UserError with the files in conflict, if there are any; GitHub only says `not mergeable`."""
    base = fetch_branch(repo, place, pull.base)
    with suppress(GitFailure):
        merge_trees(repo, base, pull.head_oid)
