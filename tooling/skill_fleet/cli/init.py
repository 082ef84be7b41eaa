"""skill-fleet init"""

from __future__ import annotations

from pathlib import Path

import click

from skill_fleet.cli.options import format_option, say, say_json


@click.command("init")
@click.argument("folder", metavar="DIR")
@click.option("--name", metavar="NAME", help="What the fleet is called; without it, the name of DIR.")
@click.option(
    "--owner", "owners", metavar="@LOGIN", multiple=True, help="Who must approve changes to the gate; repeatable."
)
@click.option(
    "--tool", metavar="REQUIREMENT", help="Source of skill-fleet for its workflows (default: the source of this one)."
)
@click.option("--check", is_flag=True, help="DIR is a fleet: show how its generated files have drifted, as a patch.")
@format_option
def init(folder: str, name: str | None, owners: tuple[str, ...], tool: str | None, check: bool, form: str) -> int:
    """Make a new fleet repository, or see whether one is up to date.

    DIR is new, empty, or a clone with no more than a README and a licence, which are kept. It gets the categories, a
    first skill, the catalogue, workflows, forms, hooks, and a first commit. The workflows install the tool from where
    this one was installed from, at the same commit; --tool names another, as in
    'skill-fleet @ git+https://HOST/OWNER/skill-fleet@COMMIT'.

    With --check nothing is written: exit status 1 and a patch when the workflows are not those of this version, or
    CODEOWNERS does not follow from the taxonomy.
    """
    return _check(Path(folder), form) if check else _found(Path(folder), name, owners, tool, form)


def _found(folder: Path, name: str | None, owners: tuple[str, ...], tool: str | None, form: str) -> int:
    import shlex

    from skill_fleet.catalog import (
        CATALOGUE_FILE,
        CODEOWNERS_FILE,
        MARKETPLACE_FILE,
        render_catalogue,
        render_codeowners,
        render_marketplace,
    )
    from skill_fleet.cli.main import FINE
    from skill_fleet.fleet import MemoryTree, read_fleet
    from skill_fleet.founding import (
        EXAMPLE,
        TOOL_FILE,
        found_in_clone,
        found_repository,
        founding_files,
        is_clone,
        options_for,
        refuse_nested,
        refuse_used,
    )

    there = is_clone(folder)
    if not there:
        refuse_used(folder)
    options = options_for(folder.resolve().name, name, owners, tool)
    if not there:
        refuse_nested(folder)
    files = founding_files(options)
    fleet = read_fleet(MemoryTree({path: text.encode() for path, text in files.items()}))
    files |= {
        CODEOWNERS_FILE: render_codeowners(fleet, ""),
        CATALOGUE_FILE: render_catalogue(fleet).text,
        MARKETPLACE_FILE: render_marketplace(fleet),
    }
    message = f"Found the fleet {options.name}"
    kept: tuple[str, ...] = ()
    if there:
        commit, kept = found_in_clone(folder.resolve(), files, message)
    else:
        commit = found_repository(folder, files, message)
    files = {path: text for path, text in files.items() if path not in kept}
    if form == "json":
        made = {"folder": str(folder), "name": options.name, "commit": commit, "tool": options.tool}
        say_json({**made, "files": sorted(files), "kept": [*kept]})
    else:
        say(
            f"{folder}: the fleet {options.name}, {len(files)} files, one commit on main, one skill to begin with",
            f"Next: cd {shlex.quote(str(folder))} && skill-fleet validate",
            f"Kept as it was: {', '.join(kept)}"
            if kept
            else "Its README.md says how to add skills and how to publish it.",
        )
    if options.tool is None:
        click.echo(
            f"note: nobody knows yet where its workflows get skill-fleet from. Say it in {TOOL_FILE}: {EXAMPLE}",
            err=True,
        )
    return FINE


def _check(folder: Path, form: str) -> int:
    from skill_fleet.catalog import CODEOWNERS_FILE, render_codeowners
    from skill_fleet.cli.main import FINDINGS, FINE
    from skill_fleet.fleet import fleet_at, top
    from skill_fleet.founding import drift, kept_files
    from skill_fleet.git import Repository

    with Repository(folder) as repo:
        root, fleet = top(repo, "Name a clone that has files."), fleet_at(repo, None)
    owners = _read(root / CODEOWNERS_FILE)
    wanted = {**kept_files(root), CODEOWNERS_FILE: render_codeowners(fleet, owners or "")}
    patches = drift(wanted, {**{path: _read(root / path) for path in wanted}, CODEOWNERS_FILE: owners})
    if form == "json":
        say_json({"files": [{"path": path, "patch": patch} for path, patch in patches.items()]})
    elif patches:
        click.echo("".join(patches.values()), nl=False)
        click.echo(
            f"{len(patches)} generated files are not as they should be. Fix them: skill-fleet init --check . | git apply",
            err=True,
        )
    else:
        click.echo("The generated files are up to date.")
    return FINDINGS if patches else FINE


def _read(file: Path) -> str | None:
    """The text of a file; None when there is none that can be read."""
    try:
        return file.read_bytes().decode("utf-8", "replace")
    except OSError:
        return None
