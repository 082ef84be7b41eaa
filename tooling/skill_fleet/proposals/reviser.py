"""The model as the reviser of a review: it gets the requests of a round and returns changed files and replies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skill_fleet import model
from skill_fleet.drafting import read_brief
from skill_fleet.errors import UserError
from skill_fleet.forges import Snapshot
from skill_fleet.forges.local import LocalForge
from skill_fleet.git import Repository
from skill_fleet.proposals.recording import drop_rows, held_rows, hold, keep_turn, recorded_passages
from skill_fleet.proposals.start import model_for, model_here
from skill_fleet.review import Reply, Revised, Round, point_mark, step

if TYPE_CHECKING:
    from skill_fleet.fleet import Configuration, ModelSettings
    from skill_fleet.proposals.forge import AnyForge


class ModelReviser:
    """Gives each round to a model. `failure` is the reason if the last round failed.

    All rounds share one tape, so that a question that is asked again is not answered from an earlier round.
    """

    def __init__(
        self, settings: ModelSettings, tape: model.Tape | None = None, progress: model.Progress | None = None
    ) -> None:
        self.settings, self.tape, self.progress = settings, tape, progress
        self.failure: UserError | None = None
        self.spent: list[str] = []
        """What each round cost, in words."""
        self.passages = ""
        """Recorded lines of the sources that the skill was made from."""
        self.journal: model.Journal | None = None
        self._rounds: list[Mapping[str, Any]] = []

    def taken(self) -> tuple[Mapping[str, Any], ...]:
        """The records of the rounds since the last call of this."""
        rounds, self._rounds = tuple(self._rounds), []
        return rounds

    def __call__(self, given: Round) -> Revised:
        """The files after the round and a reply to each request; the files as they were if the model fails."""
        self.failure = None  # what failed before is tried again now
        brief = read_brief(given.brief, given.skill)
        client = model.ModelClient(self.settings, self.tape, self.progress, self.journal)
        try:
            done = model.revise(
                client,
                given.files,
                replace(
                    brief,
                    assumptions=tuple(each for each in brief.assumptions if point_mark(each) not in given.settled),
                ),
                given.wanted,
                passages=self.passages,
                points=given.points,
            )
        except model.ModelFailed as failure:
            self.failure = failure
            self._rounds += [failure.record] if failure.record else []
            return Revised(given.files, (), "", failure.message)
        self._rounds.append(done.record)
        self.spent.append(f"{client.model}: {client.meter.words()}")
        return Revised(done.files, tuple(_reply(one) for one in done.handled), f"dspy {client.model}")


def reviser_here(
    repo: Repository, record: Path | None = None, replay: Path | None = None, progress: model.Progress | None = None
) -> ModelReviser | None:
    """The model that the base of this repository sets up for reviews; None without one."""
    settings = model_here(repo, "review", replay)
    return ModelReviser(settings, model.Tape(record, replay), progress) if settings else None


def reviser_for(configuration: Configuration, programs: Mapping[str, str]) -> ModelReviser | None:
    """The model for reviews where there may be no repository, with these programs; None without one."""
    settings = model_for(configuration, "review")
    return ModelReviser(replace(settings, programs=programs)) if settings else None


def _reply(one: model.Handled) -> Reply:
    unsourced = ", ".join(f"`{name}`" for name in one.unsourced)
    note = f"\n\nNot in the skill or the request, so check it: {unsourced}." if unsourced else ""
    return Reply(one.thread, one.outcome, f"{one.reply}{note}", one.against, tuple(map(point_mark, one.settles)))


def take_turn(bot: AnyForge, number: int, reviser: ModelReviser | None = None) -> tuple[str, ...]:
    """Let the bot answer a pull request, and keep the record of it; return what was done, a line each."""
    session = f"pull-{number}"
    if reviser:
        reviser.passages, reviser.journal = recorded_passages(bot, number), partial(hold, bot, session)

    def keep(after: Snapshot) -> None:
        keep_turn(bot, after, held_rows(bot.repo, session))  # also of a turn that was killed
        drop_rows(bot.repo, session)
        own = bot.repo.refs(f"refs/heads/{after.head}").get(f"refs/heads/{after.head}")
        is_bots = bool(after.commits) and after.commits[-1].author.id == after.bot.id
        if isinstance(bot, LocalForge) and own and is_bots and bot.repo.is_ancestor(own, after.head_oid):
            bot.follow(after.head, after.head_oid)  # a run that was stopped after its push has not

    return step(bot.repo, bot, number, reviser, keep)
