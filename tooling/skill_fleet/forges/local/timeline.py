"""The timeline of a pull request in Git: a chain of commits, each with the events it adds.

Reading is the union, by id, of the events of every commit that a tip contains. So two timelines that diverged are
joined by a merge commit that adds nothing, and it does not matter who joins them, in which order, or how often.

An event names its actor as a commit names its author: whoever may push can write any, so access to the remote is what
protects it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from skill_fleet.errors import UserError
from skill_fleet.fleet import violations
from skill_fleet.forges.accounts import identity
from skill_fleet.forges.types import Actor
from skill_fleet.git import GitFailure, Repository, write_commit, write_folder

EVENTS_FILE = "events.jsonl"

MOST_AHEAD = 10_000  # by which the number of an event may be above that of the one before

Event = dict[str, Any]


@dataclass(frozen=True)
class Timeline:
    """The events of one pull request in order, and the commits that hold them: none of `tips` contains another."""

    number: int
    tips: tuple[str, ...]
    events: tuple[Event, ...]

    @property
    def next_seq(self) -> int:
        """The sequence number of the next event: after all that its writer has seen."""
        return 1 + max((event["seq"] for event in self.events), default=0)

    def holds(self, event_id: str) -> bool:
        """Return whether an event of that id is in it."""
        return any(event["id"] == event_id for event in self.events)


@dataclass(frozen=True)
class Chains:
    """The commits of many timelines, read in one go: their parents, and the raw events that each adds."""

    parents: Mapping[str, tuple[str, ...]]
    contents: Mapping[str, bytes]

    def timeline(self, number: int, tips: Sequence[str]) -> Timeline:
        """Return the timeline of pull request `number`; UserError if an event of it is malformed."""
        commits = self._reach(tips)
        rows = (event for commit in sorted(commits) for event in self._events(number, commit))
        inner = {commit for tip in tips for commit in self._reach(self.parents.get(tip, ()))}
        return Timeline(number, tuple(tip for tip in dict.fromkeys(tips) if tip not in inner), union(rows))

    def _reach(self, tips: Iterable[str]) -> set[str]:
        found: set[str] = set()
        waiting = list(tips)
        while waiting:
            if (commit := waiting.pop()) not in found:
                found.add(commit)
                waiting += self.parents.get(commit, ())
        return found

    def _events(self, number: int, commit: str) -> Iterable[Event]:
        if commit not in self.contents and len(self.parents.get(commit, ())) < 2:  # only what joins two adds none
            raise UserError(
                f"The timeline of pull request #{number} is malformed: commit {commit[:12]} has no events.",
                "See whether objects are missing: git fsck",
            )
        for place, line in enumerate(self.contents.get(commit, b"").split(b"\n"), start=1):
            if line:
                try:
                    yield _event(line)
                except ValueError as problem:
                    raise UserError(
                        f"The timeline of pull request #{number} is malformed: commit {commit[:12]}, "
                        f"line {place}: {problem}",
                        f"Inspect it: git show {commit[:12]}:{EVENTS_FILE}",
                    ) from problem


def read_chains(repo: Repository, tips: Iterable[str]) -> Chains:
    """Read all commits that `tips` contain; only those that were not read before are asked for."""
    known: Chains = repo.derived.setdefault("timelines", Chains({}, {}))
    if new := [tip for tip in dict.fromkeys(tips) if tip not in known.parents]:
        try:
            parents = repo.ancestry([*new, *(f"^{oid}" for oid in known.parents)])
        except GitFailure:  # an unreachable commit may have been collected since it was read
            parents = repo.ancestry(new)
        large: dict[str, int] = {}
        contents = repo.blobs((f"{commit}:{EVENTS_FILE}" for commit in parents), large)
        contents |= dict.fromkeys(large, b"(too large)")  # which is malformed
        found = {name.partition(":")[0]: content for name, content in contents.items()}
        known = repo.derived["timelines"] = Chains({**known.parents, **parents}, {**known.contents, **found})
    return known


def union(events: Iterable[Event]) -> tuple[Event, ...]:
    """Return each event once, in order. Of two with one id the first in order counts, whoever read it first.

    Each writer adds one to the largest number it has seen. So an event whose number is far above all before it was made
    up, and is left out: numbers have an end, and after the last one nobody could write any more.
    """
    found: dict[str, Event] = {}
    last = 0
    for event in sorted(events, key=_whole_order):
        if event["seq"] > last + MOST_AHEAD:
            break
        last = event["seq"]
        found.setdefault(event["id"], event)
    return tuple(found.values())


def order(event: Event) -> str:
    """Return the event's place in its pull request, as text that sorts."""
    return f"{event['seq']:016d}-{event['id']}"


def write_events(repo: Repository, number: int, tips: Sequence[str], events: Sequence[Event], writer: Actor) -> str:
    """Store a commit on top of `tips` that adds `events` (none: it only joins them), and return it. No ref moves."""
    for event in events:
        for where, what in violations("timeline", event):
            raise UserError(f"A pull request cannot hold this: {where or 'event'}: {what[:200]}", "Change the text.")
    content = "".join(f"{json.dumps(event, sort_keys=True)}\n" for event in events).encode()
    tree = write_folder(repo, {EVENTS_FILE: content} if events else {})
    types = ", ".join(event["type"] for event in events) or "united"
    commit = write_commit(repo, tree, tips, f"{types}\n\nPull-request: {number}\n", identity(writer))
    known = repo.derived.get("timelines")
    if known and all(tip in known.parents for tip in tips):  # its writer need not read it
        contents = {**known.contents, commit: content} if events else known.contents
        repo.derived["timelines"] = Chains({**known.parents, commit: tuple(tips)}, contents)
    return commit


@lru_cache(maxsize=65_536)  # a review reads the same timeline many times, and the schema takes 0.2 ms an event
def _event(line: bytes) -> Event:
    """Parse one line as an event, never to be changed; ValueError says what is wrong with it."""
    try:
        # a whole float would pass for an integer, and NaN is not JSON
        event = json.loads(line, parse_float=Decimal, parse_constant=_refuse_constant)
    except RecursionError as problem:
        raise ValueError("it is nested too deeply") from problem
    for where, what in violations("timeline", event):
        raise ValueError(f"{where or 'the event'}: {what[:200]}")
    found: Event = event
    return found


def _refuse_constant(word: str) -> None:
    raise ValueError(f"{word} is not JSON")


def _whole_order(event: Event) -> tuple[str, str]:
    return order(event), json.dumps(event, sort_keys=True, default=str)
