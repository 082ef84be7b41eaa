"""skill-fleet review step"""

from __future__ import annotations

import click

from skill_fleet.cli.options import format_option, number_argument, say, say_json


@click.command("step")
@number_argument
@format_option
def step(number: int, form: str) -> None:
    """Do what the pull request asks for: apply, answer, report.

    This is the bot's turn: it reads the pull request, decides, commits what it can, and answers every request. It can
    be stopped anywhere and run again.
    """
    from skill_fleet.cli.forge import forge_here, tell
    from skill_fleet.cli.place import here
    from skill_fleet.forges.accounts import BOT
    from skill_fleet.review.step import step as take_turn

    with here() as repo:
        forge = forge_here(repo).acting_as(BOT)
        done = take_turn(repo, forge, number)
        tell(forge)
    if form == "json":
        say_json({"number": number, "done": done})
    else:
        say(*done or ("There was nothing to do.",))
