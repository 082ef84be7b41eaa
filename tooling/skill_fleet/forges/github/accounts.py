"""Accounts of GitHub, identified by their number: a login can change hands."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from skill_fleet.errors import UserError
from skill_fleet.forges.github.calls import Calls, Refused, Unclear
from skill_fleet.forges.types import Actor, Item, Permission
from skill_fleet.git import Identity

GHOST = Actor("10137", "ghost")  # shown by GitHub in place of a deleted account
ACTIONS = Actor("41898282", "github-actions[bot]")  # the account of GITHUB_TOKEN

_MARKER = "<!-- skill-fleet "
_NOREPLY = re.compile(r"(?P<id>[1-9][0-9]*)\+(?P<login>[^@]+)@users\.noreply\.")


def actor_of(node: dict[str, Any] | None) -> Actor:
    """Return the account of a GraphQL node. GraphQL calls an app `name`, REST and Git call it `name[bot]`."""
    if not node or not node.get("databaseId"):
        return GHOST
    login = node["login"]
    if node["__typename"] == "Bot" and not login.endswith("[bot]"):
        login += "[bot]"
    return Actor(str(node["databaseId"]), login)


def rest_actor(user: dict[str, Any] | None) -> Actor:
    """Return the account of a REST answer."""
    return Actor(str(user["id"]), user["login"]) if user else GHOST


def committer(identity: Identity) -> Actor:
    """Return the account of a commit's author: by the number in a no-reply address, else the address itself."""
    if found := _NOREPLY.match(identity.email):
        return Actor(found["id"], found["login"])
    return Actor(identity.email.strip().lower(), identity.name)


def permission_of(calls: Calls, person: Actor) -> Permission:
    """Ask what a person may do."""
    try:
        answer = calls.get(f"collaborators/{quote(person.name, safe='')}/permission")
    except Refused as problem:
        return "none" if problem.status == 404 else "unknown"
    except (Unclear, UserError):  # no answer, or a rate limit
        return "unknown"
    # the login may be somebody else's by now; role_name is whatever an organisation calls it
    same = str((answer.get("user") or {}).get("id")) == person.id
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
