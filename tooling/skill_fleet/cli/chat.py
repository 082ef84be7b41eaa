"""skill-fleet chat"""

from __future__ import annotations

from typing import Any

import click

from skill_fleet import proposals
from skill_fleet.cli.lazy import TextCommand
from skill_fleet.cli.options import draft_options, new_skill_options, say_json


@click.command("chat", cls=TextCommand)
@click.argument("task", required=False, default="")
@click.option("--pull", metavar="NUMBER", type=click.IntRange(min=1), help="Resume this pull request.")
@new_skill_options
@draft_options
@click.pass_context
def chat(ctx: click.Context, /, form: str, pull: int | None, **given: Any) -> int:
    """Draft a skill interactively, and open a pull request.

    TASK says in a sentence what the skill is for. You are asked what only you can decide, shown the brief before
    anything is written, then the skill; what you say about it is a comment on its pull request, and the commands are
    those of a review: /help lists them. Stopped anywhere, the same command resumes the session; /cancel forgets it.
    Without a terminal it is plain text, and the answers are lines of standard input. Exit status 1 when it ends with
    errors in the skill.
    """
    from skill_fleet.chat import hold  # here, for the command has the name of the room

    outcome = hold(("skill-fleet", *ctx.obj), proposals.Options.of(given), pull=pull, aside=form == "json")
    if form == "json":
        say_json(outcome.as_json())
    return int(outcome.has_errors)
