"""Where pull requests stand, here and on the remote, and how their refs move.

With a remote, its refs are the truth. They are fetched into a namespace of their own, and a local timeline exists only
while it holds what the remote has not got yet. Without a remote, the local refs are the truth. Either way the names are
`refs/skill-fleet/pull/<number>/timeline`, and `.../head`, which keeps the commits when the branch is deleted.
"""

from __future__ import annotations

import contextlib
import random
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from skill_fleet.errors import UserError
from skill_fleet.forges.accounts import BOT
from skill_fleet.forges.local.timeline import write_events
from skill_fleet.git import (
    ABSENT,
    RefMoved,
    RemoteUnreachable,
    Repository,
    Update,
    fetch,
    follow_branch,
    move_refs,
    push,
)

HERE = "refs/skill-fleet/pull/"
HEADS = "refs/heads/"

K = TypeVar("K", str, int)
_PULL = re.compile(r"([1-9][0-9]{0,8})/(timeline|head)\Z")


def mirror_of(remote: str) -> str:
    """Where the refs of a remote are fetched to."""
    return f"refs/skill-fleet-remotes/{remote}/pull/"


def timeline_ref(number: int) -> str:
    """Where the timeline of a pull request is."""
    return f"{HERE}{number}/timeline"


def head_ref(number: int) -> str:
    """What keeps the head of a pull request."""
    return f"{HERE}{number}/head"


@dataclass(frozen=True)
class View:
    """What stands where at one moment. Not `online`: as it was when the remote last answered."""

    online: bool
    branches: Mapping[str, str]
    timelines: Mapping[int, str]
    heads: Mapping[int, str]
    outbox: Mapping[int, str]
    """Timelines with something that the remote has not got."""

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers that are taken."""
        return tuple(sorted({*self.timelines, *self.outbox, *self.heads}))

    def tips(self, number: int) -> tuple[str, ...]:
        """The commits whose events make the pull request."""
        return tuple(place[number] for place in (self.timelines, self.outbox) if number in place)

    def after(self, moves: Mapping[str, str]) -> View:
        """The view when refs of the truth were moved, by their full names (to ABSENT: deleted)."""
        return replace(
            self,
            branches=_put(
                self.branches, {name.removeprefix(HEADS): at for name, at in moves.items() if name.startswith(HEADS)}
            ),
            timelines=_put(self.timelines, numbered(moves, HERE, "timeline")),
            heads=_put(self.heads, numbered(moves, HERE, "head")),
        )


def numbered(refs: Mapping[str, str], prefix: str, leaf: str) -> dict[int, str]:
    """Of the refs `<prefix><number>/<leaf>`, the object of each number."""
    found = {}
    for name, oid in refs.items():
        match = _PULL.match(name.removeprefix(prefix)) if name.startswith(prefix) else None
        if match and match[2] == leaf:
            found[int(match[1])] = oid
    return found


def _put(refs: Mapping[K, str], moves: Mapping[K, str]) -> dict[K, str]:
    return {name: oid for name, oid in {**refs, **moves}.items() if oid != ABSENT}


def land(repo: Repository, updates: Sequence[Update]) -> None:
    """Move local refs. A branch that is checked out goes first, with its files: a crash after that leaves a branch
    that its own work tree agrees with, and the caller, run again, finds it moved and adds the rest."""
    checked_out = repo.worktrees() if any(move.ref.startswith("refs/heads/") for move in updates) else {}
    refs = repo.refs("refs/") if checked_out else {}
    for move in updates:
        if checked_out and refs.get(move.ref, ABSENT) != move.old:
            raise RefMoved("update-ref", f"{move.ref} is elsewhere")
    for move in updates:
        if move.ref in checked_out:
            _advance(repo, move, checked_out[move.ref])
    move_refs(repo, [move for move in updates if move.ref not in checked_out])


def _advance(repo: Repository, move: Update, worktree: Path) -> None:
    """Fast-forward a branch with its files; RefMoved when it is elsewhere, UserError when the files do not allow it."""
    if why := follow_branch(repo, move.ref.removeprefix("refs/heads/"), move.new):
        if repo.refs(move.ref).get(move.ref) == move.old:
            raise UserError(why, f"Look at it: git -C {worktree} status")
        raise RefMoved("merge", why)


TRIES = 10

_LOCKED = re.compile(r"lock|incorrect old value")


@dataclass
class Exchange:
    """The way between a repository and its remote, if it has one. `notes` is what the user should hear about it."""

    repo: Repository
    remote: str | None
    notes: list[str] = field(default_factory=list)
    seen: View | None = None
    """How it was when we last looked or wrote: a first guess, which a lease on the ref that is written has to hold."""

    def looks(self) -> Iterator[View]:
        """One view after another, for writers who try again when somebody else was faster; UserError at last."""
        for attempt in range(TRIES):
            _pause(attempt)
            yield self.look()
        raise UserError(f"Others wrote at the same moment, {TRIES} times in a row.", "Run it again.")

    def look(self) -> View:
        """Fetch, hand over what waits in the outbox, and say what stands where."""
        view = self._look()
        self.seen = view if view.online and not view.outbox else None
        return view

    def _look(self) -> View:
        if self.remote is None:
            return self._view(online=True)
        for _ in range(TRIES):
            view = self._view(online=self._fetch(self.remote))
            if not view.online or not view.outbox or self._hand_over(self.remote, view):
                break
        return self._view(online=view.online) if view.outbox else view

    def publish(self, view: View, number: int, updates: Sequence[Update]) -> None:
        """Move refs of the truth, all or none, and what mirrors them here; RefMoved or RemoteUnreachable if not."""
        self.seen = None
        self._move(view, number, updates)
        self.seen = view.after({each.ref: each.new for each in updates}) if view.online and not view.outbox else None

    def _move(self, view: View, number: int, updates: Sequence[Update]) -> None:
        if self.remote is None:
            land(self.repo, updates)
            return
        push(self.repo, self.remote, updates)
        there = mirror_of(self.remote)
        mirrored = [
            Update(each.ref.replace(HERE, there, 1), each.new, each.old)
            for each in updates
            if each.ref.startswith(HERE)
        ]
        if number in view.outbox:
            mirrored.append(Update(timeline_ref(number), ABSENT, view.outbox[number]))
        with contextlib.suppress(RefMoved):  # somebody fetched in between: the next look sorts it out
            move_refs(self.repo, mirrored)

    def keep(self, view: View, number: int, commit: str) -> None:
        """Put a timeline into the outbox; RefMoved when another one got there first."""
        move_refs(self.repo, [Update(timeline_ref(number), commit, view.outbox.get(number, ABSENT))])
        self.note(f"What you wrote on #{number} waits here; the next command that reaches {self.remote} hands it over.")

    def note(self, text: str) -> None:
        """Tell the user, once."""
        if text not in self.notes:
            self.notes.append(text)

    def _fetch(self, remote: str) -> bool:
        specs = [f"+refs/heads/*:refs/remotes/{remote}/*", f"+{HERE}*:{mirror_of(remote)}*"]
        reason = ""
        for attempt in range(TRIES):
            _pause(attempt)
            try:
                fetch(self.repo, remote, specs, prune=True)
                return True
            except RemoteUnreachable as problem:
                reason = problem.reason
                if not _LOCKED.search(problem.stderr):  # else another fetch into this clone is under way
                    break
        self.note(f"{remote} does not answer ({reason}); this is how it was when it last did.")
        return False

    def _view(self, *, online: bool) -> View:
        branches = f"refs/remotes/{self.remote}/" if self.remote else "refs/heads/"
        there = mirror_of(self.remote) if self.remote else HERE
        refs = self.repo.refs("refs/")
        timelines, heads = numbered(refs, there, "timeline"), numbered(refs, there, "head")
        outbox = numbered(refs, HERE, "timeline") if self.remote else {}
        for number in outbox.keys() & timelines.keys():
            if self.repo.merge_base(outbox[number], timelines[number]) is None:
                del outbox[number]
                self.note(
                    f"#{number} is another pull request here than on {self.remote}, so yours is not shown; "
                    f"you can remove it with: git update-ref -d {timeline_ref(number)}"
                )
        found = {name.removeprefix(branches): oid for name, oid in refs.items() if name.startswith(branches)}
        found.pop("HEAD", None)  # the remote's default branch, as clones note it
        return View(online, found, timelines, heads, outbox)

    def _hand_over(self, remote: str, view: View) -> bool:
        """Push what waits; whether there is no point in trying again."""
        settled = True
        for number, own in view.outbox.items():
            try:
                self._hand_over_one(view, number, own)
            except RefMoved:
                settled = False
            except RemoteUnreachable as problem:
                self.note(f"What waits here for #{number} was refused by {remote}: {problem.reason}")
        return settled

    def _hand_over_one(self, view: View, number: int, own: str) -> None:
        shared = view.timelines.get(number)
        if shared and self.repo.is_ancestor(own, shared):  # it arrived, and only the tidying up did not happen
            move_refs(self.repo, [Update(timeline_ref(number), ABSENT, own)])
            return
        grown = shared is None or self.repo.is_ancestor(shared, own)
        new = own if grown else write_events(self.repo, number, view.tips(number), [], BOT)
        updates = [Update(timeline_ref(number), new, shared or ABSENT)]
        head = self.repo.find(head_ref(number))
        if head and number not in view.heads:  # opened here before there was a remote
            updates.append(Update(head_ref(number), head, ABSENT))
        self.publish(view, number, updates)
        self.note(f"What waited here for #{number} is on {self.remote} now.")


def _pause(attempt: int) -> None:
    """Wait before another attempt, not before the first: longer each time, and never in step with a rival."""
    time.sleep(random.uniform(0, min(0.5, 0.02 * 2**attempt)) if attempt else 0)
