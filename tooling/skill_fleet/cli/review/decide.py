"""skill-fleet review decide"""

from __future__ import annotations

import json
from dataclasses import replace

import click

from skill_fleet.cli.files import read_input, write_output
from skill_fleet.cli.options import attempt_options, output_option


@click.command("decide")
@click.argument("snapshot", metavar="SNAPSHOT")
@output_option
@attempt_options
def decide(snapshot: str, output: str, run_id: str, attempt: str) -> None:
    """Turn a snapshot into a plan; touches nothing.

    SNAPSHOT is the file that `fetch` wrote; - reads it from standard input. The plan says in which run of a workflow it
    was decided, and only that one can carry it out.
    """
    from skill_fleet.forges import Snapshot
    from skill_fleet.review import decide as decide_on, decode, encode

    plan = decide_on(decode(Snapshot, read_input(snapshot, "snapshot")))
    plan = replace(plan, run=run_id, attempt=attempt)
    write_output(output, json.dumps(encode(plan), indent=1) + "\n")
