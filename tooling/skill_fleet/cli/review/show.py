"""skill-fleet review show"""

from __future__ import annotations

import click

from skill_fleet.cli.options import format_option, number_argument, say, say_json


@click.command("show")
@number_argument
@format_option
def show(number: int, form: str) -> None:
    """Show a pull request: its skill, its talk, its gates.

    What stands in brackets behind a name is the item's key, for `resolve`, `withdraw` and `comment --reply-to`.
    """
    from skill_fleet.cli.gates import checklist, gate_facts, gates_of
    from skill_fleet.cli.review.page import page
    from skill_fleet.errors import UserError
    from skill_fleet.fleet import here
    from skill_fleet.proposals import forge_here, tell
    from skill_fleet.review import encode

    with here() as repo:
        forge = forge_here(repo)
        snapshot = forge.snapshot(number)
        tell(forge)
        try:
            gates = gates_of(repo, snapshot) if snapshot.state == "open" else ()
        except UserError as problem:  # a conflict: it is shown, and everything else with it
            gates = ()
            click.echo(f"note: {problem.message} {problem.tip}", err=True)
    if form == "json":
        say_json({**encode(snapshot), "gates": gate_facts(gates)})
    else:
        say(*page(snapshot, forge.remote), *checklist(gates))
