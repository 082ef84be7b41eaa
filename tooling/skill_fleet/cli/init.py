"""skill-fleet init"""

from __future__ import annotations

from pathlib import Path

import click

from skill_fleet import checks, fixes, fleet, founding, git
from skill_fleet.cli import FINDINGS, FINE
from skill_fleet.cli.options import format_option, note, say, say_json, show
from skill_fleet.errors import UserError


@click.command("init")
@click.argument("folder", metavar="DIR", required=False)
@click.option("--name", metavar="NAME", help="Name of the fleet (default: the name of DIR).")
@click.option(
    "--owner", "owners", metavar="@LOGIN", multiple=True, help="Who must approve changes to the workflows; repeatable."
)
@click.option(
    "--tool", metavar="REQUIREMENT", help="Where workflows install skill-fleet from (default: where this one is from)."
)
@click.option("--check", is_flag=True, help="Print a patch for the generated files of the fleet DIR; write nothing.")
@click.option("--adopt", is_flag=True, help="Check the skills of the repository DIR (default: this one) from now on.")
@click.option("--baseline", is_flag=True, help="With --adopt: write the problems of today to a baseline.")
@click.option("--catalogue", is_flag=True, help="With --adopt: write skills/available_skills.xml.")
@format_option
def init(
    folder: str | None,
    name: str | None,
    owners: tuple[str, ...],
    tool: str | None,
    check: bool,
    adopt: bool,
    baseline: bool,
    catalogue: bool,
    form: str,
) -> int:
    """Create a fleet repository, or check that one is up to date.

    DIR is new, empty, or a clone with at most a README and a licence, which are kept. It gets categories, a first
    skill, the catalogue, workflows, forms, hooks and a first commit. The workflows install the tool from where this one
    was installed from, at the same commit; or from --tool 'skill-fleet @ git+https://HOST/OWNER/skill-fleet@COMMIT'.

    With --check: exit status 1 and a patch when the workflows are not those of this version, or when CODEOWNERS does not
    follow from the taxonomy.

    With --adopt: list the folders with skills of a repository that exists, and write settings, a workflow and a hook. Nothing
    is moved, overwritten or committed. For files that exist, a patch is printed: skill-fleet init --adopt | git apply
    """
    if (baseline or catalogue) and not adopt:
        raise UserError("--baseline and --catalogue go with --adopt.", "Run: skill-fleet init --adopt --baseline")
    if adopt:
        return _adopt(
            Path(folder or "."), founding.options_for("skills", name, owners, tool), baseline, catalogue, form
        )
    if folder is None:
        raise UserError("DIR is missing.", "Name it: skill-fleet init my-skills")
    return _check(Path(folder), form) if check else _found(Path(folder), name, owners, tool, form)


def _adopt(folder: Path, options: founding.Options, baseline: bool, catalogue: bool, form: str) -> int:
    repo = git.Repository(folder)
    root = fleet.top(repo, "Name a clone with a work tree.")
    skills = fleet.skills_at(repo, None)
    if not skills.skills:
        raise fleet.no_skill(skills, (str(folder),))
    found = checks.check_fleet(skills) if baseline else ()
    there = skills.content(fleet.BASELINE_FILE)
    adoption = founding.adoption_of(
        root, skills, options, catalogue, checks.render_baseline(found) if baseline and there is None else None
    )
    fixes.write_changes(root, {path: text.encode() for path, text in adoption.files.items()})
    roots = fleet.inventory(skills)
    unsafe = [
        f"{each.path}:{each.line}: {each.rule} is not in the baseline: {each.message}"
        for each in found
        if each.rule.startswith("safety/")
    ]
    unseen = (*((each.path, str(each)) for each in fleet.unseen(skills)), *checks.not_looked_at(skills))
    notes = [*adoption.notes, *unsafe, *(f"{path}: {what}" for path, what in unseen)]
    codex = sum(entry.path.endswith("/agents/openai.yaml") for skill in skills.skills for entry in skill.entries)
    if codex:
        notes.append(f"{codex} skill{'s' * (codex != 1)} with agents/openai.yaml, which Codex reads.")
    if baseline and there is not None:
        paths = {entry.path for entry in skills.tree.entries}
        new = checks.with_baseline(checks.Outcome(len(skills.skills), found), there, paths)[0].findings
        notes.append(
            f"{fleet.BASELINE_FILE} exists and stays as it is; {len(new)} finding{'s' * (len(new) != 1)} not in it. "
            f"To take in all of today: rm {fleet.BASELINE_FILE} && skill-fleet init --adopt --baseline"
        )
    if options.tool is None and not skills.is_ours:
        notes.append("The tool's address is not known: replace HOST, OWNER and COMMIT in what was written.")
    if form == "json":
        say_json(
            {
                "roots": [
                    {"path": each.path, "kind": each.kind, "skills": each.skills, "of": [*each.of]} for each in roots
                ],
                "written": sorted(adoption.files),
                "patches": [{"path": path, "patch": patch} for path, patch in adoption.patches.items()],
                "notes": notes,
            }
        )
        return FINE
    say(*(_root_line(each) for each in roots))
    say(*(f"wrote {path}" for path in sorted(adoption.files)))
    note(*(f"note: {each}" for each in notes))
    if adoption.patches:
        click.echo("\nFor files that exist, apply what follows: skill-fleet init --adopt | git apply\n")
        click.echo("".join(adoption.patches.values()), nl=False)
    return FINE


def _root_line(root: fleet.Root) -> str:
    line = f"{root.kind:<9}  {root.path or '.'}  {root.skills} skill{'s' * (root.skills != 1)}"
    return line + (f", of {', '.join(each or '.' for each in root.of)}" if root.of else "")


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
        note(f"Out of date: {len(patches)} of the generated files. Update: skill-fleet init --check . | git apply")
    else:
        click.echo("The generated files are up to date.")
    return FINDINGS if patches else FINE
