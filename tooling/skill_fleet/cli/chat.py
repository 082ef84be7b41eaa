"""skill-fleet chat"""

from __future__ import annotations

from typing import Any

import click

from skill_fleet.cli.options import as_me_option, format_option, say_json, tape_options


@click.command("chat")
@click.argument("task", required=False, default="")
@click.option("--pull", metavar="NUMBER", type=click.IntRange(min=1), help="Resume this pull request.")
@click.option("--from", "sources", metavar="DOC", multiple=True, help="A document or folder to draft from; repeatable.")
@click.option(
    "--main", metavar="PATTERN", default="", help="Document that becomes SKILL.md; none: a table of them all."
)
@click.option("--only", metavar="PATTERN", multiple=True, help="Take only these documents; repeatable.")
@click.option("--anyway", is_flag=True, help="Draft a document even if it has next to no text of its own.")
@click.option("--set", "values", metavar="KEY=VALUE", multiple=True, help="Fill {{KEY}} in the documents; repeatable.")
@click.option("--path", metavar="CATEGORY[/NAME]", help="Category, or id, of the skill (default: you are asked).")
@click.option("--description", metavar="TEXT", default="", help="What the skill does and when to use it.")
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
def chat(ctx: click.Context, /, form: str, pull: int | None, afresh: bool, **given: Any) -> int:
    """Draft a skill interactively, and open a pull request.

    TASK says in a sentence what the skill is for. You are asked what only you can decide, shown the brief before
    anything is written, then the skill; what you say about it is a comment on its pull request, and the commands are
    those of a review: /help lists them. Stopped anywhere, the same command resumes the session. Without a terminal it
    is plain text, and the answers are lines of standard input. Exit status 1 when it ends with errors in the skill.
    """
    from skill_fleet.chat import hold
    from skill_fleet.proposals import Options

    outcome = hold(_typed(ctx), Options.of(given), pull=pull, afresh=afresh, aside=form == "json")
    if form == "json":
        say_json(outcome.as_json())
    return int(outcome.has_errors)


def _typed(ctx: click.Context) -> tuple[str, ...]:
    """The command line as it was typed, without --afresh: resuming must not forget."""
    words = ["skill-fleet"]
    for context in filter(None, (ctx.parent, ctx)):
        words += ["chat"] if context is ctx else []
        for parameter in context.command.params:
            value = context.params.get(parameter.name or "")
            if not value or value == parameter.get_default(context) or parameter.name == "afresh":
                continue
            values = value if isinstance(value, tuple) else (value,)
            name = [parameter.opts[0]] if isinstance(parameter, click.Option) else []
            words += [part for one in values for part in (name if one is True else [*name, str(one)])]
    return tuple(words)
