"""skill-fleet create"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from skill_fleet.cli.options import as_me_option, format_option, say, say_json, tape_options

if TYPE_CHECKING:
    from skill_fleet.proposals import Begun


@click.command("create")
@click.argument("task", required=False, default="")
@click.option("--from", "sources", metavar="DOC", multiple=True, help="A document or folder to draft from; repeatable.")
@click.option(
    "--main", metavar="GLOB", default="", help="Document that becomes SKILL.md; none: a table of all of them."
)
@click.option(
    "--only", metavar="GLOB", multiple=True, help="Take only these documents of a dump or folder; repeatable."
)
@click.option("--anyway", is_flag=True, help="Draft a document even if it has next to no text of its own.")
@click.option("--set", "values", metavar="KEY=VALUE", multiple=True, help="Fill {{KEY}} in the documents; repeatable.")
@click.option(
    "--path", metavar="CATEGORY[/NAME]", help="Where the skill goes; a category alone takes the name from the document."
)
@click.option(
    "--description", metavar="TEXT", default="", help="The description: what the skill does and when to use it."
)
@click.option("--base", metavar="BRANCH", help="Branch to start from and to merge into (default: the default branch).")
@click.option(
    "--forge",
    type=click.Choice(["local", "github"]),
    help="Forge to use (default: detected from the remote).",
)
@click.option("--dry-run", is_flag=True, help="Show what would be drafted; change nothing.")
@click.option("--no-pr", is_flag=True, help="Make the branch and stop there.")
@click.option("--auto-approve", is_flag=True, help="Ask nothing: take the stated assumptions.")
@click.option("--no-model", is_flag=True, help="Restructure the documents without a model, even if one is configured.")
@tape_options
@as_me_option
@format_option
def create(
    task: str,
    sources: tuple[str, ...],
    main: str,
    only: tuple[str, ...],
    anyway: bool,
    values: tuple[str, ...],
    path: str | None,
    description: str,
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
    """Draft a skill from documents and open a pull request.

    TASK says in a sentence what the skill is for; with a model set up, it is enough. The draft goes on the branch
    draft/NAME, started from the default branch; your work tree is left alone. Run again after a stop, it goes on where
    it was.
    """
    from skill_fleet.chat import ask
    from skill_fleet.drafting import render_listing, select
    from skill_fleet.fleet import GitTree, here, read_fleet
    from skill_fleet.proposals import (
        Covered,
        Wish,
        announce,
        asked_by,
        at_terminal,
        bot_of,
        decided,
        documents_from,
        draft_each,
        forge_here,
        settings_for,
        starting_point,
    )

    with here() as repo:
        repo.resolve("HEAD")
        settings = settings_for(repo, task, bool(sources), no_model, replay, base)
        documents = documents_from(sources, values, only)
        bot = None if dry_run else bot_of(opened := forge_here(repo, forge or ""), as_me)
        where, notes = starting_point(bot.repo if bot else repo, base, offline=dry_run)
        for note in notes:
            click.echo(f"note: {note}", err=True)
        announce(documents)
        fleet, asks = read_fleet(GitTree(repo, where.base_oid)), at_terminal() and not auto_approve
        wish = Wish(task, documents, path, only, main, description, anyway, has_model=settings is not None)
        if documents and settings is None and form == "text":
            wish = decided(wish, fleet, ask) if asks else wish
            say(*render_listing(select(documents, only, wish.main, anyway)).splitlines())
        asked = asked_by(opened, bot) if bot else None
        try:
            each = draft_each(
                wish, fleet, bot, asked, where, settings,
                opens=not no_pr, ask=ask if asks else None, record=record, replay=replay,
            )  # fmt: skip
            made = []
            for begun in each:
                made.append(begun)
                if form == "text":
                    _say(begun)
        except Covered as covered:
            if not covered.accepted:
                raise covered.with_tip(task, sources) from None
            _revise_instead(covered.skill)
            return
    if form == "json":
        first, *further = map(_facts, made)
        say_json({**first, "further": further})


def _revise_instead(skill: str) -> None:
    """Run `revise` for the same wish."""
    from skill_fleet.cli.revise import revise

    context = click.get_current_context()
    known = {
        name: value for name, value in context.params.items() if name not in ("path", "main", "description", "anyway")
    }
    context.invoke(revise, skill=skill, **known)


def _facts(begun: Begun) -> dict[str, object]:
    from skill_fleet.proposals import branch_of, facts

    found = {"branch": branch_of(begun.proposal.draft), "commit": begun.tip, "adopted": begun.adopted}
    return {**facts(begun.proposal), **found, "number": begun.number}


def _say(begun: Begun) -> None:
    from skill_fleet.proposals import branch_of, files_of, points

    proposal = begun.proposal
    if not begun.tip:
        from skill_fleet.drafting import render_preview
        from skill_fleet.markdown import escaped

        preview = render_preview(proposal.draft).rstrip("\n").split("\n")
        shown = [escaped(line) for line in (*preview, "", *points(proposal), "Nothing was written.")]
        if sys.stdout.isatty():
            click.echo_via_pager("\n".join([*shown, ""]))
        else:
            click.echo("\n".join(shown))
        return
    found, branch = "Found" if begun.adopted else "Drafted", branch_of(proposal.draft)
    say(f"{found} {proposal.skill}: {files_of(proposal.draft)}, on the branch {branch}", *points(proposal))
    if begun.number:
        say(f"pull request #{begun.number}", f"Next: skill-fleet review show {begun.number}")
