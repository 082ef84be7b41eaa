"""skill-fleet list"""

from __future__ import annotations

import click

from skill_fleet.cli.options import format_option, say, say_json


@click.command("list")
@click.option("--ref", metavar="REF", help="Read this commit or branch instead of the files as they are now.")
@format_option
def list(ref: str | None, form: str) -> None:
    """List the skills of the fleet."""
    from skill_fleet.fleet import fleet_at, here

    with here() as repo:
        fleet = fleet_at(repo, ref)
        skills = [
            {
                "id": skill.id,
                "name": skill.name,
                "description": skill.description,
                "status": skill.status,
                "version": skill.front_matter.metadata("version") or "",
                "path": skill.path,
            }
            for skill in fleet.skills
        ]
        if form == "json":
            say_json(skills)
            return
        for row in skills:
            status = "" if row["status"] == "active" else f" ({row['status']})"
            say(f"{row['id']}{status}  {_short(row['description'])}")
        if not skills:
            click.echo("There is no skill yet. Draft one with: skill-fleet create --from DOCUMENT.md", err=True)


def _short(text: str, limit: int = 100) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"
