"""skill-fleet review reopen"""

from __future__ import annotations

import click

from skill_fleet.cli.options import format_option, number_argument, say, say_json


@click.command("reopen")
@number_argument
@format_option
def reopen(number: int, form: str) -> None:
    """Open a pull request again that was closed.

    One that was merged stays merged.
    """
    from skill_fleet.fleet import here
    from skill_fleet.proposals import forge_here, tell

    with here() as repo:
        forge = forge_here(repo)
        forge.close(number, False)
        tell(forge)
    if form == "json":
        say_json({"number": number, "state": "open"})
    else:
        say(f"#{number} is open.", f"Next: skill-fleet review show {number}")
