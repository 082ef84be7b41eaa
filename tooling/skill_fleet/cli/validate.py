"""skill-fleet validate"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from skill_fleet import checks, evals, fleet, git, reports
from skill_fleet.cli import FINDINGS, FINE
from skill_fleet.errors import UserError

_DEEPEN = "Fetch the rest: git fetch --unshallow origin '+refs/heads/*:refs/remotes/origin/*'"


@click.command("validate")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--base", metavar="REF", help="Report only problems introduced since REF.")
@click.option("--head", metavar="REF", help="Check this commit or branch instead of the work tree.")
@click.option("--select", metavar="RULES", multiple=True, help="Run only these rules or families, separated by commas.")
@click.option("--ignore", metavar="RULES", multiple=True, help="Skip these rules or families.")
@click.option("--strict", is_flag=True, help="Fail on hints, too.")
@click.option("--statistics", is_flag=True, help="Print the number of findings of each rule.")
@click.option("--show-existing", is_flag=True, help="With --base: show older problems, too.")
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
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    strict: bool,
    statistics: bool,
    show_existing: bool,
    form: str,
) -> int:
    """Check the fleet, a change, or any skills.

    Without PATH: the fleet that the current folder is in. With PATHs: any folders, each a skill or a tree of skills,
    in a fleet or not. Exit status 1 when there is an error.
    """
    selection = checks.select(select, ignore)
    if paths and (base is not None or head is not None):
        raise UserError(
            "PATHs cannot be combined with --base or --head.", "Leave the paths out: the whole fleet is compared."
        )
    if paths:
        outcome, tree = _check_paths([Path(path) for path in paths], selection)
    elif base is None:
        outcome, tree = _check_all(fleet.here(), head, selection)
    else:
        repo = fleet.here()
        outcome, tree = _check_change(repo, base, head or "HEAD", repo.root if head is None else None, selection)
    if statistics and form == "text":
        click.echo(reports.statistics_report(outcome), nl=False)
    elif statistics and form == "json":
        click.echo(reports.json_report(outcome, statistics), nl=False)
    elif statistics:
        raise UserError(f"--statistics cannot be combined with --format {form}.", "Use --format text or --format json.")
    else:
        click.echo(_report(outcome, tree, form, show_existing), nl=False)
    return FINDINGS if outcome.fails(strict) else FINE


def _check_all(repo: git.Repository, ref: str | None, selection: checks.Selection) -> tuple[checks.Outcome, fleet.Tree]:
    skills = fleet.fleet_at(repo, ref, "--head")
    outcome = checks.Outcome(len(skills.skills), checks.check_fleet(skills, selection))
    return _with_evidence(outcome, skills, skills, selection), skills.tree


def _check_change(
    repo: git.Repository, base: str, head: str, files: Path | None, selection: checks.Selection
) -> tuple[checks.Outcome, fleet.Tree]:
    """Check the commit `head`, or the work tree at `files`, against its merge base with `base`."""
    if repo.is_shallow and repo.find(base) is None:
        raise UserError(f"This clone is shallow and does not have {base}.", _DEEPEN)
    tip, other = repo.resolve(base), repo.resolve(head)
    if (start := repo.merge_base(tip, other)) is None:
        if repo.is_shallow:
            raise UserError(f"This clone is shallow: the merge base of {base} and {head} is missing.", _DEEPEN)
        raise UserError(f"{base} and {head} have no commit in common.", "Name the branch that it started from.")
    # the whole tree, not only skills/: rules judge the other files of a change as well
    now = None if files else fleet.GitTree(repo, other)
    after = fleet.read_fleet(now or fleet.WorkTree(files or Path(), repo=repo))
    before = fleet.read_fleet(fleet.GitTree(repo, start))
    outcome = checks.check_change(before, after, selection)
    return _with_evidence(outcome, after, before, selection), after.tree


def _with_evidence(
    outcome: checks.Outcome, ours: fleet.Fleet, before: fleet.Fleet, selection: checks.Selection
) -> checks.Outcome:
    """Add what is wrong with the evidence of skills: of those that differ from `before`, or of all if that is `ours`.

    The settings are those of `before`. With a selection of rules, evidence is not looked at.
    """
    known = set() if before is ours else set(before.tree.entries)
    skills = [skill for skill in ours.skills if any("evals/evidence/" in entry.path for entry in skill.entries)]
    if selection != checks.Selection() or not skills:
        return outcome
    ours.tree.prefetch(entry for skill in skills for entry in skill.entries if "evals/" in entry.path)
    now = datetime.now(UTC)
    verified = (
        each for skill in skills if not known.issuperset(skill.entries) for each in evals.verify_skill(ours, skill, now)
    )
    found = [
        checks.Finding(
            each.path, 1, 1, "evals/evidence", "error" if each.fails else "hint", each.skill,
            f"This evidence is {each.standing}: {'; '.join(each.problems)}.",
            f"Measure again: skill-fleet eval {each.skill} --command PROGRAM", each.standing,
        )
        for each in verified if each.problems
    ]  # fmt: skip
    findings = (*outcome.findings, *checks.as_configured(found, before.configuration))
    return replace(outcome, findings=tuple(sorted(findings)))


def _check_paths(paths: list[Path], selection: checks.Selection) -> tuple[checks.Outcome, fleet.Tree]:
    """Check skills in any folders, without the rules of a fleet."""
    skills, _ = fleet.fleet_of(paths)
    return checks.Outcome(len(skills.skills), checks.check_skills(skills, selection)), skills.tree


def _report(outcome: checks.Outcome, tree: fleet.Tree, form: str, show_existing: bool) -> str:
    if form == "markdown":
        return reports.markdown_report(outcome, show_existing)
    if form == "text":
        colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        return reports.text_report(outcome, reports.line_reader(tree), colour, show_existing)
    machine: Callable[[checks.Outcome], str] = getattr(reports, f"{form}_report")
    return machine(outcome)
