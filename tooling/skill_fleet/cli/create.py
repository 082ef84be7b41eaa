"""skill-fleet create"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from skill_fleet.cli.options import draft_options, new_skill_options, say, say_json, say_opened

if TYPE_CHECKING:
    from skill_fleet.proposals import Opened


@click.command("create")
@click.argument("task", required=False, default="")
@new_skill_options
@click.option("--dry-run", is_flag=True, help="Print the draft; change nothing.")
@click.option("--no-pr", is_flag=True, help="Create the branch only, without a pull request.")
@draft_options
def create(form: str, dry_run: bool, no_pr: bool, **given: Any) -> None:
    """Draft a skill from documents and open a pull request.

    TASK says in a sentence what the skill is for; with a model set up, it is enough. The draft goes on the branch
    draft/NAME, started from the default branch; your work tree is left alone. If it is stopped, run it again: it
    resumes.
    """
    from skill_fleet.chat import console
    from skill_fleet.drafting import render_listing
    from skill_fleet.fleet import here
    from skill_fleet.proposals import Covered, Options, choose, draft_each, facts, prepare

    options = Options.of(given)
    with here() as repo:
        job = choose(prepare(repo, options, console(asks=not options.auto_approve), dry_run=dry_run))
        if job.request.documents and form == "text":
            say(*render_listing(job.request.selection()).splitlines())
        made = []
        try:
            for opened in draft_each(job, opens=not no_pr):
                made.append(opened)
                if form == "text":
                    _say(opened)
        except Covered as covered:
            if not covered.accepted:
                raise covered.with_tip(options) from None
            _revise_instead(covered.skill)
            return
    if form == "json":
        first, *further = [facts(opened.proposal) | opened.place() for opened in made]
        say_json({**first, "further": further})


def _revise_instead(skill: str) -> None:
    """Run `revise` with the same options."""
    from skill_fleet.cli.revise import revise

    context = click.get_current_context()
    known = {each.name for each in revise.params}
    context.invoke(
        revise, **{**{name: value for name, value in context.params.items() if name in known}, "skill": skill}
    )


def _say(opened: Opened) -> None:
    from skill_fleet.drafting import render_preview
    from skill_fleet.markdown import escaped
    from skill_fleet.proposals import points

    proposal = opened.proposal
    if opened.tip:
        more = len(proposal.draft.files) - 1
        say_opened(opened, "Drafted", f"SKILL.md and {more} more file{'s' * (more != 1)}" if more else "SKILL.md")
        return
    preview = render_preview(proposal.draft).rstrip("\n").split("\n")
    text = "\n".join(escaped(line) for line in (*preview, "", *points(proposal), "Nothing was written."))
    if sys.stdout.isatty():
        click.echo_via_pager(f"{text}\n")
    else:
        click.echo(text)
