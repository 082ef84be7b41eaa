"""skill-fleet build-site"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from skill_fleet import fleet, site
from skill_fleet.cli import FINE
from skill_fleet.cli.options import format_option, note, say, say_json
from skill_fleet.errors import UserError


@click.command("build-site")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--ref", metavar="REF", default="HEAD", help="Build the site of this commit or branch (default: HEAD).")
@click.option(
    "--base",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Take unchanged pages from this earlier build (default: the one in DIR, if there is one).",
)
@click.option(
    "--keep", type=click.IntRange(1), default=3, show_default=True, help="Archives of each skill's last versions."
)
@format_option
def build_site(folder: Path, ref: str, base: Path | None, keep: int, form: str) -> int:
    """Build the pages, archives and index of the fleet.

    Static files that any server publishes. They are about a commit, not the work tree. The same commit gives the same
    bytes; a second build writes only what changed. Set `site` in [tool.skill-fleet] to their address.
    """
    repo = fleet.here()
    skills = fleet.skills_at(repo, ref)
    if not skills.skills:
        raise fleet.no_skill(skills)
    try:
        built = site.build_site(repo, skills, repo.resolve(ref), folder, base, keep)
    except ModuleNotFoundError as problem:
        if problem.name not in ("jinja2", "markupsafe"):
            raise
        raise UserError("Building a site needs Jinja2.", "Install it: pip install 'jinja2>=3.1.6'") from problem
    note(*(f"left out: {each.path}: {each.reason}" for each in built.left_out))
    if not skills.configuration.site:
        note("note: no address is set, so there is no feed and no site map: set `site` in [tool.skill-fleet].")
    if built.size > site.MAX_BYTES:
        note("note: this is more than GitHub Pages publishes (1 GB): lower --keep.")
    if form == "json":
        say_json(asdict(built))
    else:
        say(
            f"{folder}: {built.skills:,} skill{'s' * (built.skills != 1)}, {built.files:,} files, {built.size:,} bytes; "
            f"{built.written:,} written, {built.removed:,} removed"
        )
    return FINE
