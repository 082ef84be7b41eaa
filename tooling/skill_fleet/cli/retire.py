"""skill-fleet retire"""

from __future__ import annotations

import click

from skill_fleet.cli.options import format_option, say, say_json


@click.command("retire")
@click.argument("skill")
@click.option("--superseded-by", metavar="SKILL", default="", help="The id of the skill that replaces it.")
@click.option("--reason", metavar="TEXT", default="", help="Why, for those who still look for it.")
@format_option
def retire(skill: str, superseded_by: str, reason: str, form: str) -> None:
    """Take a skill out of use; a stub says what replaces it.

    SKILL is an id, CATEGORY/NAME. Its name is never used for something else, so its SKILL.md stays as a stub; it leaves
    the catalogue. Nothing is committed: look at it with git status.
    """
    from skill_fleet.cli.writing import write_changes
    from skill_fleet.fixes import retire_skill
    from skill_fleet.fleet import fleet_at, here, skill_id, top

    with here() as repo:
        root = top(repo, "Run this in a clone that has files.")
        heir = skill_id(superseded_by) if superseded_by else ""
        relocation = retire_skill(fleet_at(repo, None), skill_id(skill), heir, reason)
        write_changes(root, relocation.changes, relocation.executable)
    if form == "json":
        say_json({"skill": skill_id(skill), "superseded_by": heir, "changed": sorted(relocation.changes)})
    else:
        say(f"{skill_id(skill)} is retired{f' in favour of {heir}' if heir else ''}", "Next: skill-fleet validate")
