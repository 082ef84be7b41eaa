"""skill-fleet new"""

from __future__ import annotations

import click

from skill_fleet import fixes, fleet, markdown, proposals
from skill_fleet.cli.lazy import complete_categories
from skill_fleet.cli.options import format_option, show

BODY = """
# {title}

{{{{WHAT_IT_MAKES_POSSIBLE}}}}

## Steps

1. {{{{FIRST_THING_TO_DO}}}}
2. {{{{HOW_TO_SEE_THAT_IT_WORKED}}}}
"""


@click.command("new")
@click.argument("path", metavar="CATEGORY/NAME", shell_complete=complete_categories)
@click.option("--description", metavar="TEXT", default="{{DESCRIPTION}}", help="What it does and when to use it.")
@format_option
def new(path: str, description: str, form: str) -> None:
    """Create an empty skill to fill in by hand.

    `validate` reports an error for each {{PLACEHOLDER}} until you replace it. Nothing is committed.
    """
    repo = fleet.here()
    root, ours = fleet.top(repo, "Run this in a clone with a work tree."), fleet.fleet_at(repo, None)
    skill = fleet.skill_id(path)
    proposals.refuse_id(skill, ours, option="")
    name = skill.rpartition("/")[2]
    head = f'---\nname: {name}\ndescription: {markdown.quote(description)}\nmetadata:\n  version: "0.1.0"\n---\n'
    file = f"skills/{skill}/SKILL.md"
    fixes.write_changes(root, {file: (head + BODY.format(title=name.replace("-", " ").capitalize())).encode()})
    show(form, {"skill": skill, "file": file}, f"{file} created", f"Next: skill-fleet validate skills/{skill}")
