"""Options and output that several commands share."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from skill_fleet import fleet, markdown, proposals
from skill_fleet.cli.lazy import complete_categories, complete_pulls, local, place_options, set_variable
from skill_fleet.errors import UserError

F = TypeVar("F", bound=Callable[..., Any])


format_option = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="text for people, json for programs."
)
file_option = click.option("-F", "--file", metavar="FILE", help="Read the text from FILE; - is standard input.")
output_option = click.option(
    "-o", "--output", metavar="FILE", default="-", help="Write to FILE (default: standard output)."
)
as_me_option = click.option(
    "--as-me",
    is_flag=True,
    help="On GitHub: let your own token do the bot's work. You cannot approve that pull request then.",
)


def together(*options: Callable[[F], F]) -> Callable[[F], F]:
    """Return one decorator that adds several options, in the order of the help."""

    def add(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return add


_TAPE = click.Path(dir_okay=False, path_type=Path)

tape_options = together(
    click.option("--record", type=_TAPE, metavar="FILE", help="Record model calls and responses in FILE."),
    click.option(
        "--replay", type=_TAPE, metavar="FILE", help="Replay model responses from FILE instead of calling the model."
    ),
    click.option(
        "--trace",
        metavar="FILE",
        expose_value=False,
        callback=set_variable,
        help="Append a line of JSON about each model call to FILE, without texts; given an address, send everything to MLflow.",
    ),
)

# A workflow has both in its environment.
attempt_options = together(
    click.option(
        "--run-id", metavar="ID", default="", envvar="GITHUB_RUN_ID", help="Workflow run (default: GITHUB_RUN_ID)."
    ),
    click.option(
        "--attempt",
        metavar="N",
        default="",
        envvar="GITHUB_RUN_ATTEMPT",
        help="Attempt of that run (default: GITHUB_RUN_ATTEMPT).",
    ),
)

# The options of `proposals.Options`: all commands that draft have the first, those that draft a new skill also the others.
draft_options = together(
    click.option(
        "--from", "sources", type=local, metavar="DOC", multiple=True, help="Document or folder to use; repeatable."
    ),
    click.option("--only", metavar="PATTERN", multiple=True, help="Take only these documents; repeatable."),
    click.option(
        "--set", "values", metavar="KEY=VALUE", multiple=True, help="Fill {{KEY}} in the documents; repeatable."
    ),
    click.option(
        "--base", metavar="BRANCH", help="Branch to start from and to merge into (default: the default branch)."
    ),
    place_options,
    click.option("--auto-approve", is_flag=True, help="Ask nothing: take the defaults."),
    click.option("--no-model", is_flag=True, help="Work without a model, even if one is configured."),
    click.option("--budget", metavar="TOKENS", type=click.IntRange(min=1), help="Most tokens that the model may use."),
    tape_options,
    as_me_option,
    format_option,
)
new_skill_options = together(
    click.option(
        "--main", metavar="PATTERN", default="", help="Document that becomes SKILL.md; none: a table of them all."
    ),
    click.option("--anyway", is_flag=True, help="Draft a document even if it has next to no text of its own."),
    click.option(
        "--path", metavar="CATEGORY[/NAME]", help="Category, or id, of the skill.", shell_complete=complete_categories
    ),
    click.option("--description", metavar="TEXT", default="", help="What the skill does and when to use it."),
    click.option("--new", is_flag=True, help="Draft a second skill even if the fleet covers the task."),
)


def number_argument(function: F) -> F:
    """Add NUMBER: a pull request, as `1` or `#1`, and the remote that has it."""
    return click.argument("number", type=_number, shell_complete=complete_pulls)(place_options(function))


def _number(value: str) -> int:
    digits = value.removeprefix("#")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10 and int(digits)):
        raise UserError(f"{value!r} is not the number of a pull request.", "List them: skill-fleet review list")
    return int(digits)


def say(*lines: str) -> None:
    """Print lines for people, with control characters escaped."""
    for line in lines:
        click.echo(markdown.escaped(line))


def note(*lines: str) -> None:
    """Print lines on standard error: what is worth knowing but is not the result."""
    for line in lines:
        click.echo(markdown.escaped(line), err=True)


def say_in_pager(*lines: str) -> None:
    """Print lines that are already escaped; on a terminal, in the person's pager."""
    if sys.stdout.isatty():
        click.echo_via_pager("\n".join([*lines, ""]))
    else:
        click.echo("\n".join(lines))


def say_json(value: object) -> None:
    """Print one JSON value in ASCII, so that any locale and any terminal can take it."""
    click.echo(json.dumps(value, indent=2))


def show(form: str, value: object, *lines: str) -> None:
    """Print the result of a command: `value` as JSON when `form` says so, else the lines."""
    if form == "json":
        say_json(value)
    else:
        say(*lines)


def say_opened(opened: proposals.Opened, action: str, files: str) -> None:
    """Print where a draft or revision is, and what a person has to check in it."""
    proposal = opened.proposal
    say(f"{'Found' if opened.adopted else action} {proposal.skill}: {files}, on the branch {opened.branch}")
    say(*proposals.points(proposal), *(f"  {note}" for note in proposal.draft.notes if proposal.by_model))
    if opened.number:
        say(f"pull request #{opened.number}", f"Next: skill-fleet review show {opened.number}")


@contextmanager
def open_forge(*, as_bot: bool = False, as_me: bool = False) -> Iterator[proposals.AnyForge]:
    """Open the forge of the repository here, as the person at the keyboard or as the bot; print its notes at the end."""
    forge = proposals.forge_here(fleet.here())
    forge = proposals.bot_of(forge, as_me) if as_bot else forge
    try:
        yield forge
    finally:
        proposals.print_notes(forge)
