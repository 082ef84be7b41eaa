"""skill-fleet review receipts"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from skill_fleet import git, proposals, provenance, review
from skill_fleet.cli.options import format_option, open_forge, show
from skill_fleet.errors import UserError


@click.command("receipts")
@click.option(
    "--copy-to",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Also write the new receipts into this folder.",
)
@format_option
def receipts(copy_to: Path | None, form: str) -> None:
    """Record who approved the last merges, for `skill-fleet verify`.

    Reads the approvals of each merge of the last fifty commits from GitHub, and adds one file for each to the branch
    skill-fleet-receipts. A merge that has a receipt is left alone.
    """
    from skill_fleet.forges.local import LocalForge

    with open_forge() as forge:
        if isinstance(forge, LocalForge):
            raise UserError(
                "Pull requests in the repository need no receipts.", "See who approved: skill-fleet review show NUMBER"
            )
        where, _ = proposals.starting_point(forge.repo, None)
        found = []
        for commit in provenance.without_receipt(forge.repo, where.base_oid):
            number = forge.merged_by(commit)
            snapshot = forge.snapshot(number) if number else None
            if number and snapshot and snapshot.complete:
                approvals = [
                    provenance.Approval(each.author.name, each.author.id, each.commit)
                    for each in review.approvers(snapshot)
                ]
                found.append(provenance.receipt_of(forge.repo, commit, snapshot.head_oid, number, approvals))
        if found:
            author = git.Identity(forge.actor.name, forge.actor.address)
            provenance.write_receipts(forge.repo, forge.remote, found, author, copy_to)
    lines = [f"#{each.pull}: {', '.join(one.login for one in each.approvals) or 'nobody'}" for each in found]
    show(form, [asdict(each) for each in found], *(lines or ["Nothing to record."]))
