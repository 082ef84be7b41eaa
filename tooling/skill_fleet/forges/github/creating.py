"""Writing something new, once: after an answer that does not say whether it was done, we look before we write again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from skill_fleet.forges.github.accounts import rest_actor
from skill_fleet.forges.github.calls import Calls, Json, Refused, Unclear
from skill_fleet.forges.github.queries import REPLY
from skill_fleet.forges.github.refusals import refuse
from skill_fleet.forges.types import Actor

_STATES = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}


@dataclass(frozen=True)
class Creator:
    """Creates things as one account. Each method returns the id of what is there in the end."""

    calls: Calls
    actor: Actor
    made: set[str] = field(default_factory=set)
    """What this process made: never taken for something else that looks the same."""

    def comment(self, number: int, body: str) -> str:
        """Comment on the conversation."""
        path = f"issues/{number}/comments"
        return self._create("a comment", _sender(self.calls, path, {"body": body}), self._commented(path, body))

    def comment_on(self, number: int, facts: dict[str, Any]) -> str:
        """Begin a thread; the id is that of its first comment."""
        path = f"pulls/{number}/comments"
        return self._create(
            "a comment on lines", _sender(self.calls, path, facts), self._commented(path, facts["body"])
        )

    def reply(self, number: int, thread: str, body: str) -> str:
        """Add to a thread by GitHub's id of it. REST replies to a comment, and that may be deleted by now."""

        def send() -> Json:
            answer = self.calls.mutate(REPLY, once=True, thread=thread, body=body)
            return answer["addPullRequestReviewThreadReply"]["comment"]["fullDatabaseId"]

        return self._create("a reply", send, self._commented(f"pulls/{number}/comments", body))

    def review(self, number: int, facts: dict[str, Any]) -> str:
        """Send a review."""
        path = f"pulls/{number}/reviews"

        def look(since: str) -> list[Json]:  # GitHub does not list reviews by time
            rows = [row for row in self.calls.pages(path) if row["state"] == _STATES[facts["event"]]]
            return [row for row in rows if self._ours(row, facts["body"]) and (row["submitted_at"] or "") >= since]

        return self._create("a review", _sender(self.calls, path, facts), look)

    def pull(self, facts: dict[str, Any]) -> str:
        """Open a pull request; the id is its number."""

        def look(since: str) -> list[Json]:
            rows = self.calls.pages("pulls", state="open", head=f"{self.calls.place.owner}:{facts['head']}")
            return [{"id": row["number"]} for row in rows if row["head"]["ref"] == facts["head"]]

        def send() -> Json:
            return self.calls.send("POST", "pulls", facts)["number"]

        return self._create("a pull request", send, look)

    def _create(self, what: str, send: Callable[[], Json], look: Callable[[str], list[Json]]) -> str:
        asked = self.calls.server_time
        try:
            try:
                made = str(send())
            except Unclear:
                there = [str(row["id"]) for row in look(asked)]
                made = next((each for each in there if each not in self.made), "") or str(send())
        except (Refused, Unclear) as problem:
            refuse(problem, what)
        self.made.add(made)
        return made

    def _commented(self, path: str, body: str) -> Callable[[str], list[Json]]:
        """Looks for a comment of ours with this text that is no older than our asking, by GitHub's own clock."""

        def look(since: str) -> list[Json]:
            rows = self.calls.pages(path, since=since)  # which is about when a comment was last changed
            return [row for row in rows if self._ours(row, body) and row["created_at"] >= since]

        return look

    def _ours(self, row: Json, body: str) -> bool:
        return rest_actor(row["user"]).id == self.actor.id and row["body"] == body


def _sender(calls: Calls, path: str, facts: dict[str, Any]) -> Callable[[], Json]:
    return lambda: calls.send("POST", path, facts)["id"]
