"""skill-fleet list, search, show, changes"""

from __future__ import annotations

from collections.abc import Iterable

import click

from skill_fleet import fleet, markdown, review
from skill_fleet.cli.lazy import complete_categories, complete_skills
from skill_fleet.cli.options import format_option, note, show as show_result
from skill_fleet.errors import UserError

STATUSES = ("active", "deprecated", "retired")
MOST = 20

ref_option = click.option("--ref", metavar="REF", help="Read this commit or branch instead of the work tree.")


@click.command("list")
@click.option("--category", metavar="CATEGORY", help="Only this category.", shell_complete=complete_categories)
@click.option("--status", type=click.Choice(STATUSES), help="Only skills with this status.")
@ref_option
@format_option
def list(category: str | None, status: str | None, ref: str | None, form: str) -> None:
    """List the skills of the repository."""
    found = fleet.skills_at(fleet.here(), ref)
    known = fleet.categories(found)
    if category is not None and category not in {*known.values(), *found.taxonomy.categories}:
        names = ", ".join(sorted({*known.values()})) or "none"
        raise UserError(f"There is no category {category!r}.", f"The categories are: {names}.")
    kept = [
        skill
        for skill in found.skills
        if category in (None, known[skill.id]) and (status is None or skill.status == status)
    ]
    _print(kept, known, form)
    _note_none(found)


@click.command("search")
@click.argument("text", nargs=-1, required=True, metavar="TEXT...")
@click.option("--limit", type=click.IntRange(1), default=MOST, show_default=True, help="The most skills to show.")
@ref_option
@format_option
def search(text: tuple[str, ...], limit: int, ref: str | None, form: str) -> None:
    """Search names, descriptions and texts of the skills.

    The best hits come first. A word also finds longer ones that begin with it.
    """
    found = fleet.skills_at(fleet.here(), ref)
    hits = [*fleet.search(found, " ".join(text), limit)]
    _print(hits, fleet.categories(found, hits), form)
    if found.skills and not hits:
        note("No skill has any of these words.")
    _note_none(found)


@click.command("show")
@click.argument("skill", shell_complete=complete_skills)
@ref_option
@format_option
def show(skill: str, ref: str | None, form: str) -> None:
    """Show a skill: its fields and its files."""
    found = fleet.skills_at(fleet.here(), ref)
    one = fleet.find_skill(found, skill)
    facts = _facts(one, fleet.categories(found, [one])[one.id])
    values = markdown.scalars(one.front_matter.mapping)
    fields = {
        path: each.text for path, each in values if not path.endswith(":") and "[]" not in path
    }  # no keys, no lists
    files = [one.relative(entry.path) for entry in one.entries]
    show_result(
        form,
        facts | {"fields": fields, "files": files},
        f"{one.id}  ({facts['category']}, {facts['status']})",
        f"  {' '.join(one.description.split())}",
        *(f"  {key}: {' '.join(value.split())}" for key, value in fields.items() if key not in ("name", "description")),
        *(f"  {one.inside(each)}" for each in files),
    )


@click.command("changes")
@click.argument("commits", metavar="FROM..[TO]")
@format_option
def changes(commits: str, form: str) -> None:
    """List the skills that differ between two commits, as Markdown for release notes.

    FROM and TO are commits, branches or tags; TO is HEAD if it is left out. Each skill is new, changed, moved, retired
    or removed, and below it is what it may newly do: scripts, hosts, tools, binary files.
    """
    repo = fleet.here()
    first, _, last = commits.partition("..")
    found = review.changelog(fleet.skills_at(repo, first), fleet.skills_at(repo, last or "HEAD"))
    rows = [
        {"id": each.id, "how": each.how, "former": each.former, "able": [one.as_json() for one in each.able]}
        for each in found
    ]
    show_result(form, rows, *(line for each in found for line in each.notes))
    if not found:
        note("No skill differs.")


def _note_none(found: fleet.Fleet) -> None:
    if not found.skills and found.is_ours:
        note("There are no skills yet. Draft one: skill-fleet create --from DOCUMENT.md --path CATEGORY")
    elif not found.skills:
        none = fleet.no_skill(found)
        note(f"{none.message} {none.tip}")


def _facts(skill: fleet.Skill, category: str) -> dict[str, str]:
    return {
        "id": skill.id,
        "name": skill.name,
        "category": category,
        "description": skill.description,
        "status": skill.status,
        "version": skill.front_matter.metadata("version") or "",
        "path": skill.path,
    }


def _print(skills: Iterable[fleet.Skill], categories: dict[str, str], form: str) -> None:
    rows = [_facts(skill, categories[skill.id]) for skill in skills]
    show_result(form, rows, *map(_line, rows))


def _line(row: dict[str, str]) -> str:
    status = "" if row["status"] == "active" else f" ({row['status']})"
    return f"{row['id']}{status}  {markdown.shortened(' '.join(row['description'].split()), 100)}"
