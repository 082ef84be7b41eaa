"""skill-fleet validate"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from skill_fleet.errors import UserError

if TYPE_CHECKING:
    from skill_fleet.checks import Outcome, Selection
    from skill_fleet.fleet import Tree
    from skill_fleet.git import Repository

# all branches too: a shallow clone follows but one
_DEEPEN = "Fetch the rest: git fetch --unshallow origin '+refs/heads/*:refs/remotes/origin/*'"


@click.command("validate")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--base", metavar="REF", help="Report only problems introduced since REF.")
@click.option("--head", metavar="REF", help="Check this commit or branch instead of the files as they are now.")
@click.option("--select", metavar="RULES", multiple=True, help="Only these rules or families, with commas between.")
@click.option("--ignore", metavar="RULES", multiple=True, help="Not these rules or families.")
@click.option("--strict", is_flag=True, help="Hints fail too.")
@click.option("--show-existing", is_flag=True, help="With --base: show what was wrong before the change, too.")
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
    show_existing: bool,
    form: str,
) -> int:
    """Check the fleet, a change, or any skills.

    Without PATH: the fleet that the current folder is in. With PATHs: any folders, each a skill or a tree of skills,
    in a fleet or not. Exit status 1 when there is a finding of severity error.
    """
    from skill_fleet.checks import select as choose
    from skill_fleet.cli.main import FINDINGS, FINE
    from skill_fleet.fleet import here

    selection = choose(select, ignore)
    if paths and (base is not None or head is not None):
        raise UserError("PATHs and --base or --head exclude each other.", "Leave the paths out: all is compared.")
    if paths:
        outcome, tree = _check_paths([Path(path) for path in paths], selection)
        report = _report(outcome, tree, form, show_existing)
    else:
        with here() as repo:
            if base is None:
                outcome, tree = _check_all(repo, head, selection)
            else:
                outcome, tree = _check_change(
                    repo, base, head or "HEAD", repo.root if head is None else None, selection
                )
            report = _report(outcome, tree, form, show_existing)  # reads lines from the tree
    click.echo(report, nl=False)
    return FINDINGS if outcome.fails(strict) else FINE


def _check_all(repo: Repository, ref: str | None, selection: Selection) -> tuple[Outcome, Tree]:
    from skill_fleet.chat import progress_bar
    from skill_fleet.checks import Outcome, check_fleet
    from skill_fleet.fleet import fleet_at

    fleet = fleet_at(repo, ref, "--head")
    with progress_bar("Checking", len(fleet.skills)) as step:
        return Outcome(len(fleet.skills), check_fleet(fleet, selection, step)), fleet.tree


def _check_change(
    repo: Repository, base: str, head: str, files: Path | None, selection: Selection
) -> tuple[Outcome, Tree]:
    """Check the commit `head`, or the `files` as they are now, against where it left `base`."""
    from skill_fleet.checks import check_change
    from skill_fleet.fleet import GitTree, WorkTree, read_fleet

    if repo.is_shallow and repo.find(base) is None:
        raise UserError(f"This clone is shallow, and has no {base}.", _DEEPEN)
    tip, other = repo.resolve(base), repo.resolve(head)
    if (start := repo.merge_base(tip, other)) is None:
        if repo.is_shallow:
            raise UserError(
                f"This clone is shallow, and what it has does not reach back to where {head} left {base}.", _DEEPEN
            )
        raise UserError(f"{base} and {head} have no commit in common.", "Name the branch it began on.")
    # the whole tree, not only skills/: what else the change touches is part of what is judged
    now = None if files else GitTree(repo, other)
    after = read_fleet(now or WorkTree(files or Path(), repo=repo))
    return check_change(read_fleet(GitTree(repo, start, beside=now)), after, selection), after.tree


def _check_paths(paths: list[Path], selection: Selection) -> tuple[Outcome, Tree]:
    """Check skills wherever they stand: what a fleet asks of them besides is no matter here."""
    from skill_fleet.checks import Outcome, check_skills
    from skill_fleet.fleet import fleet_of

    fleet, _ = fleet_of(paths)
    return Outcome(len(fleet.skills), check_skills(fleet, selection)), fleet.tree


def _report(outcome: Outcome, tree: Tree, form: str, show_existing: bool) -> str:
    if form == "json":
        from skill_fleet.reports import json_report

        return json_report(outcome)
    if form == "sarif":
        from skill_fleet.reports import sarif_report

        return sarif_report(outcome)
    if form == "github":
        from skill_fleet.reports import github_report

        return github_report(outcome)
    if form == "markdown":
        from skill_fleet.reports import markdown_report

        return markdown_report(outcome, show_existing)
    import os
    import sys

    from skill_fleet.reports import line_reader, text_report

    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    return text_report(outcome, line_reader(tree), colour, show_existing)
