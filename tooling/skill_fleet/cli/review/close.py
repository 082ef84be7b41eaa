"""skill-fleet review close"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from skill_fleet.cli.options import format_option, number_argument, say, say_json

if TYPE_CHECKING:
    from skill_fleet.forges import Snapshot
    from skill_fleet.proposals import AnyForge


@click.command("close")
@number_argument
@click.argument("reason", required=False, default="")
@format_option
def close(number: int, reason: str, form: str) -> None:
    """Close a pull request without merging.

    REASON is left there as a comment. On a draft of the bot this is the command /cancel, which the bot carries out and
    answers. Nothing is lost: `review reopen` opens it again.
    """
    from skill_fleet.fleet import here
    from skill_fleet.proposals import forge_here, tell
    from skill_fleet.review import read_session

    with here() as repo:
        forge = forge_here(repo)
        snapshot = forge.snapshot(number)
        _refuse(forge, snapshot)
        if read_session(snapshot) and snapshot.complete and forge.actor.id != snapshot.bot.id:
            state = _cancel(forge, number, reason)
        else:  # somebody's own, too much for the bot to read, or the bot is not one to ask itself: the forge closes it
            if reason.strip():
                forge.comment(number, reason)
            forge.close(number)
            state = "closed"
        tell(forge)
    if form == "json":
        say_json({"number": number, "state": state})
    elif state == "closed":
        say(f"#{number} is closed.", f"To go on with it after all: skill-fleet review reopen {number}")
    else:
        say(
            f"#{number}: /cancel is said; if you may write here, the bot closes it.",
            f"Next: skill-fleet review show {number}",
        )


def _refuse(forge: AnyForge, snapshot: Snapshot) -> None:
    """UserError when it has ended, or is not for this person to close: it is his own, or he may decide here."""
    from skill_fleet.proposals import refuse_ended, refuse_strangers

    refuse_ended(snapshot)
    if forge.actor.id != snapshot.author.id:
        refuse_strangers(forge, snapshot, "close pull requests of others")


def _cancel(forge: AnyForge, number: int, reason: str) -> str:
    """Say /cancel and, where the bot takes its turn here, let it; the state after that."""
    from skill_fleet.proposals import bot_of, take_turn

    # the command first: whatever Markdown the reason is, it cannot swallow what stands before it
    forge.comment(number, f"/cancel\n\n{reason}".strip())
    if forge.name == "local":  # elsewhere workflows ring the bot
        take_turn(bot_of(forge), number)
    return forge.snapshot(number).state
