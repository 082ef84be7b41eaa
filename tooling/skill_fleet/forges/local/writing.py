"""How an event gets into a timeline: planned on one view, written on top of it, and again on the next if that moved."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from skill_fleet.errors import UserError
from skill_fleet.forges.local.events import replay
from skill_fleet.forges.local.exchange import Exchange, View, head_ref, timeline_ref
from skill_fleet.forges.local.standing import Standing
from skill_fleet.forges.local.timeline import Chains, Timeline, read_chains, write_events
from skill_fleet.forges.snapshot import Actor
from skill_fleet.git import ABSENT, RefMoved, RemoteUnreachable, Repository, Update


@dataclass(frozen=True)
class Plan:
    """What to write: the event, and the branches that move with it, all or none."""

    type: str
    fields: Mapping[str, Any]
    moves: Sequence[Update] = ()
    head: str = ""
    """Where the head will be, if this moves it."""


Planner = Callable[[Standing], Plan | None]
"""Decides on one view what to write; None: it is so already. It may be asked again, and raises UserError to refuse."""


@dataclass(frozen=True)
class Writer:
    """Reads and writes timelines as one account."""

    repo: Repository
    exchange: Exchange
    actor: Actor
    clock: Callable[[], datetime]
    new_id: Callable[[], str]

    def chains(self, view: View) -> Chains:
        """The commits of all timelines."""
        return read_chains(self.repo, [tip for number in view.numbers for tip in view.tips(number)])

    def standing(self, view: View, number: int, chains: Chains | None = None) -> Standing:
        """Pull request `number` as `view` shows it; UserError when there is none."""
        if not (tips := view.tips(number)):
            raise UserError(f"There is no pull request #{number}.", "See which there are: skill-fleet review list")
        timeline = (chains or read_chains(self.repo, tips)).timeline(number, tips)
        return Standing(self.repo, view, timeline, replay(timeline))

    def write(self, number: int, plan: Planner, *, on_seen: bool = False) -> str:
        """Write what `plan` says and return the event's id. Without the remote it waits here, unless branches move.

        With `on_seen` it is written on top of what was seen last, if that still stands, and nobody is asked first: for
        an event that no branch has a part in.
        """
        event_id = self.new_id()
        if on_seen and self._on_seen(number, plan, event_id):
            return event_id
        attempts = Attempts(self.exchange)
        for view in self.exchange.looks():
            at = self.standing(view, number)
            if at.timeline.holds(event_id):  # the last try arrived, and only the answer was lost
                break
            if (planned := plan(at)) is None:
                break
            if planned.moves and not view.online:
                raise attempts.unreachable()
            commit = self.record(at.timeline, event_id, planned)
            try:
                if view.online:
                    timeline = Update(timeline_ref(number), commit, view.timelines.get(number, ABSENT))
                    self.exchange.publish(view, number, [timeline, *planned.moves, *_kept_head(at, planned)])
                else:
                    self.exchange.keep(view, number, commit)
            except RefMoved:
                continue
            except RemoteUnreachable as problem:
                if planned.moves:
                    attempts.failed(problem)
                    continue
                try:
                    self.exchange.keep(view, number, commit)
                except RefMoved:
                    continue
            break
        return event_id

    def _on_seen(self, number: int, plan: Planner, event_id: str) -> bool:
        """Whether it is written. If not, one has to look: what was seen may be why there is nothing to do, or no way."""
        if not (view := self.exchange.seen) or not view.tips(number):
            return False
        with contextlib.suppress(UserError, RefMoved, RemoteUnreachable):
            at = self.standing(view, number)
            if planned := plan(at):
                commit = self.record(at.timeline, event_id, planned)
                timeline = Update(timeline_ref(number), commit, view.timelines.get(number, ABSENT))
                self.exchange.publish(view, number, [timeline, *_kept_head(at, planned)])
                return True
        return False

    def record(self, timeline: Timeline, event_id: str, planned: Plan) -> str:
        """Store the commit that adds the event; nothing points at it yet."""
        event = {
            "id": event_id,
            "seq": timeline.next_seq,
            "at": written(self.clock()),
            "actor": {"id": self.actor.id, "name": self.actor.name},
            "type": planned.type,
            **planned.fields,
        }
        return write_events(self.repo, timeline.number, timeline.tips, [event], self.actor)


def written(moment: datetime) -> str:
    """A time as events hold it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Attempts:
    """Counts pushes that failed for another reason than being late: the second one is the end."""

    exchange: Exchange
    count: int = 0

    def failed(self, problem: RemoteUnreachable) -> None:
        """One more; its answer may have been lost after it arrived, so the first leads to another look."""
        self.count += 1
        if self.count > 1:
            raise self.unreachable(problem.reason) from problem

    def unreachable(self, reason: str = "") -> UserError:
        """The error that says so."""
        said = f" ({reason})" if reason else ""
        return UserError(
            f"The remote {self.exchange.remote} does not answer, or refuses{said}.",
            f"Try it: git push --dry-run {self.exchange.remote} HEAD",
        )


def _kept_head(at: Standing, planned: Plan) -> list[Update]:
    """Bring `/head` to where the branch is, so that its commits outlive the branch."""
    number, kept = at.pull.number, at.view.heads.get(at.pull.number)
    ended = at.pull.closed or at.pull.merged
    head = planned.head or (None if ended else at.branch_tip)
    return [Update(head_ref(number), head, kept or ABSENT)] if head and head != kept else []
