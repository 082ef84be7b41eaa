"""skill-fleet revise"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from skill_fleet.cli.options import as_me_option, format_option, say, say_json, tape_options

if TYPE_CHECKING:
    from skill_fleet.fleet import Fleet
    from skill_fleet.proposals import Begun


@click.command("revise")
@click.argument("skill")
@click.argument("task", required=False, default="")
@click.option("--from", "sources", metavar="DOC", multiple=True, help="A document or folder to take over; repeatable.")
@click.option(
    "--only", metavar="GLOB", multiple=True, help="Take only these documents of a dump or folder; repeatable."
)
@click.option("--set", "values", metavar="KEY=VALUE", multiple=True, help="Fill {{KEY}} in the documents; repeatable.")
@click.option("--base", metavar="BRANCH", help="Branch to start from and to merge into (default: the default branch).")
@click.option(
    "--forge",
    type=click.Choice(["local", "github"]),
    help="Forge to use (default: detected from the remote).",
)
@click.option("--dry-run", is_flag=True, help="Show what would change; change nothing.")
@click.option("--no-pr", is_flag=True, help="Make the branch and stop there.")
@click.option("--auto-approve", is_flag=True, help="Answer no question: let the model take what is most likely.")
@click.option("--no-model", is_flag=True, help="Add the documents without a model, even if one is configured.")
@tape_options
@as_me_option
@format_option
def revise(
    skill: str,
    task: str,
    sources: tuple[str, ...],
    only: tuple[str, ...],
    values: tuple[str, ...],
    base: str | None,
    forge: str | None,
    dry_run: bool,
    no_pr: bool,
    auto_approve: bool,
    no_model: bool,
    record: Path | None,
    replay: Path | None,
    as_me: bool,
    form: str,
) -> None:
    """Revise a skill that exists and open a pull request.

    TASK says what should be different; documents say what it is to rest on. A model makes the smallest edits that do
    it. Without one, documents are added as references, each with a row that says when to read it, and no text that is
    there is changed. The revision goes on the branch draft/NAME; your work tree is left alone.
    """
    from skill_fleet.chat import ask
    from skill_fleet.fleet import GitTree, here, read_fleet, skill_id
    from skill_fleet.proposals import (
        Begun,
        Wish,
        announce,
        asked_by,
        at_terminal,
        begin,
        bot_of,
        branch_of,
        documents_from,
        forge_here,
        revising_with,
        revision_of,
        skill_called,
        starting_point,
    )

    with here() as repo:
        repo.resolve("HEAD")
        settings = revising_with(repo, task, bool(sources), no_model, replay, base)
        documents = documents_from(sources, values, only)
        bot = None if dry_run else bot_of(opened := forge_here(repo, forge or ""), as_me)
        where, notes = starting_point(bot.repo if bot else repo, base, offline=dry_run)
        for note in notes:
            click.echo(f"note: {note}", err=True)
        announce(documents)
        fleet = read_fleet(GitTree(repo, where.base_oid))
        wanted = skill_called(fleet, skill_id(skill)).id
        wish = Wish(task, documents, wanted, only, revises=True)
        proposal = revision_of(
            wish, fleet, repo, bot, where, settings,
            ask=ask if at_terminal() and not auto_approve else None, assumes=auto_approve, record=record, replay=replay,
        )  # fmt: skip
        begun = begin(bot, where, proposal, asked_by(opened, bot), opens=not no_pr) if bot else Begun(proposal)
        _say(begun, fleet, branch_of(proposal.draft), form)


def _say(begun: Begun, fleet: Fleet, branch: str, form: str) -> None:
    from skill_fleet.proposals import differences, points, revision_facts as facts

    proposal = begun.proposal
    skill = fleet.by_id[proposal.skill]
    if form == "json":
        done = {"branch": branch, "commit": begun.tip, "adopted": begun.adopted, "number": begun.number}
        say_json({**facts(proposal, skill), **done})
        return
    if not begun.tip:
        say(*differences(proposal, skill), "", *points(proposal), "Nothing was written.")
        return
    what = ", ".join(sorted(proposal.draft.files))
    say(
        f"{'Found' if begun.adopted else 'Revised'} {proposal.skill}: {what}, on the branch {branch}", *points(proposal)
    )
    if begun.number:
        say(f"pull request #{begun.number}", f"Next: skill-fleet review show {begun.number}")
