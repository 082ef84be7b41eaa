"""The forge that the pull requests of this repository live on, opened as the person at the keyboard."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from skill_fleet.errors import UserError
from skill_fleet.forges import BOT, Actor, Snapshot, account
from skill_fleet.forges.local import LocalForge, open_local_forge
from skill_fleet.git import Repository

if TYPE_CHECKING:
    from skill_fleet.forges.github import GitHubForge

if TYPE_CHECKING:
    AnyForge = LocalForge | GitHubForge

FORGE_VARIABLE = "SKILL_FLEET_FORGE"


def person(repo: Repository) -> Actor:
    """Who is at the keyboard, as Git knows it. The bot's own address is for the bot alone."""
    who = account(repo.identity())
    if who.id == BOT.id:
        raise UserError("Git is set up here as the bot itself.", "Set your own: git config user.email you@example.org")
    return who


def forge_here(repo: Repository, wanted: str = "") -> AnyForge:
    """The forge of this repository, and the reason on standard error when that is not plain.

    GitHub when the remote is there and a token is set; `wanted` (or the variable SKILL_FLEET_FORGE) decides otherwise.
    UserError when there is no commit yet, nobody has told Git who is working, or GitHub is wanted and cannot be had.
    """
    repo.resolve("HEAD")
    wanted = wanted or os.environ.get(FORGE_VARIABLE, "")
    if wanted not in ("", "local", "github"):
        raise UserError(f"{FORGE_VARIABLE} is {wanted!r}.", "Set it to local or github, or leave it out.")
    if wanted != "local" and (wanted == "github" or _is_elsewhere(repo)):
        from skill_fleet.forges.github import choose, connect

        choice = choose(repo, os.environ)
        if choice.place or wanted == "github":
            forge = connect(repo, os.environ)
            click.echo(f"note: pull requests are on GitHub: {choice.why}", err=True)
            return forge
        if "not on GitHub" not in choice.why:
            click.echo(f"note: pull requests are kept in the repository: {choice.why}", err=True)
    return open_local_forge(repo, person(repo))


def bot_of(forge: AnyForge, as_me: bool = False) -> AnyForge:
    """The same forge, acting as the bot; UserError when this account may not."""
    if isinstance(forge, LocalForge):
        return forge.acting_as(BOT)
    from skill_fleet.forges.github import as_bot

    return as_bot(forge, as_me=as_me)


def refuse_ended(snapshot: Snapshot) -> None:
    """UserError when the pull request is not open any more."""
    if snapshot.state != "open":
        tip = "See the open ones: skill-fleet review list"
        raise UserError(f"Pull request #{snapshot.number} is {snapshot.state}.", tip)


def refuse_strangers(forge: AnyForge, snapshot: Snapshot, what: str) -> None:
    """UserError when this account may not do `what` here. A forge with accounts knows that itself, and refuses."""
    from skill_fleet.fleet import fleet_at
    from skill_fleet.forges import permissions

    if forge.name != "local":
        return
    # not snapshot.permissions: those are of the people who said something there
    writers = fleet_at(forge.repo, snapshot.base_oid).configuration.writers
    if permissions([forge.actor], writers)[forge.actor.id] == "none":
        raise UserError(f"You may not {what} here.", "Ask someone who is in `writers` of [tool.skill-fleet].")


def tell(forge: AnyForge) -> None:
    """Print what the forge has to say: a remote that did not answer, a branch that was left alone."""
    for note in dict.fromkeys(forge.notes):
        click.echo(f"note: {note}", err=True)
    forge.notes.clear()


def _is_elsewhere(repo: Repository) -> bool:
    """Whether the remote is on some server at all: only then is it worth asking which (and loading the client)."""
    address = repo.address("origin") or ""
    return "://" in address or (":" in address and "@" in address)
