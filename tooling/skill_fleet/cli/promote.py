"""skill-fleet promote"""

from __future__ import annotations

import click

from skill_fleet import forges, git, proposals, provenance, review
from skill_fleet.cli import FINDINGS, FINE
from skill_fleet.cli.gates import checklist, gate_facts, gates_of, opens
from skill_fleet.cli.options import format_option, note, number_argument, open_forge, show
from skill_fleet.errors import UserError


@click.command("promote")
@number_argument
@click.option("--dry-run", is_flag=True, help="Show the gates; merge nothing.")
@format_option
def promote(number: int, dry_run: bool, form: str) -> int:
    """Merge an approved pull request.

    It is merged as you, pinned to the head that you see, when every gate is open: no error, no open request, approved
    at this head by someone who did not ask for it. On GitHub it is a merge commit, else a squash, else a rebase, as the
    repository allows, or it goes to the merge queue. A merge on the forge's own page is as good. Exit status 1 when a
    gate is shut.
    """
    with open_forge() as forge:
        snapshot = forge.snapshot(number)
        proposals.refuse_strangers(forge, snapshot, "merge")
        if snapshot.state == "merged" and not dry_run and (commit := _finish(forge, snapshot)):
            show(
                form,
                {"number": number, "merged": True, "queued": False, "commit": commit, "gates": []},
                *_next_steps(forge, snapshot, commit),
            )
            return FINE
        proposals.refuse_ended(snapshot)
        gates = gates_of(forge.repo, snapshot)
        shut = [gate for gate in gates if not gate.met]
        commit = "" if shut or dry_run else _merge(forge, snapshot)
    if commit:
        lines = _next_steps(forge, snapshot, commit)
    elif shut:
        lines = ["Not merged.", f"Next: {opens(snapshot, shut[0])}"]
    elif dry_run:
        lines = ["Not merged: this was a dry run."]
    else:
        lines = [f"Queued #{number}: it is merged once its checks pass on top of those before it."]
    queued = not (commit or shut or dry_run)
    facts = {"number": number, "merged": bool(commit), "queued": queued, "commit": commit, "gates": gate_facts(gates)}
    show(form, facts, *checklist(gates), *lines)
    if alone := review.self_approvers(snapshot):
        note(f"note: {', '.join(alone)} approved a change that they asked for; a second approval is advised.")
    return FINDINGS if shut else FINE


def _merge(forge: proposals.AnyForge, snapshot: forges.Snapshot) -> str:
    """Merge, let the bot answer, and return the commit, '' if it is only queued. Whatever can refuse the merge does so before the first write."""
    number = snapshot.number
    git.refuse_dirty(forge.repo, snapshot.base)
    if forge.remote:
        proposals.refresh(forge.repo, forge.remote)
    head = forge.repo.find(snapshot.head_oid)  # that of a fork may not be here
    tree = forge.repo.text("rev-parse", f"{head}^{{tree}}") if head else ""
    reviewed = (
        ("Reviewed-head", snapshot.head_oid),
        ("Reviewed-tree", tree),
        ("Checked-by", provenance.checked_by()),
    )
    trailers = (*review.merge_trailers(snapshot), *reviewed)
    message = review.write_message(f"Merge pull request #{number}: {snapshot.title}", "", trailers)
    if snapshot.draft:  # to merge a draft is to mark it ready
        forge.set_draft(number, False)
    try:
        commit = forge.merge(number, snapshot.head_oid, message)
    except forges.StaleHead as stale:
        raise UserError(f"The branch has moved since: {stale}", "Read it again, then promote.") from stale
    if forge.name == "local" or forge.snapshot(number).bot.id == forge.actor.id:  # elsewhere its workflow runs
        _answer(forge, number)
    return commit


def _finish(forge: proposals.AnyForge, snapshot: forges.Snapshot) -> str:
    """Write what an interrupted run has left out, and return the commit of the merge; "" if nothing was missing."""
    if forge.name != "local":  # elsewhere its workflow runs
        return ""
    commit = forge.merge(snapshot.number, snapshot.head_oid, "")
    return commit if _answer(forge, snapshot.number) else ""


def _answer(forge: proposals.AnyForge, number: int) -> tuple[str, ...]:
    bot = proposals.bot_of(forge)
    return review.step(bot.repo, bot, number)


def _next_steps(forge: proposals.AnyForge, snapshot: forges.Snapshot, commit: str) -> list[str]:
    by_hand = f"Next, on {snapshot.base}: skill-fleet generate-xml"
    after = by_hand if forge.name == "local" else "The workflow catalog writes the catalogue."
    return [f"Merged #{snapshot.number} in {commit[:12]}.", after]
