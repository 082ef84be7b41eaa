"""skill-fleet fix"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from skill_fleet.cli.options import format_option, say_json
from skill_fleet.errors import UserError

if TYPE_CHECKING:
    from skill_fleet.fixes import Changes
    from skill_fleet.git import Repository


NOTHING = "Nothing to fix."


@click.command("fix")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--diff", is_flag=True, help="Write nothing; print a patch that `git apply` takes.")
@click.option("--head", metavar="REF", help="With --diff: against this commit or branch instead of the files.")
@format_option
def fix(paths: tuple[str, ...], diff: bool, head: str | None, form: str) -> None:
    """Fix front-matter problems that have only one solution.

    Without PATH: the whole fleet. With PATHs: any folders with skills. A SKILL.md that is spelled in another case is
    renamed. Comments, the order of keys and every byte of the body stay as they are; what needs a decision is left to
    you, and `validate` says what that is.
    """
    from skill_fleet.cli.writing import write_changes
    from skill_fleet.fixes import as_patch, fix_fleet
    from skill_fleet.fleet import fleet_at, fleet_of, here
    from skill_fleet.markdown import escaped

    if head and (paths or not diff):
        raise UserError("--head shows what would change in a commit.", "Use it with --diff, and without PATHs.")
    with ExitStack() as stack:
        if paths:
            fleet, root = fleet_of([Path(path) for path in paths], fixing=True)
        else:
            repo: Repository = stack.enter_context(here())
            fleet = fleet_at(repo, head, "--head")
            root = repo.root or Path()
        changes: Changes = fix_fleet(fleet)
        patch = as_patch(fleet.tree, changes) if diff else b""
    if diff:
        sys.stdout.buffer.write(patch)
        if not patch:
            click.echo(NOTHING, err=True)  # an empty patch is one as well, and standard output is for `git apply`
        return
    write_changes(root, changes)
    if form == "json":
        say_json({"changed": sorted(changes)})
        return
    for path, content in sorted(changes.items()):
        click.echo(escaped(f"{'removed' if content is None else 'fixed'} {path}"))
    if not changes:
        click.echo(NOTHING)
