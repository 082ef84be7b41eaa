"""skill-fleet generate-xml"""

from __future__ import annotations

from pathlib import Path

import click

from skill_fleet.cli.options import format_option, say_json
from skill_fleet.errors import UserError


@click.command("generate-xml")
@click.option("-o", "--output", metavar="FILE", help="Write here instead of skills/available_skills.xml; - prints it.")
@click.option("--check", is_flag=True, help="Write nothing; show what would change and exit 1 if anything would.")
@click.option("--ref", metavar="REF", help="Read the skills of this commit or branch instead of the files as they are.")
@format_option
def generate_xml(output: str | None, check: bool, ref: str | None, form: str) -> int:
    """Write available_skills.xml from the tree.

    The same tree gives the same bytes, always. A skill that is too broken to be listed is left out and named; it
    never stops the others.
    """
    from skill_fleet.catalog.xml import CATALOGUE_FILE, render_catalogue
    from skill_fleet.cli.main import FINDINGS, FINE
    from skill_fleet.cli.place import fleet_at, here, top

    with here() as repo:
        catalogue = render_catalogue(fleet_at(repo, ref))
        target = Path(output) if output and output != "-" else (top(repo) / CATALOGUE_FILE if not output else None)
    for skill in catalogue.left_out:
        click.echo(f"left out: {skill.path}: {skill.reason}", err=True)
    if target is None:
        click.echo(catalogue.text, nl=False)
        return FINE
    now = _read(target)
    stale = now != catalogue.text.encode("utf-8")
    name = output or CATALOGUE_FILE
    if not check and stale:
        _write(target, catalogue.text)
    if form == "json":
        left_out = [{"skill": skill.skill, "path": skill.path, "reason": skill.reason} for skill in catalogue.left_out]
        say_json({"file": name, "skills": catalogue.listed, "changed": stale, "left_out": left_out})
    elif check and stale:
        _show(now, catalogue.text, name)
        click.echo(f"{name} is not what the tree gives. Write it with: {_command(output, ref)}", err=True)
    else:
        count = f"{catalogue.listed} skill{'' if catalogue.listed == 1 else 's'}"
        click.echo(f"{name}: {count}, {'written' if stale else 'up to date'}")
    return FINDINGS if check and stale else FINE


def _read(target: Path) -> bytes:
    try:
        return target.read_bytes() if target.is_file() else b""
    except OSError as problem:
        raise UserError(f"{target} cannot be read: {problem.strerror}.", "Name another with -o FILE.") from problem


def _write(target: Path, text: str) -> None:
    """Replace the file in one move, so that nobody ever reads half a catalogue."""
    import tempfile

    try:
        with tempfile.NamedTemporaryFile("wb", dir=target.parent, prefix=".catalogue-", delete=False) as file:
            file.write(text.encode("utf-8"))
        Path(file.name).chmod(0o644)
        Path(file.name).replace(target)
    except OSError as problem:
        raise UserError(f"{target} cannot be written: {problem.strerror}.", "Name another with -o FILE.") from problem


def _show(now: bytes, text: str, name: str) -> None:
    from difflib import unified_diff

    old = now.decode("utf-8", "replace").splitlines(keepends=True)
    for line in unified_diff(old, text.splitlines(keepends=True), f"a/{name}", f"b/{name}"):
        click.echo(line.rstrip("\n"))


def _command(output: str | None, ref: str | None) -> str:
    words = ["skill-fleet generate-xml", *(["-o", output] if output else []), *(["--ref", ref] if ref else [])]
    return " ".join(words)
