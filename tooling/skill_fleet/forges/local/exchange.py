"""The refs of pull requests, here and on the remote: read, moved, synchronised.

With a remote, its refs are authoritative. They are fetched into a namespace of their own, and a local timeline exists
only while it holds events that the remote does not have yet (the outbox). Without a remote, the local refs are
authoritative. Either way the names are `refs/skill-fleet/pull/<number>/timeline`, and `.../head`, which keeps the
commits if the branch is deleted.
"""

from __future__ import annotations

import contextlib
import random
import re
import shlex
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from skill_fleet import git
from skill_fleet.errors import UserError
from skill_fleet.forges.accounts import BOT
from skill_fleet.forges.local.timeline import MOST_AHEAD, write_events

T = TypeVar("T")

HERE = "refs/skill-fleet/pull/"
HEADS = "refs/heads/"

_PULL = re.compile(r"([1-9][0-9]{0,8})/(timeline|head)\Z")


def timeline_ref(number: int) -> str:
    """Return the ref of a pull request's timeline."""
    return f"{HERE}{number}/timeline"


def head_ref(number: int) -> str:
    """Return the ref that keeps a pull request's head."""
    return f"{HERE}{number}/head"


@dataclass(frozen=True)
class View:
    """The refs at one moment. Not `online`: as they were when the remote last answered."""

    online: bool
    branches: Mapping[str, str]
    timelines: Mapping[int, str]
    heads: Mapping[int, str]
    outbox: Mapping[int, str]
    """Timelines with events that the remote does not have."""

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers in use."""
        return tuple(sorted({*self.timelines, *self.outbox, *self.heads}))

    def tips(self, number: int) -> tuple[str, ...]:
        """Return the commits whose events make the pull request."""
        return tuple(place[number] for place in (self.timelines, self.outbox) if number in place)


def _numbered(refs: Mapping[str, str], prefix: str, leaf: str) -> dict[int, str]:
    """Return the objects of the refs `<prefix><number>/<leaf>`, by number."""
    found = {}
    for name, oid in refs.items():
        match = _PULL.match(name.removeprefix(prefix)) if name.startswith(prefix) else None
        if match and match[2] == leaf:
            found[int(match[1])] = oid
    return found


def _beyond(numbers: Collection[int]) -> list[int]:
    """Return the numbers far above those before them. Pull requests are counted, so these were made up."""
    last, found = 0, []
    for number in sorted(numbers):
        if number > last + MOST_AHEAD:
            found.append(number)
        else:
            last = number
    return found


def _move_local(repo: git.Repository, updates: Sequence[git.Update]) -> None:
    """Move local refs. A branch that is checked out is moved first, with its files: after a crash its work tree agrees
    with it, and the caller, run again, finds it moved and adds the rest.

    Raises RefMoved if a ref is elsewhere, UserError if the files do not allow it.
    """
    checked_out = repo.worktrees() if any(move.ref.startswith(HEADS) for move in updates) else {}
    refs = repo.refs("refs/") if checked_out else {}
    for move in updates:
        if checked_out and refs.get(move.ref, git.ABSENT) != move.old:
            raise git.RefMoved("update-ref", f"{move.ref} is elsewhere")
    for move in updates:
        if (worktree := checked_out.get(move.ref)) and (
            why := git.follow_branch(repo, move.ref[len(HEADS) :], move.new)
        ):
            if repo.refs(move.ref).get(move.ref) == move.old:
                raise UserError(why, git.lock_tip(why) or f"Check it: git -C {shlex.quote(str(worktree))} status")
            raise git.RefMoved("merge", why)
    git.move_refs(repo, [move for move in updates if move.ref not in checked_out])


TRIES = 10

_LOCKED = re.compile(r"lock|incorrect old value")


@dataclass
class Exchange:
    """The refs of a repository and of its remote, if it has one. `notes` are messages for the user."""

    repo: git.Repository
    remote: str | None
    notes: list[str] = field(default_factory=list)
    _in_step: bool = False
    """Whether the refs here were those of the remote after the last read or write."""
    _failure: git.RemoteUnreachable | None = None
    """Why the last fetch failed."""

    def retry(self, attempt: Callable[[View], T]) -> T:
        """Call `attempt` with a new view until nobody else was faster, and return its result.

        It raises RefMoved to be called again, and RemoteUnreachable to be called once more: perhaps only the answer was
        lost. UserError after TRIES.
        """
        failed = False
        said = ""
        for count in range(TRIES):
            _pause(count)
            view = self.read()
            try:
                return attempt(view)
            except git.RefMoved as problem:
                said = problem.stderr
            except git.RemoteUnreachable as problem:
                if failed:
                    raise git.refused(self.remote, problem) from problem
                failed = True
        why = f": {git.RefMoved('', said).reason}" if (tip := git.lock_tip(said)) else ""
        raise UserError(f"Others wrote at the same moment, {TRIES} times in a row{why}.", tip or "Run it again.")

    def read(self) -> View:
        """Fetch, send what waits in the outbox, and return the view."""
        view = self._read()
        self._in_step = view.online and not view.outbox
        return view

    def last(self) -> View | None:
        """Return the view without asking the remote, unless it is known to be out of date: a first guess, which the
        lease on a written ref has to confirm."""
        return self._view(online=True) if self._in_step else None

    def _read(self) -> View:
        if self.remote is None:
            return self._view(online=True)
        for _ in range(TRIES):
            view = self._view(online=self._fetch(self.remote))
            if not view.online or not view.outbox or self._send_outbox(self.remote, view):
                break
        return self._view(online=view.online) if view.outbox else view

    def publish(self, view: View, number: int, updates: Sequence[git.Update]) -> None:
        """Move authoritative refs, all or none, and their copies here; raises RefMoved or RemoteUnreachable."""
        self._in_step = False
        self._move(view, number, updates)
        self._in_step = view.online and not view.outbox

    def _move(self, view: View, number: int, updates: Sequence[git.Update]) -> None:
        if self.remote is None:
            _move_local(self.repo, updates)
            return
        git.push(self.repo, self.remote, updates)
        copies = _copies_of(self.remote)
        mirrored = [
            git.Update(each.ref.replace(HERE, copies, 1), each.new, each.old)
            for each in updates
            if each.ref.startswith(HERE)
        ]
        if number in view.outbox:
            mirrored.append(git.Update(timeline_ref(number), git.ABSENT, view.outbox[number]))
        # somebody fetched meanwhile, or a copy is broken: the next read fixes it
        with contextlib.suppress(git.GitFailure):
            git.move_refs(self.repo, mirrored)

    def keep(self, view: View, number: int, commit: str, problem: git.RemoteUnreachable | None = None) -> None:
        """Put a timeline into the outbox, because of `problem`; RefMoved if somebody else was faster."""
        git.move_refs(self.repo, [git.Update(timeline_ref(number), commit, view.outbox.get(number, git.ABSENT))])
        why = f" ({problem.reason})" if problem else ""
        self.note(f"Your changes to #{number} wait here{why}; the next command that reaches {self.remote} sends them.")

    def note(self, text: str) -> None:
        """Add a message for the user, once."""
        if text not in self.notes:
            self.notes.append(text)

    def offline(self) -> UserError:
        """The error for what needs the remote, when nothing could be fetched."""
        assert self._failure
        return git.refused(self.remote, self._failure)

    def _fetch(self, remote: str) -> bool:
        specs = [f"+refs/heads/*:refs/remotes/{remote}/*", f"+{HERE}*:{_copies_of(remote)}*"]
        for attempt in range(TRIES):
            _pause(attempt)
            try:
                git.fetch(self.repo, remote, specs, prune=True, deepen=True)
                return True
            except git.RemoteUnreachable as problem:
                self._failure = problem
                if not _LOCKED.search(problem.stderr):  # else another fetch into this clone is under way
                    break
        assert self._failure
        self.note(f"Nothing could be fetched from {remote}, so this is what was last fetched: {self._failure.reason}")
        return False

    def _view(self, *, online: bool) -> View:
        branches = f"refs/remotes/{self.remote}/" if self.remote else "refs/heads/"
        place = _copies_of(self.remote) if self.remote else HERE
        refs = self.repo.refs("refs/")
        timelines, heads = _numbered(refs, place, "timeline"), _numbered(refs, place, "head")
        outbox = _numbered(refs, HERE, "timeline") if self.remote else {}
        for number in _beyond({*timelines, *heads, *outbox}):
            known = ((timelines, timeline_ref(number)), (heads, head_ref(number)))
            there = [ref for found_there, ref in known if number in found_there]
            self.note(
                f"The refs {HERE}{number}/* are skipped: their number is far above all others. "
                f"Remove them: git push {self.remote or '.'} --delete {' '.join(there)}"
            )
            for place_of in (timelines, heads, outbox):
                place_of.pop(number, None)
        for number in outbox.keys() & timelines.keys():
            if self.repo.merge_base(outbox[number], timelines[number]) is None:
                del outbox[number]
                self.note(
                    f"#{number} is another pull request here than on {self.remote}, so the one here is hidden; "
                    f"remove it with: git update-ref -d {timeline_ref(number)}"
                )
        found = {name.removeprefix(branches): oid for name, oid in refs.items() if name.startswith(branches)}
        found.pop("HEAD", None)  # the remote's default branch, as clones record it
        return View(online, found, timelines, heads, outbox)

    def _send_outbox(self, remote: str, view: View) -> bool:
        """Push what waits. Return whether a retry would be pointless."""
        settled = True
        for number, own in view.outbox.items():
            try:
                self._send(view, number, own)
            except git.RefMoved:
                settled = False
            except git.RemoteUnreachable as problem:
                self.note(f"{remote} refused the changes to #{number} that wait here: {problem.reason}")
        return settled

    def _send(self, view: View, number: int, own: str) -> None:
        shared = view.timelines.get(number)
        if shared and self.repo.is_ancestor(own, shared):  # it arrived, and only the cleaning up is missing
            git.move_refs(self.repo, [git.Update(timeline_ref(number), git.ABSENT, own)])
            return
        grown = shared is None or self.repo.is_ancestor(shared, own)
        new = own if grown else write_events(self.repo, number, view.tips(number), [], BOT)
        updates = [git.Update(timeline_ref(number), new, shared or git.ABSENT)]
        head = self.repo.find(head_ref(number))
        if head and number not in view.heads:  # opened here before there was a remote
            updates.append(git.Update(head_ref(number), head, git.ABSENT))
        self.publish(view, number, updates)
        self.note(f"The changes to #{number} that waited here are on {self.remote} now.")


def _copies_of(remote: str) -> str:
    """Return the prefix that the refs of a remote are fetched to."""
    return f"refs/skill-fleet-remotes/{remote}/pull/"


def _pause(attempt: int) -> None:
    """Wait before another attempt, not before the first: longer each time, and out of step with rivals."""
    time.sleep(random.uniform(0, min(0.5, 0.02 * 2**attempt)) if attempt else 0)
