"""A group of commands that are imported one at a time, when they are used."""

from __future__ import annotations

import importlib

import click

from skill_fleet.errors import UserError

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
