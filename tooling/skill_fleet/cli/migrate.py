"""skill-fleet migrate"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from skill_fleet.cli.options import format_option, say, say_json
from skill_fleet.errors import UserError

if TYPE_CHECKING:
    from skill_fleet.fixes import Migration
    from skill_fleet.fleet import Fleet


@click.command("migrate")
@click.argument("sources", nargs=-1, required=True, metavar="SRC...")
@click.option("--to", "category", required=True, metavar="CATEGORY", help="The category that the skills go to.")
@click.option("--dry-run", is_flag=True, help="Say what would be written; write nothing.")
@format_option
def migrate(sources: tuple[str, ...], category: str, dry_run: bool, form: str) -> int:
    """Import skills from another repository without changing their bodies.

    SRC is a folder: one skill, a tree of skills, a clone, or Skills Fleet's old layout. Where a skill came from, its
    commit and its licence are recorded in its metadata. Nothing is committed; exit status 1 when one could not come.
    """
    from skill_fleet.cli.main import FINDINGS, FINE
    from skill_fleet.cli.writing import write_changes
    from skill_fleet.fleet import fleet_at, here, top

    with here() as repo:
        root, fleet = top(repo, "Run this in a clone that has files."), fleet_at(repo, None)
    if category not in fleet.taxonomy.categories:
        raise UserError(f"There is no category {category!r}.", f"There are: {', '.join(fleet.taxonomy.categories)}.")
    results = []
    taken = {*fleet.by_name, *(old.rpartition("/")[2] for old in fleet.former)}
    for source in sources:
        results.append(_bring(Path(source), category, fleet, taken))
        taken |= {moved.id.rpartition("/")[2] for moved in results[-1].skills if moved.id}
    if not dry_run:
        for result in results:
            write_changes(root, result.files, result.executable)
    moved = [each for result in results for each in result.skills]
    if form == "json":
        rows = [{"source": each.source, "id": each.id, "notes": [*each.notes]} for each in moved]
        say_json({"written": not dry_run, "skills": rows})
    else:
        for each in moved:
            say(f"{each.source} -> {each.id or 'not brought in'}", *(f"  {note}" for note in each.notes))
        count = sum(bool(each.id) for each in moved)
        say(f"{count} of {len(moved)} skills {'would come' if dry_run else 'came'}", "Next: skill-fleet validate")
    return FINE if all(each.id for each in moved) else FINDINGS


def _bring(source: Path, category: str, fleet: Fleet, taken: set[str]) -> Migration:
    """Migrate the skills of one folder; UserError when it has none."""
    from skill_fleet.fixes import Origin, migrate as bring
    from skill_fleet.fleet import WorkTree
    from skill_fleet.git import Repository

    if not source.is_dir():
        raise UserError(f"There is no folder {source}.", "Name a folder with skills, or a clone of a repository.")
    folder = source.resolve()
    origin = Origin(source.name or folder.name)
    try:
        with Repository(folder) as repo:
            address = _without_secrets(repo.address("origin") or "")
            origin = Origin(address or folder.name, repo.find("HEAD") or "")
    except UserError:
        pass  # not a clone: the folder's name is all that is known of where it came from
    result = bring(WorkTree(folder.parent, folder.name), category, origin, taken)
    if not result.skills:
        raise UserError(f"There is no skill in {source}.", "A skill is a folder with a SKILL.md in it.")
    return result


def _without_secrets(address: str) -> str:
    """A remote's address without the user and password that some carry."""
    scheme, separator, rest = address.partition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}" if separator else address
