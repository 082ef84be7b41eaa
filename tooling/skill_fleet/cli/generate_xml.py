"""skill-fleet generate-xml"""

from __future__ import annotations

from pathlib import Path

import click

from skill_fleet import catalog, fixes, fleet
from skill_fleet.cli import FINDINGS, FINE
from skill_fleet.cli.options import format_option, note, say, say_json
from skill_fleet.errors import UserError


@click.command("generate-xml")
@click.option("-o", "--output", metavar="FILE", help="Write FILE instead of skills/available_skills.xml; - prints it.")
@click.option("--check", is_flag=True, help="Write nothing; show the difference and exit 1 if there is one.")
@click.option("--ref", metavar="REF", help="Read the skills of this commit or branch instead of the work tree's.")
@click.option("--allow-empty", is_flag=True, help="Write a catalogue that loses most of its skills.")
@format_option
def generate_xml(output: str | None, check: bool, ref: str | None, allow_empty: bool, form: str) -> int:
    """Write available_skills.xml from the skills.

    The same skills always give the same bytes. A skill that is too broken to be listed is left out and named. The plugins
    in a .claude-plugin/marketplace.json that exists are written too; what people wrote in it stays.
    """
    if output == "-" and (check or form == "json"):
        raise UserError("-o - prints the catalogue and nothing else.", "Name a file, or omit --check and --format.")
    repo = fleet.here()
    skills = fleet.skills_at(repo, ref)
    catalogue = catalog.render_catalogue(skills)
    branch = "" if output or check else fleet.branch_of_ones_own(repo)
    root = Path(output).parent if output else fleet.top(repo, "Name a file: -o FILE")
    if not root.is_dir():
        raise UserError(f"{output} cannot be written: there is no folder {root}.", "Create it, or name another.")
    wanted = {Path(output).name if output else catalog.CATALOGUE_FILE: catalogue.text.encode()}
    before = {
        name: content
        for name in (*wanted, *([] if output else [catalog.MARKETPLACE_FILE]))
        if (content := _read(root / name)) is not None
    }
    if not output:  # what a sparse checkout left out is there as well
        unseen = fleet.WorkTree(root, catalog.CATALOGUE_FILE, catalog.MARKETPLACE_FILE, repo=repo)
        before = {entry.path: unseen.read(entry) for entry in unseen.entries} | before
    if (now := None if output else before.get(catalog.MARKETPLACE_FILE)) is not None:
        merged = catalog.merge_marketplace(skills, now)
        note(*(f"{catalog.MARKETPLACE_FILE}: not added: {reason}" for reason in merged.left_out))
        if merged.text is not None:
            wanted[catalog.MARKETPLACE_FILE] = merged.text.encode()
    note(*(f"note: {each.path}: {each}" for each in fleet.unseen(skills)))
    note(*(f"left out: {skill.path}: {skill.reason}" for skill in catalogue.left_out))
    if output == "-":
        click.echo(catalogue.text, nl=False)
        return FINE
    stale = {name: text for name, text in wanted.items() if before.get(name) != text}
    if not check:
        retired = sum(each.status == "retired" for each in skills.skills)
        _refuse_loss(
            catalogue.listed + retired, before.get(next(iter(wanted))), output or catalog.CATALOGUE_FILE, allow_empty
        )
        fixes.write_changes(root, stale)
        if branch and stale:
            note(f"note: {branch} is for a pull request, which may not hold this: do not commit it.")
    names = {name: output or name for name in wanted}
    if form == "json":
        left_out = [{"skill": skill.skill, "path": skill.path, "reason": skill.reason} for skill in catalogue.left_out]
        files = [{"file": names[name], "changed": name in stale} for name in wanted]
        say_json({**files[0], "changed": bool(stale), "skills": catalogue.listed, "left_out": left_out, "files": files})
        return FINDINGS if check and stale else FINE
    for name in wanted:
        if check and name in stale:
            say(
                *fixes.as_patch(fleet.MemoryTree(before), {name: stale[name]})
                .decode("utf-8", "replace")
                .rstrip("\n")
                .split("\n")
            )
            note(f"{names[name]} is out of date. Write it: {_command(output, ref)}")
        else:
            state = "written" if name in stale else "up to date"
            say(f"{names[name]}: {catalogue.listed} skill{'s' * (catalogue.listed != 1)}, {state}")
    return FINDINGS if check and stale else FINE


def _refuse_loss(seen: int, before: bytes | None, name: str, allow_empty: bool) -> None:
    """UserError when most of the skills in the catalogue would go: usually the tree was not seen whole."""
    count = (before or b"").count(b"<skill>")
    if not allow_empty and count - seen > count / 2:
        raise UserError(
            f"{name} would lose {count - seen} of its {count} skills.",
            "If they are really gone: skill-fleet generate-xml --allow-empty",
        )


def _read(file: Path) -> bytes | None:
    """Return what the file holds now; None when it does not exist."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise UserError(f"{file} cannot be read: {problem.strerror}.", "Name another with -o FILE.") from problem


def _command(output: str | None, ref: str | None) -> str:
    import shlex

    options = [*(["-o", output] if output else []), *(["--ref", ref] if ref else [])]
    return shlex.join(["skill-fleet", "generate-xml", *options])
