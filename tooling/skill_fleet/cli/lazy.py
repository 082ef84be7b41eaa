"""A group of commands that are imported one at a time, when they are used."""

from __future__ import annotations

import importlib

import click

from skill_fleet.errors import UserError


class LazyGroup(click.Group):
    """A group whose commands live in modules of their own name inside `package`; `table` maps each to its help."""

    def __init__(self, *arguments: object, package: str, table: dict[str, str], **options: object) -> None:
        super().__init__(*arguments, **options)  # type: ignore[arg-type]
        self.package, self.table = package, table

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order of the table."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command and give its command."""
        if cmd_name not in self.table:
            return None
        word = cmd_name.replace("-", "_")
        command: click.Command = getattr(importlib.import_module(f"{self.package}.{word}"), word)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self.table.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with a guess when there is no such command."""
        if args and args[0] not in self.table and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0], self.table, 1)
            tip = f"Did you mean: {ctx.command_path} {near[0]}" if near else f"See: {ctx.command_path} --help"
            raise UserError(f"There is no command {args[0]!r}.", tip)
        return super().resolve_command(ctx, args)
