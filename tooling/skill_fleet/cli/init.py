"""skill-fleet init"""

from __future__ import annotations

from pathlib import Path

import click

from skill_fleet.cli.options import format_option, say_json


@click.command("init")
@click.argument("folder", metavar="DIR")
@click.option("--name", metavar="NAME", help="What the fleet is called; without it, the name of DIR.")
@click.option(
    "--owner", "owners", metavar="@LOGIN", multiple=True, help="Who must approve changes to the gate; repeatable."
)
@click.option("--check", is_flag=True, help="DIR is a fleet: show how its generated files have drifted, as a patch.")
@format_option
def init(folder: str, name: str | None, owners: tuple[str, ...], check: bool, form: str) -> int:
    """Make a new fleet repository, or see whether one is up to date.

    DIR gets the categories, an empty catalogue, workflows, forms, hooks, and a first commit. With --check nothing is
    written: exit status 1 and a patch when the workflows are not those of this version, or CODEOWNERS does not follow
    from the taxonomy.
    """
    return _check(Path(folder), form) if check else _found(Path(folder), name, owners, form)


def _found(folder: Path, name: str | None, owners: tuple[str, ...], form: str) -> int:
    from skill_fleet.catalog.codeowners import CODEOWNERS_FILE, render_codeowners
    from skill_fleet.catalog.marketplace import MARKETPLACE_FILE, render_marketplace
    from skill_fleet.catalog.xml import CATALOGUE_FILE, render_catalogue
    from skill_fleet.cli.main import FINE
    from skill_fleet.fleet.fleet import read_fleet
    from skill_fleet.fleet.tree import MemoryTree
    from skill_fleet.founding.found import founding_files, options_for
    from skill_fleet.founding.repository import found_repository, refuse_used

    refuse_used(folder)
    options = options_for(folder.resolve().name, name, owners)
    files = founding_files(options)
    fleet = read_fleet(MemoryTree({path: text.encode() for path, text in files.items()}))
    files |= {
        CODEOWNERS_FILE: render_codeowners(fleet, files[CODEOWNERS_FILE]),
        CATALOGUE_FILE: render_catalogue(fleet).text,
        MARKETPLACE_FILE: render_marketplace(fleet),
    }
    commit = found_repository(folder, files, f"Found the fleet {options.name}")
    if form == "json":
        say_json({"folder": str(folder), "name": options.name, "commit": commit, "files": sorted(files)})
    else:
        click.echo(f"{folder}: the fleet {options.name}, {len(files)} files, one commit on main")
        click.echo(f"Next: skill-fleet -C {folder} create --from DOCUMENT.md, and README.md says how to publish it")
    return FINE


def _check(folder: Path, form: str) -> int:
    from skill_fleet.catalog.codeowners import CODEOWNERS_FILE, render_codeowners
    from skill_fleet.cli.main import FINDINGS, FINE
    from skill_fleet.cli.place import fleet_at, top
    from skill_fleet.fleet.git import Repository
    from skill_fleet.founding.drift import drift
    from skill_fleet.founding.found import kept_files

    with Repository(folder) as repo:
        root, fleet = top(repo, "Name a clone that has files."), fleet_at(repo, None)
    owners = _read(root / CODEOWNERS_FILE)
    wanted = {**kept_files(), CODEOWNERS_FILE: render_codeowners(fleet, owners or "")}
    patches = drift(wanted, {**{path: _read(root / path) for path in wanted}, CODEOWNERS_FILE: owners})
    if form == "json":
        say_json({"files": [{"path": path, "patch": patch} for path, patch in patches.items()]})
    elif patches:
        click.echo("".join(patches.values()), nl=False)
        click.echo(
            f"{len(patches)} generated files are not as they should be. Mend them: skill-fleet init --check . | git apply",
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
