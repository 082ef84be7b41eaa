"""skill-fleet review decide"""

from __future__ import annotations

import json

import click

from skill_fleet.cli.files import read_input, write_output
from skill_fleet.cli.options import output_option


@click.command("decide")
@click.argument("snapshot", metavar="SNAPSHOT")
@output_option
def decide(snapshot: str, output: str) -> None:
    """Turn a snapshot into a plan; touches nothing.

    SNAPSHOT is the file that `fetch` wrote; - reads it from standard input.
    """
    from skill_fleet.forges.types import Snapshot
    from skill_fleet.review.codec import decode, encode
    from skill_fleet.review.decide import decide as decide_on

    plan = decide_on(decode(Snapshot, read_input(snapshot, "snapshot")))
    write_output(output, json.dumps(encode(plan), indent=1) + "\n")
