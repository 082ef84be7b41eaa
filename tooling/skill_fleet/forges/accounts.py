"""Accounts of pull requests that live in the repository: an account is an address."""

from __future__ import annotations

import re
from collections.abc import Iterable

from skill_fleet.forges.snapshot import Actor, Permission
from skill_fleet.git import Identity

BOT = Actor("skill-fleet@bot.invalid", "skill-fleet")


def account(identity: Identity) -> Actor:
    """The account of somebody Git knows. Lower case, so that nobody is two people by writing his address otherwise."""
    return Actor(identity.email.strip().lower(), identity.name)


def identity(actor: Actor) -> Identity:
    """The account as Git names authors; Git wants a name, and counts neither white space nor `.,:;<>"\\'` as one."""
    name = re.sub(r"[\x00-\x20]+", " ", actor.name.encode("utf-8", "replace").decode())
    return Identity(name if name.strip(" .,:;<>\"\\'") else actor.id, actor.id)


def permissions(actors: Iterable[Actor], writers: Iterable[str]) -> dict[str, Permission]:
    """What each of `actors` may do, by id. Without a list of writers everybody who can push may write."""
    allowed = {address.strip().lower() for address in writers}
    return {
        actor.id: "write" if not allowed or actor.id in allowed or actor.id == BOT.id else "none" for actor in actors
    }
