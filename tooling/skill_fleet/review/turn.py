"""One decision on its way: the pull request, and what has been decided about it so far."""

from __future__ import annotations

from dataclasses import dataclass, field

from skill_fleet.forges.actions import Action, AnswerAction
from skill_fleet.forges.types import Snapshot
from skill_fleet.review.handlers import Work
from skill_fleet.review.markers import digest_of
from skill_fleet.review.requests import Request
from skill_fleet.review.session import Session


@dataclass
class Turn:
    """The bot's turn. `waiting` are the requests that it leaves open."""

    snapshot: Snapshot
    session: Session
    requests: tuple[Request, ...]
    work: Work
    actions: list[Action] = field(default_factory=list)
    waiting: list[Request] = field(default_factory=list)

    def answer(self, request: Request, outcome: str, text: str, commit: str = "", pin: str = "") -> None:
        """Answer a request; `commit` and `pin` as in AnswerAction."""
        digest = digest_of(request.item.body)
        said = request.credited(text)
        self.actions.append(AnswerAction(request.key, request.item.key, outcome, said, commit, digest, pin))  # type: ignore[arg-type]
        if outcome == "open":
            self.waiting.append(request)
