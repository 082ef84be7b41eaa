"""skill-fleet revise"""

from __future__ import annotations

from typing import Any

import click

from skill_fleet import chat, fleet, proposals
from skill_fleet.cli.lazy import TextCommand, complete_skills
from skill_fleet.cli.options import draft_options, say, say_json, say_opened


@click.command("revise", cls=TextCommand)
@click.argument("skill", shell_complete=complete_skills)
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
    options = proposals.Options.of(given)
    job = proposals.prepare(
        fleet.here(), options, chat.console(asks=not options.auto_approve), dry_run=dry_run, skill=fleet.skill_id(skill)
    )
    opened = proposals.open_proposal(job, proposals.revision_of(job, assumes=options.auto_approve), opens=not no_pr)
    _say(opened, job.fleet.by_id[opened.proposal.skill], form)


def _say(opened: proposals.Opened, skill: fleet.Skill, form: str) -> None:
    proposal = opened.proposal
    if form == "json":
        say_json(proposals.revision_facts(proposal, skill) | opened.place())
    elif opened.tip:
        say_opened(opened, "Revised", ", ".join(sorted(proposal.draft.files)))
    else:
        after = {skill.inside(path): text for path, text in proposal.draft.files.items()}
        old = (entry for entry in skill.entries if entry.path in after)
        before = {entry.path: skill.tree.read(entry).decode("utf-8", "replace") for entry in old}
        say(*proposals.differences(before, after), "", *proposals.points(proposal), "Nothing was written.")
