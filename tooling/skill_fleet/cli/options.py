"""What several commands take and print, so that it looks and works alike everywhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from skill_fleet.errors import UserError

F = TypeVar("F", bound=Callable[..., Any])


def format_option(function: F) -> F:
    """`--format text|json`."""
    words = "text for people, json for programs."
    return click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help=words)(function)


def number_argument(function: F) -> F:
    """NUMBER: a pull request, as `1` or `#1`."""
    return click.argument("number", type=_number)(function)


def file_option(function: F) -> F:
    """`-F FILE`: the text from a file."""
    words = "Take the text from a file; - is standard input."
    return click.option("-F", "--file", metavar="FILE", help=words)(function)


def output_option(function: F) -> F:
    """`-o FILE`: standard output, if nothing else is said."""
    words = "Where to; without it, standard output."
    return click.option("-o", "--output", metavar="FILE", default="-", help=words)(function)


def _number(value: str) -> int:
    digits = value.removeprefix("#")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10 and int(digits)):
        raise UserError(f"{value!r} is not the number of a pull request.", "See them: skill-fleet review list")
    return int(digits)


def say(*lines: str) -> None:
    """Print lines for people. What a skill or a comment says is shown, never obeyed."""
    from skill_fleet.markdown import escaped

    for line in lines:
        click.echo(escaped(line))


def say_json(value: object) -> None:
    """Print one JSON value; all outside ASCII is escaped, so that any text fits and no terminal obeys it."""
    click.echo(json.dumps(value, indent=2))


def as_me_option(function: F) -> F:
    """`--as-me`."""
    words = "With your own token on GitHub: let it do the bot's work; you cannot approve that pull request then."
    return click.option("--as-me", is_flag=True, help=words)(function)


def tape_options(function: F) -> F:
    """`--record FILE` and `--replay FILE`: what goes to and fro between us and the model."""
    file = click.Path(dir_okay=False, path_type=Path)
    keep = "Write what the model is asked and says to this file."
    take = "Replay model responses from FILE instead of calling the model."
    with_replay = click.option("--replay", type=file, metavar="FILE", help=take)(function)
    return click.option("--record", type=file, metavar="FILE", help=keep)(with_replay)


def attempt_options(function: F) -> F:
    """`--run-id ID` and `--attempt N`, which a workflow has in its environment."""
    run = "The run of the workflow this is part of; else GITHUB_RUN_ID."
    attempt = "Which attempt at that run; else GITHUB_RUN_ATTEMPT."
    with_attempt = click.option("--attempt", metavar="N", default="", envvar="GITHUB_RUN_ATTEMPT", help=attempt)
    with_run = click.option("--run-id", metavar="ID", default="", envvar="GITHUB_RUN_ID", help=run)
    return with_run(with_attempt(function))
