"""The model as the one who answers the requests of a review that nothing but words can answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skill_fleet.errors import UserError
from skill_fleet.review.rounds import Reply, Revised, Round

if TYPE_CHECKING:
    from skill_fleet.drafting.model.settings import ModelSettings
    from skill_fleet.drafting.model.tape import Tape
    from skill_fleet.drafting.model.threads import Handled
    from skill_fleet.drafting.model.traffic import Progress
    from skill_fleet.fleet.configuration import Configuration
    from skill_fleet.fleet.git import Repository


class ModelReviser:
    """Gives each round to a model. `failure` is how the last round ended that did not end well.

    All rounds go on one tape, so that a question asked again in a later one is not answered from the earlier one.
    """

    def __init__(self, settings: ModelSettings, tape: Tape | None = None, told: Progress | None = None) -> None:
        self.settings, self.tape, self.told = settings, tape, told
        self.failure: UserError | None = None
        self._rounds: list[Mapping[str, Any]] = []

    def taken(self) -> tuple[Mapping[str, Any], ...]:
        """The records of the rounds since this was asked last."""
        rounds, self._rounds = tuple(self._rounds), []
        return rounds

    def __call__(self, given: Round) -> Revised:
        """The files after the round and a reply to each request; nothing of either when the model fails."""
        from skill_fleet.cli.models import progress
        from skill_fleet.drafting.briefs import read_brief
        from skill_fleet.drafting.model.checking import checks_for
        from skill_fleet.drafting.model.failure import ModelFailed
        from skill_fleet.drafting.model.learning import as_row
        from skill_fleet.drafting.model.revise import revise
        from skill_fleet.drafting.model.threads import Thread

        self.failure = None  # what failed before is tried again now
        threads = [
            Thread(each.key, each.path, each.first, each.last, each.quoted, each.conversation) for each in given.wanted
        ]
        try:
            done = revise(
                self.settings,
                given.files,
                read_brief(given.brief, given.skill),
                threads,
                checks_for(given.skill),
                points=given.points,
                tape=self.tape,
                progress=self.told or progress(),
            )
        except ModelFailed as failure:
            self.failure = failure
            return Revised(given.files, (), "", failure.message)
        self._rounds.append(as_row(done.record))
        return Revised(done.files, tuple(_reply(one) for one in done.handled), f"dspy {done.model}")

    def complain(self) -> None:
        """Raise how it failed, once what could be done without it is done."""
        if self.failure:
            raise self.failure


def reviser_here(repo: Repository, record: Path | None = None, replay: Path | None = None) -> ModelReviser | None:
    """The model that the base here sets up for reviews, with the base's programs; None without one, and no `replay`."""
    from skill_fleet.cli.models import base_configuration, model_for, with_programs
    from skill_fleet.drafting.model.tape import Tape

    settings = model_for(base_configuration(repo), "review", replay)
    return ModelReviser(with_programs(settings, repo), Tape(record, replay)) if settings else None


def reviser_for(configuration: Configuration, programs: Mapping[str, str]) -> ModelReviser | None:
    """The model that is set up for reviews where there may be no repository, with these programs; None without one."""
    from skill_fleet.cli.models import model_for

    settings = model_for(configuration, "review")
    return ModelReviser(replace(settings, programs=programs)) if settings else None


def _reply(one: Handled) -> Reply:
    unsourced = ", ".join(f"`{name}`" for name in one.unsourced)
    note = f"\n\nNowhere in the skill or the request, so look at it: {unsourced}." if unsourced else ""
    return Reply(one.thread, one.outcome, f"{one.reply}{note}")
