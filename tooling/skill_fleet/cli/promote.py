"""skill-fleet promote"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from skill_fleet.cli.options import format_option, say_json
from skill_fleet.errors import UserError

if TYPE_CHECKING:
    from skill_fleet.fleet.git import Repository
    from skill_fleet.forges.types import Snapshot


@click.command("promote")
@click.argument("number", type=click.IntRange(min=1))
@click.option("--dry-run", is_flag=True, help="Show the gates; merge nothing.")
@format_option
def promote(number: int, dry_run: bool, form: str) -> int:
    """Merge an approved pull request.

    It is merged as you, pinned to the head that you see, when every gate is open: no error, no open request, approved
    at this head by someone who did not ask for it. A merge on the forge's own page is as good.
    """
    from skill_fleet.cli.forge import forge_here, tell
    from skill_fleet.cli.main import FINDINGS, FINE
    from skill_fleet.cli.place import here
    from skill_fleet.forges.accounts import BOT
    from skill_fleet.forges.types import StaleHead
    from skill_fleet.review.gates import check_gates, merge_trailers, one_pair_of_eyes
    from skill_fleet.review.step import step
    from skill_fleet.review.trailers import write_message

    with here() as repo:
        forge = forge_here(repo)
        snapshot = forge.snapshot(number)
        if snapshot.state != "open":
            raise UserError(
                f"Pull request #{number} is {snapshot.state}.", "See the open ones: skill-fleet review list"
            )
        if snapshot.permissions.get(forge.actor.id, "write") == "none":
            raise UserError("You may not merge here.", "Ask someone who is in `writers` of [tool.skill-fleet].")
        gates = check_gates(snapshot, errors_of(repo, snapshot))
        shut = [gate for gate in gates if not gate.met]
        commit = ""
        if not shut and not dry_run:
            message = write_message(f"Merge pull request #{number}: {snapshot.title}", "", merge_trailers(snapshot))
            if snapshot.draft:  # whoever merges a draft says with it that it is ready
                forge.set_draft(number, False)
            try:
                commit = forge.merge(number, snapshot.head_oid, message)
            except StaleHead as stale:
                raise UserError(f"The branch has moved since: {stale}", "Look at it again, then promote.") from stale
            step(repo, forge.acting_as(BOT), number)
        tell(forge)
        advice = one_pair_of_eyes(snapshot)
    if form == "json":
        rows = [{"what": gate.what, "met": gate.met, "missing": "" if gate.met else gate.missing} for gate in gates]
        say_json({"number": number, "merged": bool(commit), "commit": commit, "gates": rows})
    else:
        for gate in gates:
            click.echo(f"[{'x' if gate.met else ' '}] {gate.what}" + ("" if gate.met else f": {gate.missing}"))
        if commit:
            click.echo(
                f"Merged #{number} in {commit[:12]}. Next, on an up-to-date {snapshot.base}: skill-fleet generate-xml"
            )
    if advice:
        click.echo(
            f"note: {', '.join(advice)} approved a change of their own asking; two approvals are advised.", err=True
        )
    return FINDINGS if shut else FINE


def errors_of(repo: Repository, snapshot: Snapshot) -> int:
    """How many errors the change brings, as the check in CI would count them: on the merge with the base as it is now."""
    from skill_fleet.checks.run import check_change
    from skill_fleet.fleet.fleet import read_fleet
    from skill_fleet.fleet.git_write import merge_trees
    from skill_fleet.fleet.tree import GitTree

    merged = merge_trees(repo, snapshot.base_oid, snapshot.head_oid)
    base, head = read_fleet(GitTree(repo, snapshot.base_oid)), read_fleet(GitTree(repo, merged, is_tree=True))
    return check_change(base, head).errors
