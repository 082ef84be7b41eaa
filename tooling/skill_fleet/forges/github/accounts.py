"""Accounts of GitHub: by their number, never by a login, which its owner can change and somebody else then take."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from skill_fleet.errors import UserError
from skill_fleet.forges.github.calls import Calls, Refused, Unclear
from skill_fleet.forges.snapshot import Actor, Item, Permission
from skill_fleet.git import Identity

GHOST = Actor("10137", "ghost")  # whom GitHub shows in the place of an account that was deleted
ACTIONS = Actor("41898282", "github-actions[bot]")  # whom GITHUB_TOKEN is for
MARK = "<!-- skill-fleet "

_NOREPLY = re.compile(r"(?P<id>[1-9][0-9]*)\+(?P<login>[^@]+)@users\.noreply\.")


@dataclass(frozen=True)
class Author:
    """Who wrote something, and whether GitHub says that it is a person."""

    actor: Actor
    person: bool


def author_of(node: dict[str, Any] | None) -> Author:
    """The account that a GraphQL node describes. GraphQL calls an app `name`, REST and Git `name[bot]`."""
    if not node or not node.get("databaseId"):
        return Author(GHOST, False)
    login = node["login"]
    if node["__typename"] == "Bot" and not login.endswith("[bot]"):
        login += "[bot]"
    return Author(Actor(str(node["databaseId"]), login), node["__typename"] == "User")


def rest_actor(user: dict[str, Any] | None) -> Actor:
    """The account that a REST answer describes."""
    return Actor(str(user["id"]), user["login"]) if user else GHOST


def committer(identity: Identity) -> Actor:
    """The account behind a commit, as far as its address says it; else the address itself, as Git knows it."""
    if found := _NOREPLY.match(identity.email):
        return Actor(found["id"], found["login"])
    return Actor(identity.email.strip().lower(), identity.name)


@dataclass(frozen=True)
class Shared:
    """One account that is a person's and the bot's at once (`--as-me`): only text with our mark is the bot's."""

    person: Actor

    @property
    def bot(self) -> Actor:
        """The bot's half. Its id is no account's number, so the person's other words stay the person's."""
        return Actor(f"{self.person.id}-bot", self.person.name)

    def split(self, item: Item) -> Actor:
        """Which half wrote an item of this account."""
        return self.bot if item.body.startswith(MARK) else item.author


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
