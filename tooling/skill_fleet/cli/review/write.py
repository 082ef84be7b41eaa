"""skill-fleet review write"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from skill_fleet.cli.files import read_input, write_output
from skill_fleet.cli.options import output_option
from skill_fleet.errors import UserError

if TYPE_CHECKING:
    from skill_fleet.fleet import Configuration


@click.command("write")
@click.argument("plan", metavar="PLAN")
@click.option("--snapshot", metavar="FILE", help="What `fetch` wrote and the plan was decided on; needed with a model.")
@output_option
def write(plan: str, snapshot: str | None, output: str) -> None:
    """Write the words that a plan needs a model for.

    PLAN is the file that `decide` wrote; - reads it from standard input. What comes out is for `apply --words`: new texts
    of the skill's files, a reply to each request that waits, and for the record what the model was asked and said.
    Without a model there are no words: such requests are answered with that, and stay open. So they do when the model
    fails, with its reason.
    """
    from skill_fleet.forges import Snapshot
    from skill_fleet.model import redacted
    from skill_fleet.proposals import NO_TRAIN, reviser_for
    from skill_fleet.review import Plan, Words, decode, encode, guarded, heard, own_secrets, plan_digest, take_words

    checked = decode(Plan, read_input(plan, "plan"))
    facts = decode(Snapshot, read_input(snapshot, "snapshot")) if snapshot else None
    words = Words(plan_digest(checked), "", {}, None)
    if reviser := reviser_for(_configuration(), facts.fleet.programs if facts else {}):
        if facts is None:
            raise UserError("The model has to read what the plan was decided on.", "Give it: --snapshot SNAPSHOT.json")
        if (facts.repository, facts.number, facts.head_oid) != (checked.repository, checked.number, checked.head_oid):
            raise UserError("The plan was decided on another snapshot.", "Give the one that `decide` was given.")
        secrets = own_secrets(os.environ)
        words = take_words(facts, checked, guarded(reviser, secrets))
        if NO_TRAIN not in facts.labels:
            words = replace(words, calls=heard(redacted(reviser.taken(), secrets), secrets))
        if reviser.failure:
            click.echo(f"note: {reviser.failure.message}", err=True)
    else:
        click.echo("No model is set up, so there are no words.", err=True)
    write_output(output, json.dumps(encode(words), indent=1) + "\n")


def _configuration() -> Configuration:
    """That of the base here; a plan can be written where there is none."""
    from skill_fleet.fleet import Configuration, here
    from skill_fleet.proposals import base_configuration

    try:
        repo = here()
    except UserError:
        return Configuration()
    with repo:
        return base_configuration(repo)
