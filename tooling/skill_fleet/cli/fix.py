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
    from skill_fleet.checks.fixes.fix import Changes
    from skill_fleet.fleet.git import Repository


@click.command("fix")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--diff", is_flag=True, help="Write nothing; print a patch that `git apply` takes.")
@click.option("--head", metavar="REF", help="With --diff: against this commit or branch instead of the files.")
@format_option
def fix(paths: tuple[str, ...], diff: bool, head: str | None, form: str) -> None:
    """Mend what has one right answer in the front matter of skills.

    Without PATH: the whole fleet. With PATHs: any folders with skills. Comments, the order of keys and every byte of
    the body stay as they are; what needs a decision is left to you, and `validate` says what that is.
    """
    from skill_fleet.checks.fixes.fix import fix_fleet
    from skill_fleet.checks.fixes.patch import as_patch
    from skill_fleet.checks.visible import escaped
    from skill_fleet.cli.place import fleet_at, fleet_of, here

    if head and (paths or not diff):
        raise UserError("--head shows what would change in a commit.", "Use it with --diff, and without PATHs.")
    with ExitStack() as stack:
        if paths:
            fleet, root = fleet_of([Path(path) for path in paths], mending=True)
        else:
            repo: Repository = stack.enter_context(here())
            fleet = fleet_at(repo, head, "--head")
            root = repo.root or Path()
        changes: Changes = fix_fleet(fleet)
        patch = as_patch(fleet.tree, changes) if diff else b""
    if diff:
        sys.stdout.buffer.write(patch)
        return
    # what is new comes first: whatever stops this, no text is lost
    for path in sorted(changes, key=lambda name: changes[name] is None):
        _write(root / path, changes[path])
    if form == "json":
        say_json({"changed": sorted(changes)})
        return
    for path, content in sorted(changes.items()):
        click.echo(escaped(f"{'removed' if content is None else 'mended'} {path}"))
    if not changes:
        click.echo("There was nothing to mend.")


def _write(file: Path, content: bytes | None) -> None:
    """Remove a file, or put new bytes in the place of the old in one move, so that nobody reads half of them."""
    try:
        if content is None:
            if "SKILL.md" in (each.name for each in file.parent.iterdir()):  # else the disk does not tell case apart
                file.unlink()
            return
        mode = file.stat().st_mode & 0o777 if file.exists() else 0o644
        beside = file.with_name(f".{file.name}.new")
        beside.write_bytes(content)
        beside.chmod(mode)
        beside.replace(file)
    except OSError as problem:
        raise UserError(f"{file} cannot be written: {problem.strerror}.", "Look at who owns the file.") from problem
