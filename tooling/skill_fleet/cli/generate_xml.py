"""skill-fleet generate-xml"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import click

from skill_fleet.cli.options import format_option, say, say_json
from skill_fleet.errors import UserError


@click.command("generate-xml")
@click.option("-o", "--output", metavar="FILE", help="Write here instead of skills/available_skills.xml; - prints it.")
@click.option("--check", is_flag=True, help="Write nothing; show what would change and exit 1 if anything would.")
@click.option("--ref", metavar="REF", help="Read the skills of this commit or branch instead of the files as they are.")
@format_option
def generate_xml(output: str | None, check: bool, ref: str | None, form: str) -> int:
    """Write available_skills.xml from the tree.

    The same tree gives the same bytes, always. A skill that is too broken to be listed is left out and named; it
    never stops the others. Where the repository has a .claude-plugin/marketplace.json, that is written too.
    """
    from skill_fleet.catalog import CATALOGUE_FILE, MARKETPLACE_FILE, render_catalogue, render_marketplace
    from skill_fleet.cli.main import FINDINGS, FINE
    from skill_fleet.fleet import branch_of_ones_own, fleet_at, here, top
    from skill_fleet.markdown import escaped

    if output == "-" and (check or form == "json"):
        raise UserError(
            "-o - prints the catalogue and nothing else.", "Name a file, or leave --check and --format out."
        )
    with here() as repo:
        fleet = fleet_at(repo, ref)
        catalogue = render_catalogue(fleet)
        branch = "" if output or check else branch_of_ones_own(repo)
        if output:
            wanted = {Path(output): (output, catalogue.text)}
        else:
            root = top(repo, "Say where to write it: -o FILE")
            wanted = {root / CATALOGUE_FILE: (CATALOGUE_FILE, catalogue.text)}
            if (root / MARKETPLACE_FILE).exists():
                wanted[root / MARKETPLACE_FILE] = (MARKETPLACE_FILE, render_marketplace(fleet))
    for skill in catalogue.left_out:
        click.echo(escaped(f"left out: {skill.path}: {skill.reason}"), err=True)
    if output == "-":
        click.echo(catalogue.text, nl=False)
        return FINE
    before = {target: _read(target) for target in wanted}
    stale = [target for target, (_, text) in wanted.items() if before[target] != text.encode("utf-8")]
    if not check:
        for target in stale:
            _write(target, wanted[target][1])
    if branch and stale:
        click.echo(
            escaped(f"note: {branch} is for a pull request, which may not hold this: do not commit it."), err=True
        )
    if form == "json":
        left_out = [{"skill": skill.skill, "path": skill.path, "reason": skill.reason} for skill in catalogue.left_out]
        files = [{"file": name, "changed": target in stale} for target, (name, _) in wanted.items()]
        say_json({**files[0], "changed": bool(stale), "skills": catalogue.listed, "left_out": left_out, "files": files})
        return FINDINGS if check and stale else FINE
    count = f"{catalogue.listed} skill{'s' * (catalogue.listed != 1)}"
    for target, (name, text) in wanted.items():
        if check and target in stale:
            say(*_difference(before[target], text, name))
            click.echo(escaped(f"{name} is not what the tree gives. Write it with: {_command(output, ref)}"), err=True)
        else:
            say(f"{name}: {count}, {'written' if target in stale else 'up to date'}")
    return FINDINGS if check and stale else FINE


def _read(target: Path) -> bytes | None:
    """What is there now; None when there is no such file."""
    try:
        return target.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise UserError(f"{target} cannot be read: {problem.strerror}.", "Name another with -o FILE.") from problem


def _write(target: Path, text: str) -> None:
    """Replace the file in one move, so that nobody ever reads half a catalogue."""
    half = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        half.write_bytes(text.encode("utf-8"))
        half.chmod(0o644)
        half.replace(target)
    except OSError as problem:
        raise UserError(f"{target} cannot be written: {problem.strerror}.", "Name another with -o FILE.") from problem
    finally:
        with contextlib.suppress(OSError):
            half.unlink(missing_ok=True)


def _difference(now: bytes | None, text: str, name: str) -> Iterator[str]:
    from difflib import unified_diff

    old = _lines((now or b"").decode("utf-8", "replace"))
    return unified_diff(old, _lines(text), f"a/{name}", f"b/{name}", lineterm="")


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    return [*lines, "\\ No newline at end of file"] if lines[-1] else lines[:-1]


def _command(output: str | None, ref: str | None) -> str:
    import shlex

    return shlex.join(
        ["skill-fleet", "generate-xml", *(["-o", output] if output else []), *(["--ref", ref] if ref else [])]
    )
