"""skill-fleet doctor"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from skill_fleet.cli.options import format_option, say_json

if TYPE_CHECKING:
    from skill_fleet.founding import Advice
    from skill_fleet.git import Repository

MARKS = {"good": "ok", "bad": "!!", "hint": "--", "unknown": "??"}


@click.command("doctor")
@click.option("--forge", type=click.Choice(["github"]), help="Look at the settings of the repository there as well.")
@format_option
def doctor(forge: str | None, form: str) -> int:
    """Check your setup and suggest fixes.

    Without --forge it looks at this machine and this clone. With --forge github it asks for the settings of the
    repository: what would fail silently there, and the command that fixes it. Nothing is changed.
    """
    from skill_fleet.cli.main import FINDINGS, FINE
    from skill_fleet.fleet import here
    from skill_fleet.founding import checkup

    with here() as repo:
        found = list(checkup(repo))
        if forge:
            found += _github(repo)
    if form == "json":
        say_json({"checks": [vars(advice) for advice in found], "bad": sum(each.state == "bad" for each in found)})
    else:
        _print(found)
    return FINDINGS if any(advice.state == "bad" for advice in found) else FINE


def _print(found: Iterable[Advice]) -> None:
    from skill_fleet.markdown import escaped

    for advice in found:
        click.echo(escaped(f"{MARKS[advice.state]} {advice.what}: {advice.says}"))
        if advice.fix:
            click.echo(escaped(f"   {advice.fix}"))


def _github(repo: Repository) -> tuple[Advice, ...]:
    import os

    from skill_fleet.forges.github import connect
    from skill_fleet.founding import examine

    forge = connect(repo, os.environ)
    try:
        return examine(forge)
    finally:
        forge.close_connection()
