"""skill-fleet review watch"""

from __future__ import annotations

import time

import click

from skill_fleet.errors import UserError


@click.command("watch")
@click.argument("number", type=click.IntRange(min=1))
@click.option("--poll", default=2.0, type=click.FloatRange(min=0.05), help="Seconds between two looks (2).")
@click.option("--timeout", default=3600.0, type=click.FloatRange(min=0), help="Seconds after which to stop (3600).")
def watch(number: int, poll: float, timeout: float) -> None:
    """Step again and again until the pull request ends.

    It ends when it is merged (completed) or closed (cancelled).
    """
    from skill_fleet.checks.visible import escaped
    from skill_fleet.cli.forge import forge_here, tell
    from skill_fleet.cli.place import here
    from skill_fleet.forges.accounts import BOT
    from skill_fleet.review.step import step as take_turn

    end = time.monotonic() + timeout
    with here() as repo:
        forge = forge_here(repo).acting_as(BOT)
        said: set[str] = set()
        while True:
            for line in take_turn(repo, forge, number):
                if line not in said:  # a note that stands is said once
                    click.echo(escaped(line))
                    said.add(line)
            tell(forge)
            state = forge.snapshot(number).state
            if state != "open":
                click.echo("completed" if state == "merged" else "cancelled")
                return
            if time.monotonic() + poll > end:
                raise UserError(f"Pull request #{number} is still open.", "Watch longer: --timeout SECONDS")
            time.sleep(poll)
