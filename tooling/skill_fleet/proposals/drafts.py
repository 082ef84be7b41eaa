"""How a draft comes to its branch: what a person gives for it, who asks for it, and the branch itself."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from skill_fleet.drafting import Document, fill, read_documents
from skill_fleet.errors import UserError
from skill_fleet.forges import Actor
from skill_fleet.proposals.proposal import Ask, Wish, draft_of

if TYPE_CHECKING:
    from skill_fleet.fleet import Fleet
    from skill_fleet.forges import Actor
    from skill_fleet.model import ModelSettings
    from skill_fleet.proposals.forge import AnyForge
    from skill_fleet.proposals.opening import Where
    from skill_fleet.proposals.proposal import Proposal

LONG = 500_000  # characters from which drafting takes long enough to be noticed


@dataclass(frozen=True)
class Begun:
    """A draft and where it is: the tip of its branch ('' when nothing was written), and the number of its pull request."""

    proposal: Proposal
    tip: str = ""
    adopted: bool = False
    number: int | None = None


def begin(bot: AnyForge, where: Where, proposal: Proposal, asked: Actor, *, opens: bool) -> Begun:
    """Put the draft on its branch and, if it `opens` a pull request, take the bot's first turn on that."""
    from skill_fleet.proposals.forge import tell
    from skill_fleet.proposals.opening import open_pull_request
    from skill_fleet.proposals.proposal import finish, texts
    from skill_fleet.proposals.recording import hold, take_turn

    if proposal.record and proposal.texts:  # without a model it can be made again
        hold(bot, proposal.digest, proposal.record)
    tip, adopted = put_on_branch(bot, where, proposal, asked)
    if not opens:
        return Begun(proposal, tip, adopted)
    number, _ = open_pull_request(bot, where, proposal.draft, texts(proposal), tip)
    finish(bot, number, proposal)
    take_turn(bot, number)
    tell(bot)
    return Begun(proposal, tip, adopted, number)


def documents_from(sources: Sequence[str], values: Sequence[str], only: Sequence[str] = ()) -> tuple[Document, ...]:
    """The documents that `--from` names, with what `--set` fills; none when none are named."""
    return fill(read_documents([Path(source) for source in sources], only), pairs(values)) if sources else ()


def pairs(values: Sequence[str]) -> dict[str, str]:
    """What `--set` says, by key."""
    found = dict(value.partition("=")[::2] for value in values)
    if wrong := next((value for value in values if "=" not in value or value.startswith("=")), None):
        raise UserError(f"{wrong!r} is not of the form KEY=VALUE.", "Write for example: --set LANGUAGE=Python")
    return found


def announce(documents: tuple[Document, ...]) -> None:
    """Say on a terminal that a long text is being read, so that nobody takes it for a standstill."""
    size = sum(len(document.text) for document in documents)
    if size > LONG and sys.stderr.isatty():
        click.echo(f"Reading {size / 1_000_000:.1f} million characters ...", err=True)


def asked_by(opened: AnyForge, bot: AnyForge) -> Actor:
    """Who asks for the draft: the account that types, or for a job with the bot's token, whom Git names as the author."""
    from skill_fleet.forges import account

    is_job = opened.name != "local" and opened.actor.id == bot.actor.id
    return account(opened.repo.identity()) if is_job else opened.actor


def put_on_branch(bot: AnyForge, where: Where, proposal: Proposal, asked: Actor) -> tuple[str, bool]:
    """Put the draft on its branch, or find it there; its commit, and whether it was there."""
    from skill_fleet.git import Identity, RefMoved, RemoteUnreachable
    from skill_fleet.proposals.opening import branch_of, put_branch
    from skill_fleet.proposals.proposal import texts

    draft = proposal.draft
    author, committer = Identity(asked.name, asked.address), Identity(bot.actor.name, bot.actor.address)
    try:
        return put_branch(bot.repo, where, draft, texts(proposal), proposal.digest, author, committer)
    except RefMoved as moved:
        raise UserError(f"The branch {branch_of(draft)} has just been made by another run.", "Run again.") from moved
    except RemoteUnreachable as problem:
        from skill_fleet.proposals.start import unreachable

        raise unreachable(str(where.remote), problem) from problem


def draft_each(
    wish: Wish,
    fleet: Fleet,
    bot: AnyForge | None,
    asked: Actor | None,
    where: Where,
    settings: ModelSettings | None,
    *,
    opens: bool,
    ask: Ask | None,
    record: Path | None,
    replay: Path | None,
) -> Iterator[Begun]:
    """The draft of the skill that was wished for, then those of the further ones that were found in the wish.

    Each is begun before the next one is drafted. Raises UserError for the first that failed once all were tried: run
    again, and those that are there are found.
    """

    def one(each: Wish, record: Path | None, replay: Path | None) -> Begun:
        proposal = draft_of(each, fleet, bot, where, settings, ask=ask, record=record, replay=replay)
        return begin(bot, where, proposal, asked, opens=opens) if bot and asked else Begun(proposal)

    first = one(wish, record, replay)
    yield first
    failed: UserError | None = None
    for task in first.proposal.further:
        click.echo(f"note: This is a skill of its own: {task}", err=True)
        try:
            # the record goes on where the first one ended
            yield one(replace(wish, task=task, path=None), record, record or replay)
        except UserError as problem:
            click.echo(f"note: It was not drafted: {problem.message} {problem.tip}", err=True)
            failed = failed or problem
    if failed:
        raise failed
