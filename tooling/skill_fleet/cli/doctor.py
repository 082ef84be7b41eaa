"""skill-fleet doctor"""

from __future__ import annotations

import os

import click

from skill_fleet import fleet, founding
from skill_fleet.cli import FINDINGS, FINE
from skill_fleet.cli.options import format_option, note, show
from skill_fleet.errors import UserError

MARKS = {"good": "ok", "bad": "!!", "hint": "--", "unknown": "??"}


@click.command("doctor")
@click.option("--forge", type=click.Choice(["github"]), help="Check the settings of the repository there as well.")
@click.option("--fix", is_flag=True, help="With --forge: create the labels that are missing.")
@format_option
def doctor(forge: str | None, fix: bool, form: str) -> int:
    """Check your setup and suggest fixes.

    Checks this machine and this clone; with --forge github, also the settings of the repository that would fail
    silently. Nothing is changed, but for labels with --fix.
    """
    if fix and not forge:
        raise UserError("--fix is for a repository on a forge.", "Run: skill-fleet doctor --forge github --fix")
    repo = fleet.here()
    found = [*founding.checkup(repo)]
    if forge:
        from skill_fleet.forges.github import connect

        there = connect(repo, os.environ)
        try:
            if fix:
                note(*(f"created the label {name}" for name in founding.create_labels(there)))
            found += founding.examine(there)
        finally:
            there.calls.close()
    bad = sum(each.state == "bad" for each in found)
    show(
        form,
        {"checks": [vars(each) for each in found], "bad": bad},
        *(
            line
            for each in found
            for line in (f"{MARKS[each.state]} {each.what}: {each.says}", *([f"   {each.fix}"] if each.fix else []))
        ),
    )
    return FINDINGS if bad else FINE
