"""skill-fleet chat"""

from __future__ import annotations

from typing import Any

import click

from skill_fleet.cli.options import as_me_option, format_option, tape_options


@click.command("chat")
@click.argument("task", required=False, default="")
@click.option("--pull", metavar="NUMBER", type=click.IntRange(min=1), help="Resume this pull request.")
@click.option("--from", "sources", metavar="DOC", multiple=True, help="A document or folder to draft from; repeatable.")
@click.option(
    "--main", metavar="GLOB", default="", help="Document that becomes SKILL.md; none: a table of all of them."
)
@click.option(
    "--only", metavar="GLOB", multiple=True, help="Take only these documents of a dump or folder; repeatable."
)
@click.option("--anyway", is_flag=True, help="Draft a document even if it has next to no text of its own.")
@click.option("--set", "values", metavar="KEY=VALUE", multiple=True, help="Fill {{KEY}} in the documents; repeatable.")
@click.option("--path", metavar="CATEGORY[/NAME]", help="Where the skill goes; without it, you are asked.")
@click.option(
    "--description", metavar="TEXT", default="", help="The description: what the skill does and when to use it."
)
@click.option("--base", metavar="BRANCH", help="Branch to start from and to merge into (default: the default branch).")
@click.option(
    "--forge", type=click.Choice(["local", "github"]), help="Forge to use (default: detected from the remote)."
)
@click.option("--auto-approve", is_flag=True, help="Ask nothing: take every default.")
@click.option("--afresh", is_flag=True, help="Forget earlier answers, and start over.")
@click.option("--no-model", is_flag=True, help="Restructure the documents without a model, even if one is configured.")
@tape_options
@as_me_option
@format_option
@click.pass_context
def chat(ctx: click.Context, /, **given: Any) -> int:
    """Draft a skill interactively, and open a pull request.

    TASK says in a sentence what the skill is for. You are asked what only you can decide, shown the brief before
    anything is written, then the skill; what you say about it is a comment on its pull request, and the commands are
    those of a review: /help lists them. Stopped anywhere, the same command goes on from there. Without a terminal it is
    plain text, and the answers are lines of standard input. Exit status 1 when it ends with errors in the skill.
    """
    from skill_fleet.chat import hold, typed

    return hold(typed(ctx), given)
