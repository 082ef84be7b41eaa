"""skill-fleet fix"""

from __future__ import annotations

from pathlib import Path

import click

from skill_fleet.errors import UserError


@click.command("fix")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--diff", is_flag=True, help="Write nothing; print a patch that `git apply` takes.")
@click.option("--head", metavar="REF", help="With --diff: against this commit or branch instead of the files.")
def fix(paths: tuple[str, ...], diff: bool, head: str | None) -> None:
    """Mend what has one right answer in the front matter of skills.

    Without PATH: the whole fleet. With PATHs: any folders with skills. Comments, the order of keys and every byte of
    the body stay as they are; what needs a decision is left to you, and `validate` says what that is.
    """
    from skill_fleet.checks.fixes.fix import fix_fleet
    from skill_fleet.checks.fixes.patch import as_patch
    from skill_fleet.checks.visible import escaped
    from skill_fleet.cli.place import fleet_at, fleet_of, here, top

    if head and (paths or not diff):
        raise UserError("--head shows what would change in a commit.", "Use it with --diff, and without PATHs.")
    if paths:
        fleet, root = fleet_of([Path(path) for path in paths])
        changes = fix_fleet(fleet)
        patch = as_patch(fleet.tree, changes) if diff else b""
    else:
        with here() as repo:
            fleet = fleet_at(repo, head, "--head")
            root = Path() if head else top(repo)
            changes = fix_fleet(fleet)
            patch = as_patch(fleet.tree, changes) if diff else b""
    if diff:
        click.get_binary_stream("stdout").write(patch)
        return
    for path, content in sorted(changes.items(), key=lambda change: change[1] is not None):
        _write(root / path, content)
        click.echo(escaped(f"{'removed' if content is None else 'mended'} {path}"))
    if not changes:
        click.echo("There was nothing to mend.")


def _write(file: Path, content: bytes | None) -> None:
    """Remove a file, or put new bytes in the place of the old in one move, so that nobody reads half of them."""
    try:
        if content is None:
            file.unlink()
            return
        mode = file.stat().st_mode & 0o777 if file.exists() else 0o644
        beside = file.with_name(f".{file.name}.new")
        beside.write_bytes(content)
        beside.chmod(mode)
        beside.replace(file)
    except OSError as problem:
        raise UserError(f"{file} cannot be written: {problem.strerror}.", "Look at who owns the file.") from problem
