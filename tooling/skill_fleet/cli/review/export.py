"""skill-fleet review export"""

from __future__ import annotations

import json

import click

from skill_fleet import proposals
from skill_fleet.cli.files import write_text
from skill_fleet.cli.lazy import place_options
from skill_fleet.cli.options import note, open_forge, output_option


@click.command("export")
@place_options
@output_option
def export(output: str) -> None:
    """Write the records of all pull requests as lines of JSON.

    For each pull request of the bot: its draft, each request with its answer and its change, and how it ended. Pull
    requests with the label no-train are left out.
    """
    with open_forge() as forge:
        records, left_out = proposals.export_records(forge)
    write_text(output, "".join(f"{json.dumps(row, sort_keys=True)}\n" for row in records))
    aside = f"; left out: {', '.join(f'#{number}' for number in left_out)}" if left_out else ""
    note(f"{len(records)} rows{aside}")
