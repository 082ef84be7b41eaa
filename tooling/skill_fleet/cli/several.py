"""A wish for several skills: one draft and one pull request for each, and what fails with one of them stops no other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from skill_fleet.cli.begin import Begun, begin
from skill_fleet.cli.drafting import Wish, draft_of
from skill_fleet.errors import UserError

if TYPE_CHECKING:
    from skill_fleet.cli.forge import AnyForge
    from skill_fleet.drafting.model.settings import ModelSettings
    from skill_fleet.fleet.fleet import Fleet
    from skill_fleet.forges.types import Actor
    from skill_fleet.review.opening import Where


def draft_each(
    wish: Wish,
    fleet: Fleet,
    bot: AnyForge | None,
    asked: Actor | None,
    where: Where,
    settings: ModelSettings | None,
    *,
    opens: bool,
    asks: bool,
    record: Path | None,
    replay: Path | None,
) -> Iterator[Begun]:
    """The draft of the skill that was wished for, then those of the further ones that were found in the wish.

    Each is begun before the next one is drafted. Raises UserError for the first that failed once all were tried: run
    again, and those that are there are found.
    """

    def one(each: Wish, record: Path | None, replay: Path | None) -> Begun:
        proposal = draft_of(each, fleet, bot, where, settings, asks=asks, record=record, replay=replay)
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
