"""Accounts of GitHub, identified by their number: a login can change hands."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from skill_fleet.errors import UserError
from skill_fleet.forges.github.calls import Calls, Refused, Unclear
from skill_fleet.forges.snapshot import Actor, Item, Permission
from skill_fleet.git import Identity

GHOST = Actor("10137", "ghost")  # shown by GitHub in place of a deleted account
ACTIONS = Actor("41898282", "github-actions[bot]")  # the account of GITHUB_TOKEN

_MARKER = "<!-- skill-fleet "
_NOREPLY = re.compile(r"(?P<id>[1-9][0-9]*)\+(?P<login>[^@]+)@users\.noreply\.")


@dataclass(frozen=True)
class Author:
    """An author, and whether GitHub says that it is a person."""

    actor: Actor
    person: bool


def author_of(node: dict[str, Any] | None) -> Author:
    """Return the account of a GraphQL node. GraphQL calls an app `name`, REST and Git call it `name[bot]`."""
    if not node or not node.get("databaseId"):
        return Author(GHOST, False)
    login = node["login"]
    if node["__typename"] == "Bot" and not login.endswith("[bot]"):
        login += "[bot]"
    return Author(Actor(str(node["databaseId"]), login), node["__typename"] == "User")


def rest_actor(user: dict[str, Any] | None) -> Actor:
    """Return the account of a REST answer."""
    return Actor(str(user["id"]), user["login"]) if user else GHOST


def committer(identity: Identity) -> Actor:
    """Return the account of a commit's author: by the number in a no-reply address, else the address itself."""
    if found := _NOREPLY.match(identity.email):
        return Actor(found["id"], found["login"])
    return Actor(identity.email.strip().lower(), identity.name)


def permission_of(calls: Calls, author: Author) -> Permission:
    """Ask what an author may do. For apps and deleted accounts it is unknown: they are never obeyed."""
    if not author.person:
        return "unknown"
    try:
        answer = calls.get(f"collaborators/{quote(author.actor.name, safe='')}/permission")
    except Refused as problem:
        return "none" if problem.status == 404 else "unknown"
    except (Unclear, UserError):  # no answer, or a rate limit
        return "unknown"
    # the login may be somebody else's by now; role_name is whatever an organisation calls it
    same = str((answer.get("user") or {}).get("id")) == author.actor.id
    return "write" if same and answer.get("permission") in ("admin", "write") else "none"


def bot_half(person: Actor) -> Actor:
    """Return the bot that shares a person's account (`--as-me`). Its id is no account's number, so the two differ."""
    return Actor(f"{person.id}-bot", person.name)


def split_shared(item: Item, person: Actor) -> Item:
    """Attribute an item of a shared account to its half: only text with our marker is the bot's."""
    if item.author.id == person.id:
        if item.body.startswith(_MARKER):
            item = replace(item, author=bot_half(person))
        if item.verdict == "approved":  # nobody approves what their own account commits
            item = replace(item, verdict="commented")
    if item.editor and item.editor.id == person.id and item.author == bot_half(person):
        item = replace(item, editor=bot_half(person))
    return item
