"""skill-fleet validate"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import click

from skill_fleet import checks, fleet, git, reports
from skill_fleet.cli import FINDINGS, FINE, INDEX
from skill_fleet.cli.lazy import complete_rules, local
from skill_fleet.errors import UserError


@click.command("validate")
@click.argument("paths", nargs=-1, type=local, metavar="[PATH]...")
@click.option("--base", metavar="REF", help="Report only problems introduced since REF.")
@click.option("--head", metavar="REF", help="Check this commit or branch instead of the work tree.")
@click.option("--staged", is_flag=True, help="With --base: check what is staged instead of the work tree, as a hook.")
@click.option(
    "--select",
    metavar="RULES",
    multiple=True,
    help="Run only these rules or families, separated by commas.",
    shell_complete=complete_rules,
)
@click.option(
    "--ignore", metavar="RULES", multiple=True, help="Skip these rules or families.", shell_complete=complete_rules
)
@click.option("--strict", is_flag=True, help="Fail on hints, too.")
@click.option("--statistics", is_flag=True, help="Print the number of findings of each rule.")
@click.option("--show-existing", is_flag=True, help="With --base or a baseline: show older problems, too.")
@click.option("--prune-baseline", is_flag=True, help="Remove from the baseline what has been fixed; add nothing.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "sarif", "github", "markdown"]),
    default="text",
    help="text for people, json and sarif for programs, github for annotations in a workflow, markdown for a summary.",
)
def validate(
    paths: tuple[str, ...],
    base: str | None,
    head: str | None,
    staged: bool,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    strict: bool,
    statistics: bool,
    show_existing: bool,
    prune_baseline: bool,
    form: str,
) -> int:
    """Check the fleet, a change, or any skills.

    Without PATH: all skills of the repository that the current folder is in. With PATHs: those in these folders, also
    outside a repository. A fleet has skills/taxonomy.yaml; in other repositories, the rules about categories are not run.
    Exit status 1 when there is an error.
    """
    selection = checks.select(select, ignore)
    if prune_baseline and (paths or base or head or select or ignore):
        raise UserError(
            "--prune-baseline needs a check of everything.", "Run it alone: skill-fleet validate --prune-baseline"
        )
    if staged and (head or not base):
        raise UserError("--staged needs --base, and no --head.", "skill-fleet validate --base HEAD --staged")
    places = tuple(Path(path) for path in paths)
    within: tuple[str, ...] = ("",)
    is_gone, repo = False, None
    if base is not None:
        repo = fleet.here()
        tree = repo.staged_tree(click.get_current_context().meta[INDEX]) if staged else ""
        before, after, within = fleet.skills_since(repo, base, head, places, tree)
        outcome = checks.check_change(before, after, selection, within)
        skills = replace(after, skills=tuple(skill for skill in after.skills if fleet.is_in(skill.path, within)))
        is_gone = bool(after.skills) and any(fleet.is_in(skill.path, within) for skill in before.skills)
        outcome = _with_evidence(outcome, skills, before, selection, repo)
        outcome = _with_triggers(outcome, after, before, selection, base)
        content = before.content(fleet.BASELINE_FILE)
    else:
        if not places:
            repo = fleet.here()
            skills = fleet.skills_at(repo, head, "--head")
        elif head:
            skills, within = fleet.fleet_in(fleet.here(), head, places)
        else:
            skills, root = fleet.fleet_of(places)
            within = fleet.paths_in(root, places)
        outcome = checks.Outcome(len(skills.skills), checks.check_fleet(skills, selection))
        outcome = _with_evidence(outcome, skills, skills, selection, repo)
        content = skills.content(fleet.BASELINE_FILE)
    if not skills.skills and not outcome.errors and not is_gone:
        problem = fleet.no_skill(skills, paths, within)
        away = (f" {path}: {what}" for path, what in checks.not_looked_at(skills, within))
        raise UserError(f"{problem.message}{''.join(away)}", problem.tip)
    outcome = replace(
        checks.on_real_paths(outcome, skills),
        notes=(*fleet.notes(skills, within), *checks.not_looked_at(skills, within)),
    )
    if prune_baseline and content is None:
        raise UserError("There is no baseline.", "Write one: skill-fleet init --adopt --baseline")
    if content is not None:
        is_whole = not (paths or base or select or ignore or prune_baseline)  # else nothing is known to be out of date
        there = {entry.path for entry in skills.tree.entries}
        outcome, pruned = checks.with_baseline(outcome, content, there, is_whole)
        if prune_baseline:
            from skill_fleet import fixes

            fixes.write_changes(fleet.top(fleet.here(), ""), {fleet.BASELINE_FILE: pruned.encode()})
            removed = content.count(b"\n") - pruned.count("\n")
            outcome = replace(
                outcome, notes=(*outcome.notes, (fleet.BASELINE_FILE, f"{removed} line{'s' * (removed != 1)} removed."))
            )
    if not statistics:
        report = _report(outcome, skills.tree, form, show_existing)
    elif form == "text":
        report = reports.statistics_report(outcome)
    elif form == "json":
        report = reports.json_report(outcome, statistics)
    else:
        raise UserError(f"--statistics cannot be combined with --format {form}.", "Use --format text or --format json.")
    click.echo(report, nl=False)
    return FINDINGS if outcome.fails(strict) else FINE


def _with_evidence(
    outcome: checks.Outcome, ours: fleet.Fleet, before: fleet.Fleet, selection: checks.Selection,
    repo: git.Repository | None = None,
) -> checks.Outcome:  # fmt: skip
    """Add what is wrong with the cases and the evidence of skills: of those that differ from `before`, or of all if that is
    `ours`.

    The settings are those of `before`. With a selection of rules, evidence is not looked at. A change may not bring
    evidence that names a run of the workflow of main.
    """
    known = set() if before is ours else set(before.tree.entries)
    catalogue = repo.find(f"refs/remotes/origin/{fleet.CATALOGUE_BRANCH}") if repo else None
    skills = [
        skill for skill in ours.skills
        if not known.issuperset(skill.entries) and (catalogue or any("/evals/" in entry.path for entry in skill.entries))
    ]  # fmt: skip
    if selection != checks.Selection() or not skills:
        return outcome
    from skill_fleet import evals  # few skills have evals

    changed = {entry.path for skill in skills for entry in skill.entries if entry not in known}
    now, published = datetime.now(UTC), (before, *(evals.published_fleets(repo, skills) if repo else ()))
    severity: Literal["error", "hint"] = "error" if ours.is_ours else "hint"  # elsewhere, it may be another tool's

    def check_batch(batch: Sequence[fleet.Skill]) -> list[checks.Finding]:
        ours.tree.prefetch(entry for skill in batch for entry in skill.entries if "/evals/" in entry.path)
        faults = {
            path: (skill.id, place, what) for skill in batch for path, place, what in evals.faults(skill, ours.is_ours)
        }
        found = [
            checks.Finding(
                path, 1, 1, "evals/cases", severity, skill, f"It is not valid at {place or 'the top'}: {what}",
                f"Fix {path}. `skill-fleet eval --help` names the format.", place,
            )
            for path, (skill, place, what) in faults.items() if path in changed
        ]  # fmt: skip
        for each in evals.verify_skills(ours, batch, now, published):
            is_claimed = each.source is evals.Source.CLAIMED
            problems = [
                *each.problems,
                *(["only the workflow of main may name a run of its own"] if is_claimed else []),
            ]
            if problems:
                found.append(
                    checks.Finding(
                        each.path, 1, 1, "evals/evidence", "error" if each.fails or is_claimed else "hint", each.skill,
                        f"This evidence is {each.status}: {'; '.join(problems)}.",
                        f"Measure again: skill-fleet eval {each.skill} --harness lm", each.status,
                    )
                )  # fmt: skip
        return found

    found = checks.in_batches(skills, check_batch)
    findings = (*outcome.findings, *checks.as_configured(found, before.configuration))
    return replace(outcome, findings=tuple(sorted(findings)))


def _with_triggers(
    outcome: checks.Outcome, after: fleet.Fleet, before: fleet.Fleet, selection: checks.Selection, base: str
) -> checks.Outcome:
    """Add the prompts that a changed name or description steals from another skill or loses, as hints."""
    known = {each.id: each.description for each in before.skills}
    asked = [entry for each in after.skills for entry in each.entries if entry.path.endswith("/evals/triggers.json")]
    if selection != checks.Selection() or not asked or {each.id: each.description for each in after.skills} == known:
        return outcome
    from skill_fleet import evals  # few changes touch a description

    after.tree.prefetch(asked)
    found: dict[tuple[str, evals.Shift], list[evals.Ranked]] = {}
    for each in evals.shifts(before, after):
        if each.shift is not evals.Shift.GAINED:
            found.setdefault(
                (each.leads_to if each.shift is evals.Shift.STOLEN else each.skill, each.shift), []
            ).append(each)
    hints = [
        checks.Finding(
            after.by_id[skill].inside("SKILL.md"), 1, 1, "evals/triggers", "hint", skill,
            f"By its words, the prompt {rows[0].query!r} of {rows[0].skill} {shift}."
            + (f" So do {len(rows) - 1} more." if len(rows) > 1 else ""),
            f"Make the descriptions distinct. All prompts: skill-fleet eval triggers --base {base}", shift.name.lower(),
        )
        for (skill, shift), rows in found.items()
    ]  # fmt: skip
    findings = (*outcome.findings, *checks.as_configured(hints, before.configuration))
    return replace(outcome, findings=tuple(sorted(findings)))


def _report(outcome: checks.Outcome, tree: fleet.Tree, form: str, show_existing: bool) -> str:
    if form == "markdown":
        return reports.markdown_report(outcome, show_existing)
    if form == "text":
        colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        return reports.text_report(outcome, reports.line_reader(tree), colour, show_existing)
    machine: Callable[[checks.Outcome], str] = getattr(reports, f"{form}_report")
    return machine(outcome)
