"""Who may write: asked of GitHub account by account, and believed only for the very account that was asked about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import quote

from skill_fleet.errors import UserError
from skill_fleet.forges.github.accounts import Author
from skill_fleet.forges.github.calls import Calls, Refused, Unclear
from skill_fleet.forges.types import Actor, Permission


@dataclass
class Permissions:
    """Asks, and remembers for as long as nothing but our own writing has happened.

    Two snapshots with no write of ours between them ask twice: the second is the look before a push. The snapshots that
    follow each answer we give do not ask again, or a turn of twenty answers would cost a hundred calls.
    """

    calls: Calls
    _known: dict[str, Permission] = field(default_factory=dict)
    _writes: int = -1
    """How much we had written when we last asked."""

    def ask(self, authors: Iterable[Author], bot: Actor) -> dict[str, Permission]:
        """What each author may do, by id. Of apps and deleted accounts it is unknown: they are never obeyed."""
        if self._writes in (-1, self.calls.writes):
            self._known.clear()
        self._writes = self.calls.writes
        found: dict[str, Permission] = {}
        for author in authors:
            actor = author.actor
            if actor.id not in found:
                found[actor.id] = self._one(author, bot)
        return found

    def _one(self, author: Author, bot: Actor) -> Permission:
        actor = author.actor
        if actor.id == bot.id:
            return "write"
        if not author.person:
            return "unknown"
        if actor.id not in self._known:
            answer = self._fresh(actor)
            if answer == "unknown":
                return answer
            self._known[actor.id] = answer
        return self._known[actor.id]

    def _fresh(self, actor: Actor) -> Permission:
        try:
            answer = self.calls.get(f"collaborators/{quote(actor.name, safe='')}/permission")
        except Refused as problem:
            return "none" if problem.status == 404 else "unknown"
        except (Unclear, UserError):  # no answer, or a limit
            return "unknown"
        # the login may be somebody else's by now; role_name is whatever an organisation calls it
        same = str((answer.get("user") or {}).get("id")) == actor.id
        return "write" if same and answer.get("permission") in ("admin", "write") else "none"
