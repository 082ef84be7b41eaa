"""The forge of this repository, opened as the person at the keyboard or as the bot."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import click

from skill_fleet import forges
from skill_fleet.errors import UserError
from skill_fleet.forges.local import LocalForge, open_local_forge
from skill_fleet.git import Repository

if TYPE_CHECKING:
    from skill_fleet.forges.github import GitHubForge

if TYPE_CHECKING:
    AnyForge = LocalForge | GitHubForge

FORGE_VARIABLE = "SKILL_FLEET_FORGE"
LONG = 4  # seconds


def person(repo: Repository) -> forges.Actor:
    """The person at the keyboard, as Git knows them; UserError for the bot's address."""
    who = forges.account(repo.identity())
    if who.id == forges.BOT.id:
        raise UserError(
            "The address in Git's configuration is the bot's.", "Set your own: git config user.email you@example.org"
        )
    return who


def forge_here(repo: Repository) -> AnyForge:
    """Open the forge of this repository; print the reason on standard error when it is not obvious.

    GitHub when the remote is there, unless the variable SKILL_FLEET_FORGE says otherwise. UserError without a commit
    or an identity in Git, or when there is no token for GitHub.
    """
    repo.resolve("HEAD")
    wanted = os.environ.get(FORGE_VARIABLE, "")
    if wanted not in ("", "local", "github"):
        raise UserError(f"{FORGE_VARIABLE} is {wanted!r}.", "Set it to local or github, or leave it out.")
    if wanted != "local" and (wanted == "github" or _is_elsewhere(repo)):
        from skill_fleet.forges.github import choose, connect

        choice = choose(repo, os.environ)
        if choice.place or wanted == "github":
            forge = connect(repo, os.environ, choice=choice, pause=_wait_aloud)
            click.echo(f"note: pull requests are on GitHub: {choice.why}", err=True)
            return forge
    return open_local_forge(repo, person(repo))


def bot_of(forge: AnyForge, as_me: bool = False) -> AnyForge:
    """The same forge, acting as the bot; UserError when this account may not."""
    if isinstance(forge, LocalForge):
        return forge.acting_as(forges.BOT)
    from skill_fleet.forges.github import as_bot

    return as_bot(forge, as_me=as_me)


def refuse_ended(snapshot: forges.Snapshot) -> None:
    """UserError when the pull request is not open any more."""
    if snapshot.state != "open":
        tip = "List the open ones: skill-fleet review list"
        raise UserError(f"Pull request #{snapshot.number} is {snapshot.state}.", tip)


def refuse_strangers(forge: AnyForge, snapshot: forges.Snapshot, what: str) -> None:
    """UserError when this account may not do `what` here. A forge with accounts refuses that itself."""
    from skill_fleet.fleet import fleet_at

    if forge.name != "local":
        return
    # not snapshot.permissions: those are of the people who commented
    writers = fleet_at(forge.repo, snapshot.base_oid).configuration.writers
    if forges.permissions([forge.actor], writers)[forge.actor.id] == "none":
        raise UserError(f"You may not {what} here.", "Ask someone who is in `writers` of [tool.skill-fleet].")


def print_notes(forge: AnyForge) -> None:
    """Print the forge's notes: a remote that did not answer, a branch that was left alone."""
    for note in dict.fromkeys(forge.notes):
        click.echo(f"note: {note}", err=True)
    forge.notes.clear()


def _wait_aloud(seconds: float) -> None:
    """Wait for GitHub; say so if somebody may wonder."""
    if seconds >= LONG:
        click.echo(f"note: waiting {seconds:.0f} seconds for GitHub", err=True)
    time.sleep(seconds)


def _is_elsewhere(repo: Repository) -> bool:
    """Whether the remote is on a server: only then the client is loaded to ask which."""
    address = repo.remote_url(repo.remote) or ""
    return "://" in address or (":" in address and "@" in address)
