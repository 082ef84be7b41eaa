"""skill-fleet promote"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from skill_fleet.cli.options import format_option, number_argument, say, say_json
from skill_fleet.errors import UserError

if TYPE_CHECKING:
    from skill_fleet.forges import Snapshot
    from skill_fleet.proposals import AnyForge


@click.command("promote")
@number_argument
@click.option("--dry-run", is_flag=True, help="Show the gates; merge nothing.")
@format_option
def promote(number: int, dry_run: bool, form: str) -> int:
    """Merge an approved pull request.

    It is merged as you, pinned to the head that you see, when every gate is open: no error, no open request, approved
    at this head by someone who did not ask for it. A merge on the forge's own page is as good. Exit status 1 when a
    gate is shut.
    """
    from skill_fleet.cli.gates import checklist, gate_facts, gates_of, opens
    from skill_fleet.cli.main import FINDINGS, FINE
    from skill_fleet.fleet import here
    from skill_fleet.proposals import forge_here, tell
    from skill_fleet.review import one_pair_of_eyes

    with here() as repo:
        forge = forge_here(repo)
        snapshot = forge.snapshot(number)
        _refuse(forge, snapshot)
        gates = gates_of(forge.repo, snapshot)
        shut = [gate for gate in gates if not gate.met]
        commit = ""
        if not shut and not dry_run:
            commit = _merge(forge, snapshot)
            _settle(forge, number)
        tell(forge)
    if form == "json":
        say_json({"number": number, "merged": bool(commit), "commit": commit, "gates": gate_facts(gates)})
    else:
        say(*checklist(gates))
        if commit:
            say(f"Merged #{number} in {commit[:12]}.", f"Next, on {snapshot.base}: skill-fleet generate-xml")
        elif shut:
            say("Not merged.", f"Next: {opens(snapshot, shut[0])}")
        else:
            say("Not merged, as asked.")
    if advice := one_pair_of_eyes(snapshot):
        who = ", ".join(advice)
        click.echo(f"note: {who} approved a change of their own asking; two approvals are advised.", err=True)
    return FINDINGS if shut else FINE


def _settle(forge: AnyForge, number: int) -> None:
    """Let the bot say that it is merged, where this account may speak for it; elsewhere it finds out by itself."""
    from skill_fleet.proposals import bot_of
    from skill_fleet.review import step

    if forge.name == "local" or forge.snapshot(number).bot.id == forge.actor.id:
        bot = bot_of(forge)
        step(bot.repo, bot, number)


def _refuse(forge: AnyForge, snapshot: Snapshot) -> None:
    """UserError when it is not open, or not for this person to merge."""
    from skill_fleet.proposals import refuse_ended, refuse_strangers

    refuse_ended(snapshot)
    refuse_strangers(forge, snapshot, "merge")


def _merge(forge: AnyForge, snapshot: Snapshot) -> str:
    """Merge it and return the commit. What could refuse the merge is asked before the first write."""
    from skill_fleet.forges import StaleHead
    from skill_fleet.git import refuse_dirty
    from skill_fleet.proposals import refresh
    from skill_fleet.review import merge_trailers, write_message

    number = snapshot.number
    refuse_dirty(forge.repo, snapshot.base)
    if forge.remote:
        refresh(forge.repo, forge.remote)
    message = write_message(f"Merge pull request #{number}: {snapshot.title}", "", merge_trailers(snapshot))
    if snapshot.draft:  # whoever merges a draft says with it that it is ready
        forge.set_draft(number, False)
    try:
        return forge.merge(number, snapshot.head_oid, message)
    except StaleHead as stale:
        raise UserError(f"The branch has moved since: {stale}", "Look at it again, then promote.") from stale
