"""skill-fleet chat"""

from __future__ import annotations

from typing import Any

import click

from skill_fleet.cli.options import as_me_option, format_option, tape_options


@click.command("chat")
@click.argument("task", required=False, default="")
@click.option("--pull", metavar="NUMBER", type=click.IntRange(min=1), help="Go on with this pull request.")
@click.option("--from", "sources", metavar="DOC", multiple=True, help="A document or folder to draft from; repeatable.")
@click.option("--only", metavar="GLOB", multiple=True, help="Of a dump or folder, only these documents; repeatable.")
@click.option("--all", "everything", is_flag=True, help="Place every document, those too that would be set aside.")
@click.option("--set", "values", metavar="KEY=VALUE", multiple=True, help="Fill {{KEY}} in the documents; repeatable.")
@click.option("--path", metavar="CATEGORY/NAME", help="Where the skill goes; without it, you are asked.")
@click.option("--base", metavar="BRANCH", help="The branch to start from and to merge into, if not the default one.")
@click.option(
    "--forge", type=click.Choice(["local", "github"]), help="Where the pull request lives, if not where it seems."
)
@click.option("--auto-approve", is_flag=True, help="Ask nothing: take every default, and go on.")
@click.option("--afresh", is_flag=True, help="Forget what was answered before, and begin again.")
@click.option("--no-model", is_flag=True, help="Restructure the documents without a model, also when one is set up.")
@tape_options
@as_me_option
@format_option
@click.pass_context
def chat(ctx: click.Context, /, **given: Any) -> int:
    """Draft a skill in talk with you, and open a pull request.

    TASK says in a sentence what the skill is for. You are asked what only you can decide, shown the brief before
    anything is written, then the skill; what you say about it is a comment on its pull request, and the commands are
    those of a review: /help lists them. Stopped anywhere, the same command goes on from there. Without a terminal it is
    plain text, and the answers are lines of standard input. Exit status 1 when it ends with errors in the skill.
    """
    from skill_fleet.chat import hold, typed

    return hold(typed(ctx), given)
