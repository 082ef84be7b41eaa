"""Giving a verdict on the head of a pull request: what `approve` and `request-changes` share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skill_fleet.cli.files import read_text
from skill_fleet.cli.gates import checklist, gates_of, opens
from skill_fleet.cli.options import say, say_json
from skill_fleet.errors import UserError
from skill_fleet.fleet import here
from skill_fleet.forges import Snapshot, Verdict
from skill_fleet.proposals import forge_here, tell
from skill_fleet.review import decide, read_session, requester

if TYPE_CHECKING:
    from skill_fleet.proposals import AnyForge

ALONE = "(A fleet of one person sets approvals = 0 under [tool.skill-fleet] in pyproject.toml.)"


def give(number: int, verdict: Verdict, body: str, file: str | None, form: str) -> None:
    """Give it and print its key, and what is next: for the bot, or after an approval what still stands before the merge.

    An approval that will not count is taken all the same, and said to be that, with who has to give another.
    """
    text, following = read_text(file) if file else body, [""]
    with here() as repo:
        forge = forge_here(repo)
        key = forge.review(number, verdict, text)
        if verdict != "approved":
            following = [f"Next: {next_on(forge, number)}"]
        elif form == "text":
            following = _after_approval(forge, forge.snapshot(number))
        tell(forge)
    if form == "json":
        say_json({"number": number, "key": key})
    else:
        say(f"#{number}: {key}", *following)


def next_on(forge: AnyForge, number: int) -> str:
    """The command after something was said: the bot's turn, where that does anything.

    On a pull request that is a person's own the bot carries nothing out, which is noted, with whose turn it is. Neither
    does it hear plain words in the conversation, which is noted as well.
    """
    if forge.name != "local":  # elsewhere workflows ring the bot
        return f"skill-fleet review step {number}"
    snapshot = forge.snapshot(number)
    if read_session(snapshot):
        if decide(snapshot).actions:
            return f"skill-fleet review step {number}"
        forge.notes.append("The bot has nothing to do there. It hears commands, lines, and words after @skill-fleet.")
        return f"skill-fleet review show {number}"
    whose = "you" if snapshot.author.id == forge.actor.id else snapshot.author.name
    forge.notes.append(f"#{number} was opened by hand: the bot carries nothing out there, that is for {whose} to do.")
    return f"skill-fleet review show {number}"


def _after_approval(forge: AnyForge, snapshot: Snapshot) -> list[str]:
    """The gates that are still shut, and what opens the first; the merge when none is."""
    number = snapshot.number
    if _is_own(forge, snapshot):
        return [
            "It does not count: you asked for this skill yourself. " + ALONE,
            f"Next: somebody else types: skill-fleet review approve {number}",
        ]
    try:
        shut = [gate for gate in gates_of(forge.repo, snapshot) if not gate.met]
    except UserError as conflict:
        return [conflict.message, conflict.tip]
    return [*checklist(shut), f"Next: {opens(snapshot, shut[0]) if shut else f'skill-fleet promote {number}'}"]


def _is_own(forge: AnyForge, snapshot: Snapshot) -> bool:
    """Whether this person asked for it, in a fleet where somebody else has to approve."""
    return snapshot.fleet.approvals > 0 and forge.actor.id in (requester(snapshot), snapshot.author.id)
