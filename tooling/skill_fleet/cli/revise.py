"""skill-fleet revise"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from skill_fleet.cli.options import draft_options, say, say_json, say_opened

if TYPE_CHECKING:
    from skill_fleet.fleet import Skill
    from skill_fleet.proposals import Opened


@click.command("revise")
@click.argument("skill")
@click.argument("task", required=False, default="")
@click.option("--dry-run", is_flag=True, help="Print the changes; change nothing.")
@click.option("--no-pr", is_flag=True, help="Create the branch only, without a pull request.")
@draft_options
def revise(skill: str, form: str, dry_run: bool, no_pr: bool, **given: Any) -> None:
    """Revise a skill that exists and open a pull request.

    TASK says what should change; documents are what the change is based on. A model makes the smallest edits that do
    it. Without one, documents are added as references, each with a row that says when to read it, and no other text
    changes. The revision goes on the branch draft/NAME; your work tree is left alone.
    """
    from skill_fleet.chat import console
    from skill_fleet.fleet import here, skill_id
    from skill_fleet.proposals import Options, open_proposal, prepare, revision_of

    options = Options.of(given)
    with here() as repo:
        job = prepare(repo, options, console(asks=not options.auto_approve), dry_run=dry_run, skill=skill_id(skill))
        opened = open_proposal(job, revision_of(job, assumes=options.auto_approve), opens=not no_pr)
        _say(opened, job.fleet.by_id[opened.proposal.skill], form)


def _say(opened: Opened, skill: Skill, form: str) -> None:
    from skill_fleet.proposals import differences, points, revision_facts

    proposal = opened.proposal
    if form == "json":
        say_json(revision_facts(proposal, skill) | opened.place())
    elif opened.tip:
        say_opened(opened, "Revised", ", ".join(sorted(proposal.draft.files)))
    else:
        after = {skill.inside(path): text for path, text in proposal.draft.files.items()}
        old = (entry for entry in skill.entries if entry.path in after)
        before = {entry.path: skill.tree.read(entry).decode("utf-8", "replace") for entry in old}
        say(*differences(before, after), "", *points(proposal), "Nothing was written.")
