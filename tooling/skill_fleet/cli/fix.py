"""skill-fleet fix"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from skill_fleet import fixes, fleet
from skill_fleet.cli.lazy import local
from skill_fleet.cli.options import format_option, note, say_json, show
from skill_fleet.errors import UserError

NOTHING = "Nothing to fix."


@click.command("fix")
@click.argument("paths", nargs=-1, type=local, metavar="[PATH]...")
@click.option("--diff", is_flag=True, help="Write nothing; print a patch for `git apply`.")
@click.option("--head", metavar="REF", help="With --diff: fix this commit or branch instead of the work tree.")
@format_option
def fix(paths: tuple[str, ...], diff: bool, head: str | None, form: str) -> None:
    """Fix front-matter problems with exactly one possible fix.

    Without PATH: all skills of the repository, and the files generated from its taxonomy. With PATHs: only the skills in
    those folders. A SKILL.md in the wrong case (such as skill.md) is renamed. Comments, the order of keys and the body
    stay as they are. The exit status says nothing about what is fixed: run `validate` to see what is left to you.
    """
    if head is not None and (paths or not diff):
        raise UserError("--head requires --diff and cannot be combined with PATHs.", "Use: --diff --head REF")
    if paths:
        skills, root = fleet.fleet_of([Path(path) for path in paths], fixing=True)
    else:
        repo = fleet.here()
        # with a commit, nothing is written below a root
        root = Path() if head is not None else fleet.top(repo, "Name a commit: --diff --head HEAD")
        skills = fleet.skills_at(repo, head)
    real = fleet.real_paths(skills)
    changes = {real.get(path, path): content for path, content in fixes.fix_fleet(skills).items()}
    if not diff:
        fixes.write_changes(root, changes)
        old = {path.casefold(): path for path, content in changes.items() if content is None}
        words = [
            f"renamed {old[path.casefold()]} to {path}" if path.casefold() in old else f"fixed {path}"
            for path, content in sorted(changes.items())
            if content is not None
        ]
        show(form, {"changed": sorted(changes)}, *(words or [NOTHING]))
        return
    patch = fixes.as_patch(skills.tree, changes)
    if form == "json":  # bytes that are not UTF-8 become the escapes \udc80 to \udcff, from which Python restores them
        say_json({"would_change": sorted(changes), "patch": patch.decode("utf-8", "surrogateescape")})
    else:
        sys.stdout.buffer.write(patch)
        if not patch:
            note(NOTHING)  # on standard error, so that `git apply` gets nothing but the patch
