"""skill-fleet review approve"""

from __future__ import annotations

import click

from skill_fleet.cli.files import read_text


@click.command("approve")
@click.argument("number", type=click.IntRange(min=1))
@click.argument("body", required=False, default="")
@click.option("-F", "--file", metavar="FILE", help="Take the text from a file; - is standard input.")
def approve(number: int, body: str, file: str | None) -> None:
    """Approve the head of a pull request.

    The approval is of the commits as they are now: what comes later voids it.
    """
    from skill_fleet.cli.forge import forge_here, tell
    from skill_fleet.cli.place import here

    with here() as repo:
        forge = forge_here(repo)
        key = forge.review(number, "approved", read_text(file) if file else body)
        tell(forge)
    click.echo(f"#{number}: {key}")
