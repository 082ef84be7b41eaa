"""skill-fleet review watch"""

from __future__ import annotations

import time

import click

from skill_fleet.cli.options import as_me_option, format_option, number_argument, say, say_json
from skill_fleet.errors import UserError


@click.command("watch")
@number_argument
@click.option("--poll", default=2.0, type=click.FloatRange(min=0.05), metavar="SECONDS", help="Between two looks (2).")
@click.option("--timeout", default=3600.0, type=click.FloatRange(min=0), metavar="SECONDS", help="When to stop (3600).")
@as_me_option
@format_option
def watch(number: int, poll: float, timeout: float, as_me: bool, form: str) -> None:
    """Step again and again until the pull request ends.

    It ends when it is merged (completed) or closed (cancelled).
    """
    from skill_fleet.cli.forge import bot_of, forge_here, tell
    from skill_fleet.cli.models import base_configuration
    from skill_fleet.cli.place import here
    from skill_fleet.cli.revising import reviser_for
    from skill_fleet.review.step import step as take_turn

    end = time.monotonic() + timeout
    said: dict[str, None] = {}
    with here() as repo:
        forge = bot_of(forge_here(repo), as_me)
        reviser = reviser_for(base_configuration(repo))
        while True:
            for line in take_turn(forge.repo, forge, number, reviser):
                if line not in said:  # a note that stands is said once
                    said[line] = None
                    say(*[line] if form == "text" else [])
            tell(forge)
            state = forge.snapshot(number).state
            if state != "open":
                break
            if time.monotonic() + poll > end:
                raise UserError(f"Pull request #{number} is still open.", "Watch longer: --timeout SECONDS")
            time.sleep(poll)
    ended = "completed" if state == "merged" else "cancelled"
    if form == "json":
        say_json({"number": number, "done": [*said], "ended": ended})
    else:
        say(ended)
