"""skill-fleet create"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from skill_fleet.cli.options import as_me_option, format_option, say, say_json, tape_options

if TYPE_CHECKING:
    from skill_fleet.proposals import Opened


@click.command("create")
@click.argument("task", required=False, default="")
@click.option("--from", "sources", metavar="DOC", multiple=True, help="A document or folder to draft from; repeatable.")
@click.option(
    "--main", metavar="PATTERN", default="", help="Document that becomes SKILL.md; none: a table of them all."
)
@click.option("--only", metavar="PATTERN", multiple=True, help="Take only these documents; repeatable.")
@click.option("--anyway", is_flag=True, help="Draft a document even if it has next to no text of its own.")
@click.option("--set", "values", metavar="KEY=VALUE", multiple=True, help="Fill {{KEY}} in the documents; repeatable.")
@click.option("--path", metavar="CATEGORY[/NAME]", help="Category, or id, of the skill (default name: the document's).")
@click.option("--description", metavar="TEXT", default="", help="What the skill does and when to use it.")
@click.option("--base", metavar="BRANCH", help="Branch to start from and to merge into (default: the default branch).")
@click.option(
    "--forge", type=click.Choice(["local", "github"]), help="Forge to use (default: detected from the remote)."
)
@click.option("--dry-run", is_flag=True, help="Print the draft; change nothing.")
@click.option("--no-pr", is_flag=True, help="Create the branch only, without a pull request.")
@click.option("--auto-approve", is_flag=True, help="Ask nothing: take the stated assumptions.")
@click.option("--no-model", is_flag=True, help="Restructure the documents without a model, even if one is configured.")
@click.option("--new", is_flag=True, help="Draft a second skill even if the fleet covers the task.")
@click.option("--budget", metavar="TOKENS", type=click.IntRange(min=1), help="Most tokens that the model may use.")
@click.option("--all-tasks", is_flag=True, help="Also draft the other skills that the task asks for.")
@tape_options
@as_me_option
@format_option
def create(form: str, dry_run: bool, no_pr: bool, all_tasks: bool, **given: Any) -> None:
    """Draft a skill from documents and open a pull request.

    TASK says in a sentence what the skill is for; with a model set up, it is enough. The draft goes on the branch
    draft/NAME, started from the default branch; your work tree is left alone. If it is stopped, run it again: it
    resumes.
    """
    from skill_fleet.chat import console
    from skill_fleet.drafting import render_listing
    from skill_fleet.fleet import here
    from skill_fleet.proposals import Covered, Options, choose, draft_each, prepare

    options = Options.of(given)
    with here() as repo:
        job = choose(prepare(repo, options, console(asks=not options.auto_approve), dry_run=dry_run))
        if job.request.documents and form == "text":
            say(*render_listing(job.request.selection()).splitlines())
        made = []
        try:
            for opened in draft_each(job, opens=not no_pr, further=all_tasks):
                made.append(opened)
                if form == "text":
                    _say(opened)
        except Covered as covered:
            if not covered.accepted:
                raise covered.with_tip(options) from None
            _revise_instead(covered.skill)
            return
    if form == "json":
        first, *further = map(_facts, made)
        say_json({**first, "further": further})


def _revise_instead(skill: str) -> None:
    """Run `revise` with the same options."""
    from skill_fleet.cli.revise import revise

    context = click.get_current_context()
    known = {each.name for each in revise.params}
    context.invoke(
        revise, **{**{name: value for name, value in context.params.items() if name in known}, "skill": skill}
    )


def _facts(opened: Opened) -> dict[str, object]:
    from skill_fleet.proposals import branch_of, facts

    place = {"branch": branch_of(opened.proposal.draft), "commit": opened.tip, "adopted": opened.adopted}
    return {**facts(opened.proposal), **place, "number": opened.number}


def _say(opened: Opened) -> None:
    from skill_fleet.drafting import render_preview
    from skill_fleet.markdown import escaped
    from skill_fleet.proposals import branch_of, points

    proposal = opened.proposal
    if not opened.tip:
        preview = render_preview(proposal.draft).rstrip("\n").split("\n")
        text = "\n".join(escaped(line) for line in (*preview, "", *points(proposal), "Nothing was written."))
        if sys.stdout.isatty():
            click.echo_via_pager(f"{text}\n")
        else:
            click.echo(text)
        return
    more = len(proposal.draft.files) - 1
    files = f"SKILL.md and {more} more file{'s' * (more != 1)}" if more else "SKILL.md"
    found, branch = "Found" if opened.adopted else "Drafted", branch_of(proposal.draft)
    account = [f"  {note}" for note in proposal.draft.notes if proposal.by_model]
    say(f"{found} {proposal.skill}: {files}, on the branch {branch}", *points(proposal), *account)
    if opened.number:
        say(f"pull request #{opened.number}", f"Next: skill-fleet review show {opened.number}")
