"""skill-fleet review fetch"""

from __future__ import annotations

import json

import click

from skill_fleet.cli.files import write_output
from skill_fleet.cli.options import number_argument, output_option


@click.command("fetch")
@number_argument
@output_option
def fetch(number: int, output: str) -> None:
    """Write a pull request as one JSON snapshot."""
    from skill_fleet.fleet import here
    from skill_fleet.proposals import forge_here, tell
    from skill_fleet.review import encode

    with here() as repo:
        forge = forge_here(repo)
        snapshot = forge.snapshot(number)
        tell(forge)
    write_output(output, json.dumps(encode(snapshot), indent=1) + "\n")
