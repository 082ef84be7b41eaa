"""Accounts of pull requests that are kept in the repository: an account is an email address."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from skill_fleet.forges.types import Actor, Permission
from skill_fleet.git import Identity

BOT = Actor("skill-fleet@bot.invalid", "skill-fleet")


def account(identity: Identity) -> Actor:
    """Return the account of a Git identity. Addresses are lower case, so that one person is one account."""
    return Actor(identity.email.strip().lower(), identity.name)


def identity(actor: Actor) -> Identity:
    """Return the Git identity of an account. Git refuses a name made only of white space and `.,:;<>"\\'`."""
    name = re.sub(r"[\x00-\x20]+", " ", actor.name.encode("utf-8", "replace").decode())
    return Identity(name if name.strip(" .,:;<>\"\\'") else actor.id, actor.id)


def permissions(
    actors: Iterable[Actor], writers: Iterable[str], addresses: Mapping[str, str] | None = None
) -> dict[str, Permission]:
    """Return the permission of each actor, by id. Without a list of writers everybody who can push may write.

    `addresses` has the proper address by each other one of a person.
    """
    proper = addresses or {}
    allowed = {address.strip().lower() for address in writers}
    allowed |= {proper[address] for address in allowed if address in proper}
    return {
        actor.id: "write" if not allowed or {actor.id, proper.get(actor.id, actor.id)} & {*allowed, BOT.id} else "none"
        for actor in actors
    }
