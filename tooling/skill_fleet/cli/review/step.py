"""skill-fleet review step"""

from __future__ import annotations

from pathlib import Path

import click

from skill_fleet.cli.options import as_me_option, format_option, number_argument, say, say_json, tape_options


@click.command("step")
@number_argument
@tape_options
@as_me_option
@format_option
def step(number: int, record: Path | None, replay: Path | None, as_me: bool, form: str) -> None:
    """Do what the pull request asks for: apply, answer, report.

    This is the bot's turn: it reads the pull request, decides, commits what it can, and answers every request. It can
    be stopped anywhere and run again. What only words can answer goes to the model, if one is set up.
    """
    from skill_fleet.fleet import here
    from skill_fleet.proposals import bot_of, forge_here, reviser_here, take_turn, tell

    with here() as repo:
        forge = bot_of(forge_here(repo), as_me)
        reviser = reviser_here(repo, record, replay)
        done = take_turn(forge, number, reviser)
        tell(forge)
    if form == "json":
        say_json({"number": number, "done": done})
    else:
        say(*done or ("There was nothing to do.",))
    if reviser:
        reviser.complain()
