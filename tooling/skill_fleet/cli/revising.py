"""The model as the one who answers the requests of a review that nothing but words can answer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skill_fleet.errors import UserError
from skill_fleet.review.rounds import Reply, Revised, Round

if TYPE_CHECKING:
    from skill_fleet.drafting.model.settings import ModelSettings
    from skill_fleet.drafting.model.threads import Handled
    from skill_fleet.drafting.model.traffic import Progress
    from skill_fleet.fleet.configuration import Configuration
    from skill_fleet.fleet.git import Repository


class ModelReviser:
    """Gives each round to a model. `failure` is how the last round ended that did not end well."""

    def __init__(
        self,
        settings: ModelSettings,
        record: Path | None = None,
        replay: Path | None = None,
        told: Progress | None = None,
    ) -> None:
        self.settings, self.record, self.replay, self.told = settings, record, replay, told
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
                record=self.record,
                replay=self.replay,
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


def reviser_for(configuration: Configuration, repo: Repository | None = None) -> ModelReviser | None:
    """The model that is set up for reviews, None without one; in a repository with the programs of its base."""
    from skill_fleet.cli.models import model_for, with_programs

    settings = model_for(configuration, "review")
    if settings is None:
        return None
    return ModelReviser(with_programs(settings, repo) if repo else settings)


def _reply(one: Handled) -> Reply:
    unsourced = ", ".join(f"`{name}`" for name in one.unsourced)
    note = f"\n\nNowhere in the skill or the request, so look at it: {unsourced}." if unsourced else ""
    return Reply(one.thread, one.outcome, f"{one.reply}{note}")
