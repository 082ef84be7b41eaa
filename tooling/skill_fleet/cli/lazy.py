"""A group of verbs that are imported one at a time, when they are used."""

from __future__ import annotations

import importlib

import click

from skill_fleet.errors import UserError


class LazyGroup(click.Group):
    """A group whose commands live in modules of their own name inside `package`; `verbs` maps each to its help."""

    def __init__(self, *arguments: object, package: str, verbs: dict[str, str], **options: object) -> None:
        super().__init__(*arguments, **options)  # type: ignore[arg-type]
        self.package, self.verbs = package, verbs

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs in the order of the table."""
        return list(self.verbs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the verb and give its command."""
        if cmd_name not in self.verbs:
            return None
        word = cmd_name.replace("-", "_")
        command: click.Command = getattr(importlib.import_module(f"{self.package}.{word}"), word)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs from the table, without importing them."""
        with formatter.section("Verbs"):
            formatter.write_dl(list(self.verbs.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with a guess when there is no such verb."""
        if args and args[0] not in self.verbs and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0], self.verbs, 1)
            tip = f"Did you mean: {ctx.command_path} {near[0]}" if near else f"See: {ctx.command_path} --help"
            raise UserError(f"There is no verb {args[0]!r}.", tip)
        return super().resolve_command(ctx, args)
