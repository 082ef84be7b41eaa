"""Accounts of GitHub: by their number, never by a login, which its owner can change and somebody else then take."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from skill_fleet.fleet.git import Identity
from skill_fleet.forges.types import Actor, Item

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
