"""Writing an event: composed for one view, written on top of it, and composed again for the next view if that moved."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from skill_fleet.errors import UserError
from skill_fleet.forges.local.events import replay
from skill_fleet.forges.local.exchange import Exchange, View, head_ref, timeline_ref
from skill_fleet.forges.local.pull_state import PullState
from skill_fleet.forges.local.timeline import Chains, Timeline, read_chains, write_events
from skill_fleet.forges.refusals import no_pull_request
from skill_fleet.forges.types import Actor
from skill_fleet.git import ABSENT, RefMoved, RemoteUnreachable, Repository, Update


@dataclass(frozen=True)
class NewEvent:
    """An event to write, and the branches that move with it, all or none."""

    type: str
    fields: Mapping[str, Any]
    moves: Sequence[Update] = ()
    head: str = ""
    """The new head, if this moves it."""


Compose = Callable[[PullState], NewEvent | None]
"""Returns the event to write for a state, or None if nothing has to change. It raises UserError to refuse, and may be
called again with a newer state."""


@dataclass(frozen=True)
class Writer:
    """Reads and writes timelines as one account."""

    repo: Repository
    exchange: Exchange
    actor: Actor
    clock: Callable[[], datetime]
    new_id: Callable[[], str]

    def state(self, view: View, number: int, chains: Chains | None = None) -> PullState:
        """Return pull request `number` as `view` shows it; UserError if there is none."""
        if not (tips := view.tips(number)):
            raise no_pull_request(number)
        timeline = (chains or read_chains(self.repo, tips)).timeline(number, tips)
        return PullState(self.repo, view, timeline, replay(timeline))

    def states(self, view: View) -> list[PullState]:
        """Return every pull request. One that cannot be read is named in the notes, and does not hide the others."""
        chains = read_chains(self.repo, [tip for number in view.numbers for tip in view.tips(number)])
        found = []
        for number in filter(view.tips, view.numbers):
            try:
                found.append(self.state(view, number, chains))
            except UserError as problem:
                self.exchange.note(problem.message)
        return found

    def write(self, number: int, compose: Compose, *, on_last_view: bool = False) -> str:
        """Write an event and return its id. Without the remote it waits here, unless branches move with it.

        With `on_last_view` it is written on top of what was read last, if that still holds, without asking the remote
        first: for events that do not depend on branches.
        """
        event_id = self.new_id()
        if on_last_view and self._write_on_last_view(number, compose, event_id):
            return event_id

        def attempt(view: View) -> None:
            at = self.state(view, number)
            # it is there if the last attempt arrived, and only the answer was lost
            if at.timeline.holds(event_id) or (new := compose(at)) is None:
                return
            if new.moves and not view.online:
                raise self.exchange.offline()
            commit = self.record(at.timeline, event_id, new)
            refusal = None
            try:
                if view.online:
                    self._publish(at, commit, new)
                    return
            except RemoteUnreachable as problem:
                if new.moves:
                    raise
                refusal = problem
            self.exchange.keep(view, number, commit, refusal)

        self.exchange.retry(attempt)
        return event_id

    def _write_on_last_view(self, number: int, compose: Compose, event_id: str) -> bool:
        """Return whether it is written. If not, the caller has to read: the view may be why nothing seems to be due."""
        if not (view := self.exchange.last()) or not view.tips(number):
            return False
        with contextlib.suppress(UserError, RefMoved, RemoteUnreachable):
            at = self.state(view, number)
            if new := compose(at):
                self._publish(at, self.record(at.timeline, event_id, new), new)
                return True
        return False

    def record(self, timeline: Timeline, event_id: str, new: NewEvent) -> str:
        """Store the commit that adds the event, and return it; no ref moves."""
        event = {
            "id": event_id,
            "seq": timeline.next_seq,
            "at": utc_text(self.clock()),
            "actor": {"id": self.actor.id, "name": self.actor.name},
            "type": new.type,
            **new.fields,
        }
        return write_events(self.repo, timeline.number, timeline.tips, [event], self.actor)

    def _publish(self, at: PullState, commit: str, new: NewEvent) -> None:
        """Move the timeline and what moves with it: also `/head`, so that its commits outlive the branch."""
        number, view = at.number, at.view
        updates = [*new.moves]  # first, so that where they cannot move at once the timeline says only what is so
        kept = view.heads.get(number)
        head = new.head or (None if at.pull.closed or at.pull.merged else at.branch_tip)
        if head and head != kept:
            updates.append(Update(head_ref(number), head, kept or ABSENT))
        updates.append(Update(timeline_ref(number), commit, view.timelines.get(number, ABSENT)))
        self.exchange.publish(view, number, updates)


def utc_text(moment: datetime) -> str:
    """Return a time as events hold it: `2026-01-31T23:59:59Z`."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
