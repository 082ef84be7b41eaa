"""A pull request as REST tells it, before something is written to it; and the items of one, by their keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from skill_fleet.errors import UserError
from skill_fleet.forges.github.calls import Calls, Refused, Unclear
from skill_fleet.forges.github.queries import MERGED
from skill_fleet.forges.github.reading import none_of_that_number
from skill_fleet.forges.github.refusals import refuse
from skill_fleet.forges.types import State


@dataclass(frozen=True)
class Pull:
    """What has to hold before a write. `ours`: its branch is in this repository, not in a fork."""

    number: int
    node: str
    state: State
    draft: bool
    head: str
    head_oid: str
    base: str
    ours: bool

    def require_open(self) -> None:
        """UserError when it is closed or merged."""
        if self.state != "open":
            raise UserError(
                f"Pull request #{self.number} is {self.state}.", "See what is open: skill-fleet review list"
            )


@dataclass
class Pulls:
    """Looks up pull requests and their items. A number that was seen once is a pull request for good."""

    calls: Calls
    seen: set[int] = field(default_factory=set)

    def require(self, number: int) -> None:
        """UserError when `number` is none: GitHub would comment on an issue of that number as well."""
        if number not in self.seen:
            self.get(number)

    def get(self, number: int) -> Pull:
        """The pull request now."""
        try:
            told = self.calls.get(f"pulls/{number}")
        except Refused as problem:
            if problem.status == 404:
                raise none_of_that_number(number) from problem
            refuse(problem, f"a look at #{number}")
        except Unclear as problem:
            refuse(problem, f"a look at #{number}")
        self.seen.add(number)
        head = told["head"]
        return Pull(
            number,
            told["node_id"],
            state_of(told),
            bool(told.get("draft")),
            head["ref"],
            head["sha"],
            told["base"]["ref"],
            bool(head.get("repo")) and head["repo"]["id"] == told["base"]["repo"]["id"],
        )

    def merge_commit(self, number: int) -> str:
        """The commit that merged it. REST said so until its version 2026-03-10."""
        place = self.calls.place
        try:
            data, _ = self.calls.query(MERGED, owner=place.owner, name=place.name, number=number)
        except (Refused, Unclear) as problem:
            refuse(problem, f"a look at #{number}")
        pull = (data.get("repository") or {}).get("pullRequest") or {}
        return str((pull.get("mergeCommit") or {}).get("oid", ""))

    def path_of(self, number: int, key: str) -> str:
        """The API's path of an item, once it is known to be one of this pull request; UserError when it is not.

        GitHub edits and deletes comments by their id alone, whichever pull request they are in.
        """
        self.require(number)
        kind, _, oid = key.partition("/")
        if kind in _PATHS and oid.isdigit():
            path = _PATHS[kind].format(number=number, id=oid)
            try:
                told = self.calls.get(path)
            except Refused as problem:
                if problem.status != 404:
                    refuse(problem, f"a look at {key}")
            except Unclear as problem:
                refuse(problem, f"a look at {key}")
            else:
                if (told.get("issue_url") or told.get("pull_request_url", "")).endswith(f"/{number}"):
                    return path
        raise UserError(
            f"Pull request #{number} has no item {key!r}.", f"See its items: skill-fleet review show {number}"
        )


_PATHS = {"comment": "issues/comments/{id}", "line": "pulls/comments/{id}", "review": "pulls/{number}/reviews/{id}"}


def state_of(told: dict[str, Any]) -> State:
    """Open, closed or merged, as REST says it."""
    if told.get("merged_at"):
        return "merged"
    return "open" if told["state"] == "open" else "closed"
