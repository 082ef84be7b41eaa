"""skill-fleet review request-changes"""

from __future__ import annotations

import click

from skill_fleet.cli.files import read_text


@click.command("request-changes")
@click.argument("number", type=click.IntRange(min=1))
@click.argument("body", required=False, default="")
@click.option("-F", "--file", metavar="FILE", help="Take the text from a file; - is standard input.")
def request_changes(number: int, body: str, file: str | None) -> None:
    """Ask for changes to a pull request.

    It stands until you approve, whatever is done about it. Say what should change on the lines it is about.
    """
    from skill_fleet.cli.forge import forge_here, tell
    from skill_fleet.cli.place import here

    with here() as repo:
        forge = forge_here(repo)
        key = forge.review(number, "changes_requested", read_text(file) if file else body)
        tell(forge)
    click.echo(f"#{number}: {key}")
