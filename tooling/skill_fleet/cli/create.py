"""skill-fleet create"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from skill_fleet.cli.options import as_me_option, format_option, say, say_json
from skill_fleet.errors import UserError

if TYPE_CHECKING:
    from skill_fleet.cli.forge import AnyForge
    from skill_fleet.cli.propose import Proposal
    from skill_fleet.drafting.types import Document
    from skill_fleet.forges.types import Actor
    from skill_fleet.review.opening import Where

_FILE = click.Path(dir_okay=False, path_type=Path)
LONG = 500_000  # characters from which drafting takes long enough to be noticed


@click.command("create")
@click.argument("task", required=False, default="")
@click.option("--from", "sources", metavar="DOC", multiple=True, help="A document or folder to draft from; repeatable.")
@click.option("--only", metavar="GLOB", multiple=True, help="Of a dump or folder, only these documents; repeatable.")
@click.option("--all", "everything", is_flag=True, help="Place every document, those too that would be set aside.")
@click.option("--set", "values", metavar="KEY=VALUE", multiple=True, help="Fill {{KEY}} in the documents; repeatable.")
@click.option("--path", metavar="CATEGORY/NAME", help="Where the skill goes; without it, the text decides.")
@click.option("--base", metavar="BRANCH", help="The branch to start from and to merge into, if not the default one.")
@click.option(
    "--forge",
    type=click.Choice(["local", "github"]),
    help="Where the pull request lives, if not where it seems.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be drafted; change nothing.")
@click.option("--no-pr", is_flag=True, help="Make the branch and stop there.")
@click.option("--auto-approve", is_flag=True, help="Answer no question: take the stated assumptions.")
@click.option("--no-model", is_flag=True, help="Restructure the documents without a model, also when one is set up.")
@click.option("--record", type=_FILE, metavar="FILE", help="Write what the model is asked and says to this file.")
@click.option("--replay", type=_FILE, metavar="FILE", help="Take the model's answers from such a file; ask nobody.")
@as_me_option
@format_option
def create(
    task: str,
    sources: tuple[str, ...],
    only: tuple[str, ...],
    everything: bool,
    values: tuple[str, ...],
    path: str | None,
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
    from skill_fleet.cli.drafting import Wish, draft_of, finish, settings_for
    from skill_fleet.cli.forge import bot_of, forge_here, tell
    from skill_fleet.cli.place import here
    from skill_fleet.cli.proposal_words import texts
    from skill_fleet.cli.start import starting_point
    from skill_fleet.drafting.placeholders import fill
    from skill_fleet.drafting.read import read_sources
    from skill_fleet.fleet.fleet import read_fleet
    from skill_fleet.fleet.tree import GitTree
    from skill_fleet.review.opening import branch_of, open_pull_request
    from skill_fleet.review.step import step

    with here() as repo:
        repo.resolve("HEAD")
        settings = settings_for(repo, task, bool(sources), no_model, replay)
        documents = fill(read_sources([Path(source) for source in sources]), _pairs(values)) if sources else ()
        bot = None if dry_run else bot_of(opened := forge_here(repo, forge or ""), as_me)
        where, notes = starting_point(bot.repo if bot else repo, base, offline=dry_run)
        for note in notes:
            click.echo(f"note: {note}", err=True)
        _announce(documents)
        wish = Wish(task, documents, path, only, everything)
        fleet = read_fleet(GitTree(repo, where.base_oid))
        proposal = draft_of(wish, fleet, bot, where, settings, asks=not auto_approve, record=record, replay=replay)
        tip, adopted, number = "", False, None
        if bot:
            tip, adopted = _branch(bot, where, proposal, _asked_by(opened, bot))
        if bot and not no_pr:
            number, _ = open_pull_request(bot, where, proposal.draft, texts(proposal), tip)
            finish(bot, number, proposal)
            step(bot.repo, bot, number)
            tell(bot)
    _say(proposal, branch_of(proposal.draft), tip, adopted, number, form)


def _asked_by(opened: AnyForge, bot: AnyForge) -> Actor:
    """Who asks for the draft: the account that types, or for a job with the bot's token, whom Git names as the author."""
    from skill_fleet.forges.accounts import account

    is_job = opened.name != "local" and opened.actor.id == bot.actor.id
    return account(opened.repo.identity()) if is_job else opened.actor


def _pairs(values: tuple[str, ...]) -> dict[str, str]:
    """What `--set` says, by key."""
    pairs = dict(value.partition("=")[::2] for value in values)
    if wrong := next((value for value in values if "=" not in value or value.startswith("=")), None):
        raise UserError(f"{wrong!r} is not of the form KEY=VALUE.", "Write for example: --set LANGUAGE=Python")
    return pairs


def _announce(documents: tuple[Document, ...]) -> None:
    """Say on a terminal that a long text is being read, so that nobody takes it for a standstill."""
    size = sum(len(document.text) for document in documents)
    if size > LONG and sys.stderr.isatty():
        click.echo(f"Reading {size / 1_000_000:.1f} million characters ...", err=True)


def _branch(bot: AnyForge, where: Where, proposal: Proposal, asked_by: Actor) -> tuple[str, bool]:
    """Put the draft on its branch, or find it there; its commit, and whether it was there."""
    from skill_fleet.cli.proposal_words import texts
    from skill_fleet.fleet.git import Identity
    from skill_fleet.fleet.git_write import RefMoved, RemoteUnreachable
    from skill_fleet.review.opening import branch_of, put_branch

    draft = proposal.draft
    author, committer = Identity(asked_by.name, asked_by.address), Identity(bot.actor.name, bot.actor.address)
    try:
        return put_branch(bot.repo, where, draft, texts(proposal), proposal.digest, author, committer)
    except RefMoved as moved:
        raise UserError(f"The branch {branch_of(draft)} has just been made by another run.", "Run again.") from moved
    except RemoteUnreachable as problem:
        from skill_fleet.cli.start import unreachable

        raise unreachable(str(where.remote), problem) from problem


def _say(proposal: Proposal, branch: str, tip: str, adopted: bool, number: int | None, form: str) -> None:
    from skill_fleet.cli.proposal_words import errors, facts, files_of, points

    if form == "json":
        say_json({**facts(proposal), "branch": branch, "commit": tip, "adopted": adopted, "number": number})
        return
    if not tip:
        from skill_fleet.drafting.preview import render_preview

        preview = render_preview(proposal.draft).rstrip("\n").split("\n")
        say(*preview, "", *errors(proposal), "Nothing was written.")
        return
    found = "Found" if adopted else "Drafted"
    say(f"{found} {proposal.skill}: {files_of(proposal.draft)}, on the branch {branch}", *points(proposal))
    if number:
        say(f"pull request #{number}", f"Next: skill-fleet review show {number}")
