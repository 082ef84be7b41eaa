"""skill-fleet migrate"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from skill_fleet.cli import FINDINGS, FINE
from skill_fleet.cli.options import format_option, show
from skill_fleet.errors import UserError

if TYPE_CHECKING:
    from skill_fleet.fixes import Migration


@click.command("migrate")
@click.argument("sources", nargs=-1, required=True, metavar="SRC...")
@click.option("--to", "category", required=True, metavar="CATEGORY", help="Category for the skills.")
@click.option("--dry-run", is_flag=True, help="Show what would be written; write nothing.")
@format_option
def migrate(sources: tuple[str, ...], category: str, dry_run: bool, form: str) -> int:
    """Import skills from another repository without changing their bodies.

    SRC is a folder: one skill, a tree of skills, a clone, or Skills Fleet's old layout. The metadata of each skill
    records its source, commit and licence. Nothing is committed. Exit status 1 when a skill could not be imported.
    """
    from skill_fleet.fixes import write_changes
    from skill_fleet.fleet import fleet_at, here, top

    with here() as repo:
        root, fleet = top(repo, "Run this in a clone with a work tree."), fleet_at(repo, None)
    if category not in fleet.taxonomy.categories:
        raise UserError(
            f"There is no category {category!r}.", f"Choose one of: {', '.join(fleet.taxonomy.categories)}."
        )
    results: list[Migration] = []
    taken = {*fleet.by_name, *(old.rpartition("/")[2] for old in fleet.former)}
    for source in sources:
        results.append(_read(Path(source), category, taken))
        taken |= {moved.id.rpartition("/")[2] for moved in results[-1].skills if moved.id}
    if not dry_run:
        for result in results:
            write_changes(root, result.files, result.executable)
    skills = [each for result in results for each in result.skills]
    count = f"{sum(bool(each.id) for each in skills)} of {len(skills)} skills"
    show(
        form,
        {
            "written": not dry_run,
            "skills": [{"source": each.source, "id": each.id, "notes": [*each.notes]} for each in skills],
        },
        *(
            line
            for each in skills
            for line in (f"{each.source} -> {each.id or 'not imported'}", *(f"  {words}" for words in each.notes))
        ),
        f"{count} would be imported" if dry_run else f"{count} imported",
        "Next: skill-fleet validate",
    )
    return FINE if all(each.id for each in skills) else FINDINGS


def _read(source: Path, category: str, taken: set[str]) -> Migration:
    """Migrate the skills of one folder, in memory; UserError when it has none."""
    from skill_fleet.fixes import Origin, migrate as migrate_tree
    from skill_fleet.fleet import WorkTree
    from skill_fleet.git import Repository

    if not source.is_dir():
        raise UserError(f"There is no folder {source}.", "Name a folder with skills, or a clone of a repository.")
    folder = source.resolve()
    origin = Origin(source.name or folder.name)
    try:
        with Repository(folder) as repo:
            address = _without_credentials(repo.address("origin") or "")
            origin = Origin(address or folder.name, repo.find("HEAD") or "")
    except UserError:
        pass  # not a clone: only the folder's name is known
    result = migrate_tree(WorkTree(folder.parent, folder.name), category, origin, taken)
    if not result.skills:
        raise UserError(f"There is no skill in {source}.", "A skill is a folder with a SKILL.md in it.")
    return result


def _without_credentials(address: str) -> str:
    """Return the address of a remote without user and password."""
    scheme, separator, rest = address.partition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}" if separator else address
