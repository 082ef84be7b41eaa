"""skill-fleet review open, close, reopen"""

from __future__ import annotations

import shlex

import click

from skill_fleet import forges, git, proposals, review
from skill_fleet.cli.files import read_text
from skill_fleet.cli.lazy import TextCommand, place_options
from skill_fleet.cli.options import file_option, format_option, number_argument, open_forge, show
from skill_fleet.errors import UserError


@click.command("open")
@place_options
@click.argument("branch", required=False, default="")
@click.option("--title", metavar="TEXT", help="Title (default: the subject of its first commit).")
@file_option
@format_option
def open(branch: str, title: str | None, file: str | None, form: str) -> None:
    """Open a pull request for a branch of your own.

    BRANCH defaults to the one that is checked out. It is pushed if the remote does not have it. The pull request is
    yours: people review it, `promote` merges it, and the bot leaves it alone.
    """
    body = read_text(file) if file else None
    with open_forge() as forge:
        if forge.name != "local":
            head = f" --head {shlex.quote(branch)}" if branch else ""
            # gh knows what a fork was made of
            tip = f"Push the branch, then: gh pr create --fill{head}"
            raise UserError("Pull requests by people are opened on GitHub itself.", tip)
        where, _ = proposals.starting_point(forge.repo, None)
        made = proposals.read_branch(forge.repo, where, branch)
        title = made.title[: forges.TITLE_LIMIT] if title is None else title
        body = made.body if body is None else body
        try:
            number = forge.open(
                title=title, body=body, head=made.branch, base=where.base, head_oid=made.tip, draft=False
            )
        except forges.StaleHead as stale:
            raise UserError(f"The branch has moved since: {stale}.", "Read it again, then open.") from stale
        if where.remote:
            git.track_branch(forge.repo, where.remote, made.branch)
    facts = {"number": number, "title": title, "branch": made.branch, "base": where.base, "commit": made.tip}
    show(
        form,
        facts,
        f"pull request #{number}: {title} ({made.branch} into {where.base})",
        f"Next: somebody else reviews it: skill-fleet review show {number}",
    )


@click.command("close", cls=TextCommand)
@number_argument
@click.argument("reason", required=False, default="")
@format_option
def close(number: int, reason: str, form: str) -> None:
    """Close a pull request without merging.

    REASON becomes a comment. On a draft of the bot this is the command /cancel, which the bot carries out and answers.
    Nothing is lost: `review reopen` opens it again.
    """
    with open_forge() as forge:
        snapshot = forge.snapshot(number)
        if forge.actor.id != snapshot.author.id:
            proposals.refuse_strangers(forge, snapshot, "close pull requests of others")
        if review.read_session(snapshot) and snapshot.complete and forge.actor.id != snapshot.bot.id:
            state = _cancel(forge, snapshot, reason)
        else:
            proposals.refuse_ended(snapshot)
            if reason.strip():
                forge.comment(number, reason)
            forge.close(number)
            state = "closed"
    if state == "closed":
        lines = [f"#{number} is closed.", f"To reopen it: skill-fleet review reopen {number}"]
    else:
        lines = [f"#{number}: /cancel is posted; the bot closes it if you may write here."]
        lines.append(f"Next: skill-fleet review show {number}")
    show(form, {"number": number, "state": state}, *lines)


def _cancel(forge: proposals.AnyForge, snapshot: forges.Snapshot, reason: str) -> str:
    """Have the bot close its draft, or finish what an interrupted run began; return the state of the pull request."""
    number, is_local = snapshot.number, forge.name == "local"  # elsewhere a workflow runs the bot
    if is_local and snapshot.state == "closed" and proposals.take_turn(proposals.bot_of(forge), number):
        return snapshot.state
    proposals.refuse_ended(snapshot)
    # the command first: no Markdown of the reason can swallow it
    said, answered = f"/cancel\n\n{reason}".strip(), review.receipts(snapshot)
    waiting = (
        item for item in snapshot.items if item.order > snapshot.reopened and f"cancel:{item.key}" not in answered
    )
    if not any((item.author.id, item.body) == (forge.actor.id, said) for item in waiting):
        forge.comment(number, said)
    if is_local:
        proposals.take_turn(proposals.bot_of(forge), number)
    return forge.snapshot(number).state


@click.command("reopen")
@number_argument
@format_option
def reopen(number: int, form: str) -> None:
    """Reopen a closed pull request.

    A merged one stays merged.
    """
    with open_forge() as forge:
        forge.close(number, False)
    show(form, {"number": number, "state": "open"}, f"#{number} is open.", f"Next: skill-fleet review show {number}")
