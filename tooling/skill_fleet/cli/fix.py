"""skill-fleet fix"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path

import click

from skill_fleet import fixes, fleet
from skill_fleet.cli.options import format_option, note, say_json, show
from skill_fleet.errors import UserError

NOTHING = "Nothing to fix."


@click.command("fix")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--diff", is_flag=True, help="Write nothing; print a patch for `git apply`.")
@click.option("--head", metavar="REF", help="With --diff: fix this commit or branch instead of the work tree.")
@format_option
def fix(paths: tuple[str, ...], diff: bool, head: str | None, form: str) -> None:
    """Fix front-matter problems that have only one solution.

    Without PATH: the whole fleet, with the files that follow from its taxonomy. With PATHs: any folders with skills. A
    skill.md in the wrong case is renamed. Comments, the order of keys and the body stay as they are. `validate` reports
    what is left for you to decide.
    """
    if head and (paths or not diff):
        raise UserError("--head needs --diff and excludes PATHs.", "Leave the paths out: --diff --head REF")
    with ExitStack() as stack:
        if paths:
            skills, root = fleet.fleet_of([Path(path) for path in paths], fixing=True)
        else:
            repo = stack.enter_context(fleet.here())
            skills, root = fleet.fleet_at(repo, head, "--head"), repo.root or Path()
        changes = fixes.fix_fleet(skills)
        patch = fixes.as_patch(skills.tree, changes) if diff else b""
    if not diff:
        fixes.write_changes(root, changes)
        words = [f"{'removed' if content is None else 'fixed'} {path}" for path, content in sorted(changes.items())]
        show(form, {"changed": sorted(changes)}, *(words or [NOTHING]))
    elif form == "json":
        say_json({"changed": sorted(changes), "patch": patch.decode("utf-8", "replace")})
    else:
        sys.stdout.buffer.write(patch)
        if not patch:
            note(NOTHING)  # on standard error, so that `git apply` gets nothing but the patch
