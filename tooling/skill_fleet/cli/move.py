"""skill-fleet move, skill-fleet retire"""

from __future__ import annotations

import click

from skill_fleet import fixes, fleet, git
from skill_fleet.cli.lazy import complete_skills
from skill_fleet.cli.options import format_option, show


@click.command("move")
@click.argument("old", shell_complete=complete_skills)
@click.argument("new")
@format_option
def move(old: str, new: str, form: str) -> None:
    """Rename or move a skill and update references to it.

    OLD and NEW are ids, CATEGORY/NAME. The folder moves, `name` and `formerly` are updated, and so are the skills that
    refer to it. Nothing is committed: see the changes with git status.
    """
    old, new = fleet.skill_id(old), fleet.skill_id(new)
    repo = fleet.here()
    root = fleet.top(repo, "Run this in a clone with a work tree.")
    relocation = fixes.move_skill(fleet.fleet_at(repo, None), old, new)
    fixes.write_changes(root, relocation.changes, relocation.executable)
    git.mark_executable(repo, relocation.executable)
    count = sum(content is not None for content in relocation.changes.values())
    show(
        form,
        {"old": old, "new": new, "changed": sorted(relocation.changes)},
        f"{old} is now {new}: {count} file{'s' * (count != 1)} written",
        "Next: skill-fleet validate",
    )


@click.command("retire")
@click.argument("skill", shell_complete=complete_skills)
@click.option("--superseded-by", metavar="SKILL", default="", help="Id of the skill that replaces it.")
@click.option("--reason", metavar="TEXT", default="", help="Reason, for people who look for it later.")
@format_option
def retire(skill: str, superseded_by: str, reason: str, form: str) -> None:
    """Retire a skill and leave a stub that names its replacement.

    SKILL is an id, CATEGORY/NAME. Its name stays taken: SKILL.md becomes a stub, and the catalogue no longer lists it.
    Nothing is committed: see the changes with git status.
    """
    skill, replacement = fleet.skill_id(skill), fleet.skill_id(superseded_by) if superseded_by else ""
    repo = fleet.here()
    root = fleet.top(repo, "Run this in a clone with a work tree.")
    relocation = fixes.retire_skill(fleet.fleet_at(repo, None), skill, replacement, reason)
    fixes.write_changes(root, relocation.changes, relocation.executable)
    show(
        form,
        {"skill": skill, "superseded_by": replacement, "changed": sorted(relocation.changes)},
        f"{skill} is retired{f' in favour of {replacement}' if replacement else ''}",
        "Next: skill-fleet validate",
    )
