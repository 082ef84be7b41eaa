"""The forge that the pull requests of this repository live on, opened as the person at the keyboard."""

from __future__ import annotations

import click

from skill_fleet.errors import UserError
from skill_fleet.fleet.git import Repository
from skill_fleet.forges.accounts import BOT, account
from skill_fleet.forges.local import LocalForge, open_local_forge
from skill_fleet.forges.types import Actor


def person(repo: Repository) -> Actor:
    """Who is at the keyboard, as Git knows it. The bot's own address is for the bot alone."""
    who = account(repo.identity())
    if who.id == BOT.id:
        raise UserError("Git is set up here as the bot itself.", "Set your own: git config user.email you@example.org")
    return who


def forge_here(repo: Repository) -> LocalForge:
    """The forge of this repository; UserError when it has no commit yet, or nobody has told Git who is working."""
    repo.resolve("HEAD")
    return open_local_forge(repo, person(repo))


def tell(forge: LocalForge) -> None:
    """Print what the forge has to say: a remote that did not answer, a branch that was left alone."""
    for note in dict.fromkeys(forge.notes):
        click.echo(f"note: {note}", err=True)
    forge.notes.clear()
