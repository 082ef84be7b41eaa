"""skill-fleet new"""

from __future__ import annotations

import click

from skill_fleet.cli.options import format_option, say, say_json
from skill_fleet.errors import UserError

BODY = """
# {title}

{{{{WHAT_IT_MAKES_POSSIBLE}}}}

## Steps

1. {{{{FIRST_THING_TO_DO}}}}
2. {{{{HOW_TO_SEE_THAT_IT_WORKED}}}}
"""


@click.command("new")
@click.argument("path", metavar="CATEGORY/NAME")
@click.option("--description", metavar="TEXT", default="{{DESCRIPTION}}", help="What it does and when to use it.")
@format_option
def new(path: str, description: str, form: str) -> None:
    """Lay out an empty skill to fill in by hand.

    The checks stay red until each {{PLACEHOLDER}} is filled in. Nothing is committed.
    """
    from skill_fleet.cli.writing import write_changes
    from skill_fleet.fleet import fleet_at, here, skill_id, top
    from skill_fleet.markdown import quote
    from skill_fleet.proposals import refuse_id

    with here() as repo:
        root, fleet = top(repo, "Run this in a clone that has files."), fleet_at(repo, None)
        wanted = skill_id(path)
        try:
            refuse_id(wanted, fleet)
        except UserError as problem:  # the tip is that of `create`, where the place is an option
            raise UserError(problem.message, problem.tip.replace("--path ", "")) from problem
        name = wanted.rpartition("/")[2]
        head = f'---\nname: {name}\ndescription: {quote(description)}\nmetadata:\n  version: "0.1.0"\n---\n'
        file = f"skills/{wanted}/SKILL.md"
        text = head + BODY.format(title=name.replace("-", " ").capitalize())
        write_changes(root, {file: text.encode()})
    if form == "json":
        say_json({"skill": wanted, "file": file})
    else:
        say(f"{file} is there to be filled in", f"Next: skill-fleet validate skills/{wanted}")
