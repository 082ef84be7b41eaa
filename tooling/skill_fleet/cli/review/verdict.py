"""Giving a verdict on the head of a pull request: what `approve` and `request-changes` share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skill_fleet.cli.files import read_text
from skill_fleet.cli.forge import forge_here, tell
from skill_fleet.cli.options import say, say_json
from skill_fleet.cli.place import here
from skill_fleet.forges.types import Verdict
from skill_fleet.review.gates import requester
from skill_fleet.review.session import read_session

if TYPE_CHECKING:
    from skill_fleet.cli.forge import AnyForge


def give(number: int, verdict: Verdict, body: str, file: str | None, form: str, following: str = "") -> None:
    """Give it and print its key; `following` is the command that comes next, if that is not for the bot.

    An approval that will not count is taken all the same, and said to be that, with who has to give another.
    """
    text = read_text(file) if file else body
    with here() as repo:
        forge = forge_here(repo)
        key = forge.review(number, verdict, text)
        own = verdict == "approved" and _is_own(forge, number)
        following = following or next_on(forge, number)
        tell(forge)
    if form == "json":
        say_json({"number": number, "key": key})
    elif own:
        say(
            f"#{number}: {key}",
            "It does not count: you asked for this skill yourself. (A fleet of one person sets approvals = 0.)",
            f"Next: somebody else types: skill-fleet review approve {number}",
        )
    else:
        say(f"#{number}: {key}", f"Next: {following}")


def next_on(forge: AnyForge, number: int) -> str:
    """The command after something was said: the bot's turn, but on a pull request that is a person's own."""
    if forge.name == "local" and read_session(forge.snapshot(number)) is None:  # elsewhere workflows ring the bot
        return f"skill-fleet review show {number}"
    return f"skill-fleet review step {number}"


def _is_own(forge: AnyForge, number: int) -> bool:
    """Whether this person asked for it, in a fleet where somebody else has to approve."""
    snapshot = forge.snapshot(number)
    return snapshot.fleet.approvals > 0 and forge.actor.id in (requester(snapshot), snapshot.author.id)
