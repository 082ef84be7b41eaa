"""skill-fleet create"""

from __future__ import annotations

from typing import Any

import click

from skill_fleet import chat, drafting, fleet, markdown, proposals
from skill_fleet.cli.lazy import TextCommand
from skill_fleet.cli.options import draft_options, new_skill_options, say, say_in_pager, say_json, say_opened
from skill_fleet.cli.revise import revise


@click.command("create", cls=TextCommand)
@click.argument("task", required=False, default="")
@new_skill_options
@click.option("--dry-run", is_flag=True, help="Print the draft; change nothing.")
@click.option("--no-pr", is_flag=True, help="Create the branch only, without a pull request.")
@click.option("--all-tasks", is_flag=True, help="Also draft the other skills that the task asks for.")
@draft_options
def create(form: str, dry_run: bool, no_pr: bool, all_tasks: bool, **given: Any) -> None:
    """Draft a skill from documents and open a pull request.

    TASK says in a sentence what the skill is for; with a model set up, it is enough. The draft goes on the branch
    draft/NAME, started from the default branch; your work tree is left alone. If it is stopped, run it again: it
    resumes.
    """
    options = proposals.Options.of(given)
    job = proposals.choose(
        proposals.prepare(fleet.here(), options, chat.console(asks=not options.auto_approve), dry_run=dry_run)
    )
    if job.request.documents and form == "text":
        say(*drafting.render_listing(job.request.selection()).splitlines())
    made = []
    try:
        for opened in proposals.draft_each(job, opens=not no_pr, further=all_tasks):
            made.append(opened)
            if form == "text":
                _say(opened)
    except proposals.Covered as covered:
        if not covered.accepted:
            raise covered.with_tip(options) from None
        _revise_instead(covered.skill)
        return
    if form == "json":
        first, *further = [proposals.facts(opened.proposal) | opened.place() for opened in made]
        say_json({**first, "further": further})


def _revise_instead(skill: str) -> None:
    """Run `revise` with the same options, as far as it has them."""
    context = click.get_current_context()
    known = {each.name for each in revise.params}
    context.invoke(revise, skill=skill, **{name: given for name, given in context.params.items() if name in known})


def _say(opened: proposals.Opened) -> None:
    proposal = opened.proposal
    if opened.tip:
        more = len(proposal.draft.files) - 1
        say_opened(opened, "Drafted", f"SKILL.md and {more} more file{'s' * (more != 1)}" if more else "SKILL.md")
        return
    preview = drafting.render_preview(proposal.draft).rstrip("\n").split("\n")
    lines = (*preview, "", *proposals.points(proposal), "Nothing was written.")
    say_in_pager(*map(markdown.escaped, lines))
