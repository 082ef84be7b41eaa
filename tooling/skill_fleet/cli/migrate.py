"""skill-fleet migrate"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import click

from skill_fleet import fixes, fleet, git
from skill_fleet.cli import FINDINGS, FINE
from skill_fleet.cli.lazy import complete_categories, local
from skill_fleet.cli.options import format_option, show
from skill_fleet.errors import UserError


@click.command("migrate")
@click.argument("sources", nargs=-1, type=local, required=True, metavar="SRC...")
@click.option(
    "--to",
    "category",
    required=True,
    metavar="CATEGORY",
    help="Category for the skills.",
    shell_complete=complete_categories,
)
@click.option("--dry-run", is_flag=True, help="Show what would be written; write nothing.")
@format_option
def migrate(sources: tuple[str, ...], category: str, dry_run: bool, form: str) -> int:
    """Import skills from another repository without changing their bodies.

    SRC is a folder: one skill, a tree of skills, a clone, or a library of the project Skills Fleet. The metadata of each skill
    records its source, commit and licence. What was imported before is left as it is. Nothing is committed. Exit status 1
    when a skill could not be imported.
    """
    repo = fleet.here()
    root, ours = fleet.top(repo, "Run this in a clone with a work tree."), fleet.fleet_at(repo, None)
    if category not in ours.taxonomy.categories:
        raise UserError(f"There is no category {category!r}.", f"Choose one of: {', '.join(ours.taxonomy.categories)}.")
    skills: list[fixes.MigratedSkill] = []
    taken = {*ours.by_name, *(old.rpartition("/")[2] for old in ours.former)}
    imported: dict[str, list[str]] = {}
    for each in ours.skills:
        imported.setdefault(each.front_matter.metadata("source") or "", []).append(each.id)
    for source in sources:
        skills += _read(Path(source), category, taken, imported)
        taken |= {each.id.rpartition("/")[2] for each in skills if each.id}
    if not dry_run:
        files = {path: content for each in skills for path, content in each.files.items()}
        executable = {path for each in skills for path in each.executable}
        fixes.write_changes(root, files, executable)
        git.mark_executable(repo, executable)
    before = sum(bool(each.id) and not each.files for each in skills)
    count = f"{sum(bool(each.files) for each in skills)} of {len(skills)} skills"
    known = f", {before} imported before" if before else ""
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
        f"{count} {'would be imported' if dry_run else 'imported'}{known}",
        "Next: skill-fleet validate",
    )
    return FINE if all(each.id for each in skills) else FINDINGS


def _read(
    source: Path, category: str, taken: set[str], imported: Mapping[str, Collection[str]]
) -> tuple[fixes.MigratedSkill, ...]:
    """Migrate the skills of one folder, in memory; UserError when it has none."""
    if not source.is_dir():
        raise UserError(f"There is no folder {source}.", "Name a folder with skills, or a clone of a repository.")
    folder = source.resolve()
    origin, modes = fixes.Origin(source.name or folder.name), dict[str, int]()
    try:
        repo = git.Repository(folder)
        address = _without_credentials(repo.remote_url("origin") or "")
        origin = fixes.Origin(address or folder.name, repo.find("HEAD") or "")
        plain, changed, _ = repo.files(folder)
        modes = {
            f"{folder.name}/{path}": mode for path, mode in ({each.path: each.mode for each in plain} | changed).items()
        }
    except UserError:
        pass  # not a clone: only the folder's name is known
    skills = fixes.migrate(fleet.WorkTree(folder.parent, folder.name, modes=modes), category, origin, taken, imported)
    if not skills:
        raise UserError(f"There is no skill in {source}.", "A skill is a folder with a SKILL.md in it.")
    return skills


def _without_credentials(address: str) -> str:
    """Return the address of a remote without user and password."""
    scheme, separator, rest = address.partition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}" if separator else address
