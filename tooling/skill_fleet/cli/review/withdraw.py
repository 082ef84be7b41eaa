"""skill-fleet review withdraw"""

from __future__ import annotations

import click

from skill_fleet.cli.options import format_option, number_argument, say, say_json
from skill_fleet.errors import UserError


@click.command("withdraw")
@number_argument
@click.argument("item")
@format_option
def withdraw(number: int, item: str, form: str) -> None:
    """Take back a comment or a verdict of your own.

    ITEM is its key as `review show` prints it, or the beginning of it. What it asked for is asked no more.
    """
    from skill_fleet.cli.review.keys import item_named
    from skill_fleet.fleet import here
    from skill_fleet.proposals import forge_here, tell

    with here() as repo:
        forge = forge_here(repo)
        found = item_named(forge.snapshot(number), item)
        if found.author.id != forge.actor.id:
            raise UserError(f"{found.key} is by {found.author.name}.", "Only its author can withdraw it.")
        if found.verdict:
            forge.dismiss(number, found.key)
        else:
            forge.delete(number, found.key)
        tell(forge)
    if form == "json":
        say_json({"number": number, "key": found.key})
    else:
        say(f"#{number}: {found.key} withdrawn", f"Next: skill-fleet review step {number}")
