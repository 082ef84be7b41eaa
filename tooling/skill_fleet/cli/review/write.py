"""skill-fleet review write"""

from __future__ import annotations

import json

import click

from skill_fleet.cli.files import read_input, write_output
from skill_fleet.cli.options import output_option


@click.command("write")
@click.argument("plan", metavar="PLAN")
@output_option
def write(plan: str, output: str) -> None:
    """Add the words that a plan needs a model for.

    PLAN is the file that `decide` wrote; - reads it from standard input. Without a model there is nothing to add: such
    requests are already answered with that, and stay open.
    """
    from skill_fleet.review.codec import decode, encode
    from skill_fleet.review.plan import Plan

    checked = decode(Plan, read_input(plan, "plan"))
    click.echo("No model is set up, so the plan stays as it is.", err=True)
    write_output(output, json.dumps(encode(checked), indent=1) + "\n")
