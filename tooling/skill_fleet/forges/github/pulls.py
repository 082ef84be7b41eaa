"""Pull requests and items as GitHub's REST API shows them: what is checked before a write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from skill_fleet.forges.github.accounts import rest_actor
from skill_fleet.forges.github.calls import Calls, explained
from skill_fleet.forges.refusals import no_item, no_pull_request
from skill_fleet.forges.types import Listed, State

_PATHS = {"comment": "issues/comments/{id}", "line": "pulls/comments/{id}", "review": "pulls/{number}/reviews/{id}"}


@dataclass(frozen=True)
class Pull:
    """A pull request before a write. `ours`: its branch is in this repository, not in a fork."""

    number: int
    node: str
    state: State
    draft: bool
    head: str
    head_oid: str
    base: str
    ours: bool


def get_pull(calls: Calls, number: int) -> Pull:
    """Return the pull request as it is now; UserError if there is none."""
    with explained(f"read #{number}"):
        answer = calls.find(f"pulls/{number}")
    if answer is None:
        raise no_pull_request(number)
    head, base = answer["head"], answer["base"]
    return Pull(
        number,
        answer["node_id"],
        _state(answer),
        bool(answer.get("draft")),
        head["ref"],
        head["sha"],
        base["ref"],
        _is_ours(answer),
    )


def list_pulls(calls: Calls, state: str, head: str = "") -> tuple[Listed, ...]:
    """Return the pull requests (of the branch `head`, if given) in the order of their numbers."""
    narrow = {"head": f"{calls.place.owner}:{head}"} if head else {}
    with explained("list pull requests"):
        answers = calls.pages("pulls", state=state, **narrow)
    rows = (
        Listed(
            answer["number"],
            answer["title"],
            _state(answer),
            bool(answer.get("draft")),
            answer["head"]["ref" if _is_ours(answer) else "label"],
            rest_actor(answer["user"]),
            tuple(sorted(label["name"] for label in answer["labels"])),
        )
        for answer in answers
    )
    wanted = (row for row in rows if head in ("", row.head))  # GitHub ignores a branch that it cannot parse
    return tuple(sorted(wanted, key=lambda row: row.number))


def get_item(calls: Calls, number: int, key: str) -> tuple[str, dict[str, Any]]:
    """Return the API path of an item, and the item; UserError if it is not one of this pull request.

    GitHub edits and deletes comments by their id alone, whichever pull request they are in.
    """
    kind, _, oid = key.partition("/")
    if kind in _PATHS and oid.isdigit():
        path = _PATHS[kind].format(number=number, id=oid)
        with explained(f"read {key}"):
            answer = calls.find(path) or {}
        if (answer.get("issue_url") or answer.get("pull_request_url", "")).endswith(f"/{number}"):
            return path, answer
    raise no_item(number, key)


def _is_ours(answer: dict[str, Any]) -> bool:
    repo = answer["head"].get("repo")
    return bool(repo) and repo["id"] == answer["base"]["repo"]["id"]


def _state(answer: dict[str, Any]) -> State:
    if answer.get("merged_at"):
        return "merged"
    return "open" if answer["state"] == "open" else "closed"
