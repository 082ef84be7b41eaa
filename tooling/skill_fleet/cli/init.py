"""skill-fleet init"""

from __future__ import annotations

from pathlib import Path

import click

from skill_fleet import fleet, founding, git
from skill_fleet.cli import FINDINGS, FINE
from skill_fleet.cli.options import format_option, note, say_json, show


@click.command("init")
@click.argument("folder", metavar="DIR")
@click.option("--name", metavar="NAME", help="Name of the fleet (default: the name of DIR).")
@click.option(
    "--owner", "owners", metavar="@LOGIN", multiple=True, help="Who must approve changes to the workflows; repeatable."
)
@click.option(
    "--tool", metavar="REQUIREMENT", help="Where workflows install skill-fleet from (default: where this one is from)."
)
@click.option("--check", is_flag=True, help="Print a patch for the generated files of the fleet DIR; write nothing.")
@format_option
def init(folder: str, name: str | None, owners: tuple[str, ...], tool: str | None, check: bool, form: str) -> int:
    """Create a fleet repository, or check that one is up to date.

    DIR is new, empty, or a clone with at most a README and a licence, which are kept. It gets categories, a first
    skill, the catalogue, workflows, forms, hooks and a first commit. The workflows install the tool from where this one
    was installed from, at the same commit; or from --tool 'skill-fleet @ git+https://HOST/OWNER/skill-fleet@COMMIT'.

    With --check: exit status 1 and a patch when the workflows are not those of this version, or when CODEOWNERS does not
    follow from the taxonomy.
    """
    return _check(Path(folder), form) if check else _found(Path(folder), name, owners, tool, form)


def _found(folder: Path, name: str | None, owners: tuple[str, ...], tool: str | None, form: str) -> int:
    import shlex

    is_clone = founding.is_clone(folder)
    if not is_clone:
        founding.refuse_used(folder)
    options = founding.options_for(folder.resolve().name, name, owners, tool)
    files = founding.with_generated(founding.founding_files(options))
    message, kept = f"Found the fleet {options.name}", tuple[str, ...]()
    if is_clone:
        commit, kept = founding.found_in_clone(folder.resolve(), files, message)
    else:
        founding.refuse_nested(folder)
        commit = founding.found_repository(folder, files, message)
    written = sorted(files.keys() - set(kept))
    facts = {"folder": str(folder), "name": options.name, "commit": commit, "tool": options.tool}
    show(
        form,
        {**facts, "files": written, "kept": [*kept]},
        f"{folder}: the fleet {options.name}, {len(written)} files, one skill, one commit on main",
        f"Next: cd {shlex.quote(str(folder))} && skill-fleet validate",
        f"Kept: {', '.join(kept)}" if kept else "README.md explains how to add skills and how to publish the fleet.",
    )
    if options.tool is None:
        note(f"note: the workflows do not know where to install skill-fleet from. Set it in {founding.TOOL_FILE}:")
        note(founding.EXAMPLE)
    return FINE


def _check(folder: Path, form: str) -> int:
    repo = git.Repository(folder)
    patches = founding.drift_of(fleet.top(repo, "Name a clone with a work tree."), fleet.fleet_at(repo, None))
    if form == "json":
        say_json({"files": [{"path": path, "patch": patch} for path, patch in patches.items()]})
    elif patches:
        click.echo("".join(patches.values()), nl=False)
        note(f"{len(patches)} generated files are out of date. Update them: skill-fleet init --check . | git apply")
    else:
        click.echo("The generated files are up to date.")
    return FINDINGS if patches else FINE
