"""Commands that are imported one at a time, when they are used; and what is checked and completed in their words."""

from __future__ import annotations

import importlib
import os
import re
import shlex
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import click

from skill_fleet.errors import UserError

F = TypeVar("F", bound=Callable[..., Any])
Table = dict[str, tuple[str, str]]
"""Commands in the order of the help: name -> (module, first line of its help)."""


class LazyGroup(click.Group):
    """A group whose table names the module of each command, so that `--help` imports none of them."""

    def __init__(self, *arguments: object, package: str, table: Table, **options: object) -> None:
        super().__init__(*arguments, **options, subcommand_metavar="COMMAND [ARGS]...")  # type: ignore[misc, arg-type]
        self.package, self.table = package, table

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of a command and return the command: the function of the same name."""
        if cmd_name not in self.table:
            return None
        module = importlib.import_module(f"{self.package}.{self.table[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in self.table.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Do as click does; suggest the nearest name when there is no such command."""
        if args and args[0] not in self.table and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0], self.table, 1)
            tip = f"Did you mean: {ctx.command_path} {near[0]}" if near else f"See: {ctx.command_path} --help"
            raise UserError(f"There is no command {args[0]!r}.", tip)
        return super().resolve_command(ctx, args)


def set_variable(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
    """Set the environment variable of an option until the command ends."""
    if value:
        name = f"SKILL_FLEET_{str(parameter.name).upper()}"
        before = os.environ.get(name, "")  # empty is as good as none
        context.call_on_close(lambda: os.environ.update({name: before}))
        os.environ[name] = value


def place_options(function: F) -> F:
    """Add the options that say where the pull requests are."""
    remote = click.option(
        "--remote",
        metavar="NAME",
        expose_value=False,
        callback=set_variable,
        help="Remote with the pull requests, in the clone of a fork (default: SKILL_FLEET_REMOTE, else origin).",
    )
    forge = click.option(
        "--forge",
        type=click.Choice(["local", "github"]),
        expose_value=False,
        callback=set_variable,
        help="Forge to use (default: SKILL_FLEET_FORGE, else detected from the remote).",
    )
    return forge(remote(function))


class TextCommand(click.Command):
    """A command whose last argument is text, also one that begins with a dash: `- one`, `-> two`, `-5 degrees`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Do as click does, with the text after all options."""
        options = [each for each in self.params if isinstance(each, click.Option) and not each.is_flag]
        before = ["", *args]
        for at, word in enumerate(args):
            if word == "--":
                break
            if _DASHED.match(word) and not any(before[at] in option.opts for option in options):
                args = [*args[:at], *args[at + 1 :], "--", word]
                break
        return super().parse_args(ctx, args)


_DASHED = re.compile(r"-[^A-Za-z-]|--[^A-Za-z]")


def local(path: str) -> str:
    """The path that a person typed; UserError for an address."""
    if _ADDRESS.match(path):
        is_file = "." in path.rpartition("/")[2].removesuffix(".git") and "://" in path
        command = "curl --location --remote-name" if is_file else "git clone"
        raise UserError(
            f"Nothing is fetched, and {path} is an address.",
            f"Get it, look at it, and name what you have: {command} {shlex.quote(path)}",
        )
    return path


_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://|git@[^/]+:")


def _beginning(words: Iterable[str], typed: str) -> list[str]:
    return [word for word in words if word.startswith(typed)]


def complete_rules(context: click.Context, parameter: click.Parameter, typed: str) -> list[str]:
    """Rules and families; of several with commas, the last."""
    from skill_fleet import checks

    before, comma, last = typed.rpartition(",")
    names = sorted({*checks.RULES, *(each.family for each in checks.RULES.values())})
    return [f"{before}{comma}{name}" for name in _beginning(names, last)]


def complete_skills(context: click.Context, parameter: click.Parameter, typed: str) -> list[str]:
    """The ids of the skills here, or else their names."""
    from skill_fleet import fleet

    try:
        found = fleet.skills_at(fleet.here(), None)
        return _beginning(found.by_id, typed) or _beginning(found.by_name, typed)
    except UserError:  # a shell that completes shows no errors
        return []


def complete_categories(context: click.Context, parameter: click.Parameter, typed: str) -> list[str]:
    """The categories of the taxonomy, or else those that the skills here have."""
    from skill_fleet import fleet

    try:
        found = fleet.skills_at(fleet.here(), None)
        return _beginning(sorted({*found.taxonomy.categories, *fleet.categories(found).values()}), typed)
    except UserError:
        return []


def complete_pulls(context: click.Context, parameter: click.Parameter, typed: str) -> list[str]:
    """The numbers of the pull requests that the repository holds itself; no server is asked."""
    from skill_fleet import fleet

    try:
        refs = fleet.here().refs("refs/skill-fleet/pull/", "refs/skill-fleet-remotes/")
        numbers = {ref.partition("/pull/")[2].partition("/")[0] for ref in refs} - {""}
    except UserError:
        return []
    return _beginning(sorted(numbers, key=lambda number: (len(number), number)), typed)
