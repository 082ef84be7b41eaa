"""skill-fleet move"""

from __future__ import annotations

import click

from skill_fleet.cli.options import format_option, say, say_json


@click.command("move")
@click.argument("old")
@click.argument("new")
@format_option
def move(old: str, new: str, form: str) -> None:
    """Rename or move a skill and update references to it.

    OLD and NEW are ids, CATEGORY/NAME. The folder moves, `name` and `formerly` follow, and the other skills of the fleet
    name the new id. Nothing is committed: look at it with git status.
    """
    from skill_fleet.cli.writing import write_changes
    from skill_fleet.fixes import move_skill
    from skill_fleet.fleet import fleet_at, here, skill_id, top

    with here() as repo:
        root = top(repo, "Run this in a clone that has files.")
        relocation = move_skill(fleet_at(repo, None), skill_id(old), skill_id(new))
        write_changes(root, relocation.changes, relocation.executable)
    if form == "json":
        say_json({"old": skill_id(old), "new": skill_id(new), "changed": sorted(relocation.changes)})
    else:
        count = sum(content is not None for content in relocation.changes.values())
        say(
            f"{skill_id(old)} is now {skill_id(new)}: {count} file{'s' * (count != 1)} written",
            "Next: skill-fleet validate",
        )
