"""Options and output that several commands share."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from skill_fleet.errors import UserError

if TYPE_CHECKING:
    from skill_fleet.proposals import AnyForge

F = TypeVar("F", bound=Callable[..., Any])


def format_option(function: F) -> F:
    """Add `--format text|json`."""
    words = "text for people, json for programs."
    return click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help=words)(function)


def number_argument(function: F) -> F:
    """Add NUMBER: a pull request, as `1` or `#1`."""
    return click.argument("number", type=_number)(function)


def file_option(function: F) -> F:
    """Add `-F FILE`: the text from a file."""
    return click.option("-F", "--file", metavar="FILE", help="Read the text from FILE; - is standard input.")(function)


def output_option(function: F) -> F:
    """Add `-o FILE`."""
    words = "Write to FILE (default: standard output)."
    return click.option("-o", "--output", metavar="FILE", default="-", help=words)(function)


def as_me_option(function: F) -> F:
    """Add `--as-me`."""
    words = "On GitHub: let your own token do the bot's work. You cannot approve that pull request then."
    return click.option("--as-me", is_flag=True, help=words)(function)


def tape_options(function: F) -> F:
    """Add `--record FILE` and `--replay FILE`, for the exchange with the model."""
    file = click.Path(dir_okay=False, path_type=Path)
    take = "Replay model responses from FILE instead of calling the model."
    with_replay = click.option("--replay", type=file, metavar="FILE", help=take)(function)
    return click.option("--record", type=file, metavar="FILE", help="Record model calls and responses in FILE.")(
        with_replay
    )


def attempt_options(function: F) -> F:
    """Add `--run-id ID` and `--attempt N`, which a workflow has in its environment."""
    run, attempt = "Workflow run (default: GITHUB_RUN_ID).", "Attempt of that run (default: GITHUB_RUN_ATTEMPT)."
    with_attempt = click.option("--attempt", metavar="N", default="", envvar="GITHUB_RUN_ATTEMPT", help=attempt)
    with_run = click.option("--run-id", metavar="ID", default="", envvar="GITHUB_RUN_ID", help=run)
    return with_run(with_attempt(function))


def _number(value: str) -> int:
    digits = value.removeprefix("#")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10 and int(digits)):
        raise UserError(f"{value!r} is not the number of a pull request.", "List them: skill-fleet review list")
    return int(digits)


def say(*lines: str) -> None:
    """Print lines for people, with control characters escaped."""
    from skill_fleet.markdown import escaped

    for line in lines:
        click.echo(escaped(line))


def note(*lines: str) -> None:
    """Print lines on standard error: what is worth knowing but is not the result."""
    from skill_fleet.markdown import escaped

    for line in lines:
        click.echo(escaped(line), err=True)


def say_json(value: object) -> None:
    """Print one JSON value in ASCII, so that any locale and any terminal can take it."""
    click.echo(json.dumps(value, indent=2))


def show(form: str, value: object, *lines: str) -> None:
    """Print the result of a command: `value` as JSON when `form` says so, else the lines."""
    if form == "json":
        say_json(value)
    else:
        say(*lines)


@contextmanager
def open_forge(*, as_bot: bool = False, as_me: bool = False) -> Iterator[AnyForge]:
    """Open the forge of the repository here, as the person at the keyboard or as the bot; print its notes at the end."""
    from skill_fleet.fleet import here
    from skill_fleet.proposals import bot_of, forge_here, tell

    with here() as repo:
        forge = forge_here(repo)
        forge = bot_of(forge, as_me) if as_bot else forge
        try:
            yield forge
        finally:
            tell(forge)
