"""Merging a pull request in the way that the repository leaves open: a merge commit, a squash, a rebase, or its queue."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from skill_fleet.errors import UserError
from skill_fleet.forges.github.branches import fetch_branch
from skill_fleet.forges.github.calls import Calls, Refused, Unclear, explained
from skill_fleet.forges.github.place import Place
from skill_fleet.forges.github.pulls import Pull, get_pull
from skill_fleet.forges.github.queries import ENQUEUE, MERGING
from skill_fleet.forges.github.settings import read_rules
from skill_fleet.forges.refusals import stale
from skill_fleet.git import GitFailure, Repository, merge_trees

METHODS = {  # best first, with what is to be known of each
    "merge": "",  # keeps which commit answered what
    "squash": "It was squashed, since {base} takes no merge commits: only the pull request shows what answered what.",
    "rebase": "It was rebased, since {base} takes nothing else: only the pull request shows who approved it.",
}
_LINEAR = "required_linear_history"


@dataclass(frozen=True)
class _State:
    """How a pull request can be merged, and whether it is: `commit` is its merge commit, '' before."""

    allowed: tuple[str, ...]
    has_queue: bool
    is_queued: bool
    is_linear: bool
    commit: str


def merge_methods(allowed: Collection[str], rules: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    """Return the methods, best first, that the settings of the repository allow and the rules of the base leave.

    docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/available-rules-for-rulesets
    """
    left = [method for method in METHODS if method in allowed]
    for rule in rules:
        if rule["type"] == _LINEAR:
            left = [method for method in left if method != "merge"]
        if only := (rule.get("parameters") or {}).get("allowed_merge_methods"):
            left = [method for method in left if method in only]
    return tuple(left)


def merge_commit(calls: Calls, number: int) -> str:
    """Return the commit that merged a pull request. REST said so until its version 2026-03-10."""
    with explained(f"read #{number}"):
        return _state(calls, number).commit


def merge_pull(repo: Repository, calls: Calls, pull: Pull, message: str) -> tuple[str, str]:
    """Merge a pull request, pinned to its head. Return the merge commit ('' if a queue will make it), and a note."""
    with explained(f"merge #{pull.number}"):
        try:
            state = _state(calls, pull.number)
            if state.has_queue:
                return "", _enqueue(calls, pull, state)
            method = _method(calls, pull, state)
            return _merge(calls, pull, method, message), METHODS[method].format(base=pull.base)
        except Refused as problem:
            if problem.status == 409:  # "Head branch was modified. Review and try the merge again."
                raise stale(pull.head, "another commit", pull.head_oid) from problem
            if problem.status == 405:
                _refuse_conflict(repo, calls.place, pull)
            raise


def _state(calls: Calls, number: int) -> _State:
    data, _ = calls.query(MERGING, owner=calls.place.owner, name=calls.place.name, number=number)
    repository = data.get("repository") or {}
    if not (pull := repository.get("pullRequest")):
        raise Unclear("GitHub does not say how it can be merged")
    rule = (pull["baseRef"] or {}).get("refUpdateRule") or {}
    names = {"merge": "mergeCommitAllowed", "squash": "squashMergeAllowed", "rebase": "rebaseMergeAllowed"}
    return _State(
        allowed=tuple(method for method, name in names.items() if repository[name]),
        has_queue=pull["isMergeQueueEnabled"],
        is_queued=pull["isInMergeQueue"],
        is_linear=bool(rule.get("requiresLinearHistory")),
        commit=(pull["mergeCommit"] or {}).get("oid", ""),
    )


def _method(calls: Calls, pull: Pull, state: _State) -> str:
    rules = [*(read_rules(calls, pull.base) or ()), *([{"type": _LINEAR}] if state.is_linear else [])]
    if left := merge_methods(state.allowed, rules):
        return left[0]
    raise UserError(
        f"The settings of the repository and the rules of {pull.base} together allow no way to merge.",
        "Allow one: skill-fleet doctor --forge github",
    )


def _enqueue(calls: Calls, pull: Pull, state: _State) -> str:
    """Add a pull request to the merge queue, unless it is there. GitHub takes no message with it."""

    def send() -> None:
        calls.mutate(ENQUEUE, once=True, id=pull.node, head=pull.head_oid)

    if not state.is_queued:
        try:
            send()
        except Unclear:
            if not _state(calls, pull.number).is_queued:
                send()
    return f"The queue of {pull.base} writes its own message, so only the pull request shows who approved it."


def _merge(calls: Calls, pull: Pull, method: str, message: str) -> str:
    title, _, body = message.strip().partition("\n")
    facts = {"sha": pull.head_oid, "merge_method": method}
    if method != "rebase":  # whose commits keep their own
        facts |= {"commit_title": title, "commit_message": body.strip()}
    try:
        return _send(calls, pull, facts)
    except Unclear:
        now = get_pull(calls, pull.number)
        if now.state == "merged" and now.head_oid == pull.head_oid:
            return merge_commit(calls, pull.number)
        return _send(calls, pull, facts)  # GitHub merges no other head than this one


def _send(calls: Calls, pull: Pull, facts: dict[str, str]) -> str:
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
