"""skill-fleet list"""

from __future__ import annotations

import click

from skill_fleet import fleet, markdown
from skill_fleet.cli.options import format_option, note, show


@click.command("list")
@click.option("--ref", metavar="REF", help="List the skills of this commit or branch instead of the work tree's.")
@format_option
def list(ref: str | None, form: str) -> None:
    """List the skills of the fleet."""
    rows = [
        {
            "id": skill.id,
            "name": skill.name,
            "description": skill.description,
            "status": skill.status,
            "version": skill.front_matter.metadata("version") or "",
            "path": skill.path,
        }
        for skill in fleet.skills_at(fleet.here(), ref).skills
    ]
    show(form, rows, *map(_line, rows))
    if not rows:
        note("There are no skills yet. Draft one: skill-fleet create --from DOCUMENT.md --path CATEGORY")


def _line(row: dict[str, str]) -> str:
    status = "" if row["status"] == "active" else f" ({row['status']})"
    return f"{row['id']}{status}  {markdown.shortened(' '.join(row['description'].split()), 100)}"
