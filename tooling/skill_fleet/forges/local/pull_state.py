"""The state of one pull request: its events, and the branches around it as one view shows them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from skill_fleet.errors import UserError
from skill_fleet.forges.local.events import PullRequest
from skill_fleet.forges.local.exchange import View
from skill_fleet.forges.local.timeline import Timeline
from skill_fleet.forges.position import count_lines
from skill_fleet.forges.refusals import merge_base, no_item, no_thread, require_open
from skill_fleet.forges.types import Anchor, Item, Listed, State
from skill_fleet.git import SUBMODULE, Hunk, Repository

MOST_COPIED = 500  # files of a change that is looked for in the base; more do not fit on a command line
CONTEXT = 3  # the unchanged lines around a change that belong to the diff


@dataclass(frozen=True)
class Merge:
    """How a pull request was merged: by `commit` ('' if the base was fast-forwarded), onto `base`."""

    commit: str
    base: str


@dataclass(frozen=True)
class PullState:
    """A pull request and the branches around it. Errors name what is missing."""

    repo: Repository
    view: View
    timeline: Timeline
    pull: PullRequest

    @property
    def number(self) -> int:
        """Its number."""
        return self.pull.number

    @property
    def branch_tip(self) -> str | None:
        """The commit of the head branch; None if the branch was deleted."""
        return self.view.branches.get(self.pull.head)

    @cached_property
    def base_tip(self) -> str:
        """The commit of the base branch."""
        if tip := self.view.branches.get(self.pull.base):
            return tip
        raise UserError(f"The base branch {self.pull.base} of #{self.number} does not exist.", "Push it again.")

    @property
    def head_oid(self) -> str:
        """The head: the branch while the pull request is open, what the branch was at the end afterwards."""
        if self._head:
            return self._head
        raise UserError(f"The commits of #{self.number} no longer exist.", f"Push {self.pull.head} again.")

    @cached_property
    def _head(self) -> str | None:
        last = self.pull.merged["head"] if self.pull.merged else self.pull.closed
        if last and self.repo.find(last):
            return str(last)
        kept = self.view.heads.get(self.number)
        return kept or self.branch_tip if last else self.branch_tip or kept

    @cached_property
    def merge(self) -> Merge | None:
        """How it was merged, with `merge` or by hand; None while it is not."""
        if self.pull.merged:
            return Merge(self.pull.merged["commit"], self.pull.merged["base"])
        if self.pull.closed or self._head is None or self.pull.base not in self.view.branches:
            return None
        # this asks whether the base contains the head, in words that Git is asked again, so that the answer is known
        fork = self.repo.merge_base(self.base_tip, self.head_oid)
        if fork != self.head_oid:
            return self._merged_as_copies(self.head_oid)
        # a branch that was only reset to its base is contained too, but not with what was proposed
        if not any(self.repo.is_ancestor(head, self.base_tip) for head in reversed(self.pull.heads)):
            return self._merged_as_copies(self.pull.heads[-1])  # rebased, and pushed with force, before it was merged
        for commit, parents in self.repo.mainline(self.base_tip, self.head_oid).items():
            if self.head_oid in parents[1:]:
                return Merge(commit, parents[0])
        return Merge("", self.base_tip)

    def _merged_as_copies(self, head: str) -> Merge | None:
        """How the change at `head` came into the base in other commits: squashed or rebased by hand. None if it did not."""
        if not (fork := self.repo.merge_base(self.base_tip, head)):
            return None
        theirs = self.repo.changed(fork, self.base_tip)
        mine = self.repo.changed(fork, head) if theirs else {}
        if not mine or len(mine) > MOST_COPIED or not mine.keys() <= theirs.keys():
            return None
        for commit in self.repo.touching(fork, self.base_tip, mine):  # later ones may have changed it again
            if not mine.keys() & self.repo.changed(commit, head).keys():
                return Merge(commit, fork)
        return None

    @property
    def state(self) -> State:
        """Open, closed, or merged."""
        return "merged" if self.merge else "closed" if self.pull.closed else "open"

    @property
    def base_oid(self) -> str:
        """The base: its tip, or what it was before the merge."""
        return self.merge.base if self.merge else self.base_tip

    @cached_property
    def merge_base(self) -> str:
        """The commit from which the branch left the base."""
        return merge_base(self.repo, self.base_oid, self.head_oid)

    @property
    def row(self) -> Listed:
        """Its row in a list."""
        pull = self.pull
        return Listed(
            pull.number, pull.title, self.state, pull.draft, pull.head, pull.author, tuple(sorted(pull.labels))
        )

    def require_open(self) -> None:
        """Raise UserError if it is closed or merged."""
        require_open(self.number, self.state)

    def item(self, key: str) -> Item:
        """Return an item; UserError if there is none of that key (any more)."""
        if item := self.pull.items.get(key):
            return item
        raise no_item(self.number, key)

    def thread(self, key: str) -> str:
        """Return the key of a thread; UserError if no comment of that thread is left."""
        if any(item.thread == key for item in self.pull.items.values()):
            return key
        raise no_thread(self.number, key)


def complete_anchor(at: PullState, anchor: Anchor) -> Anchor:
    """Return the anchor with its commit (default: the head) and first line; UserError if it is not in the diff."""
    commit = anchor.commit or at.head_oid
    if commit != at.head_oid and commit not in {each.oid for each in at.repo.commits(f"{at.base_oid}..{at.head_oid}")}:
        raise UserError(f"The commit {commit[:12]} is not in #{at.number}.", "Comment on its head.")
    if anchor.path not in at.repo.changed(at.merge_base, commit):
        raise UserError(f"#{at.number} does not change {anchor.path!r}.", "Comment on a file that it changes.")
    anchor = replace(anchor, commit=commit, start=anchor.start or anchor.line)
    if anchor.line and not _in_diff(at, anchor):
        raise UserError(
            f"Lines {anchor.start} to {anchor.line} of {anchor.path} are not in the diff of #{at.number}.",
            f"See it: git diff {at.pull.base}...{at.pull.head} -- {anchor.path}",
        )
    return anchor


def _in_diff(at: PullState, anchor: Anchor) -> bool:
    for hunk in _hunks(at, anchor):
        first, count = (hunk.new, hunk.new_count) if anchor.side == "RIGHT" else (hunk.old, hunk.old_count)
        if first <= anchor.start <= anchor.line < first + count:
            return True
    return False


def _hunks(at: PullState, anchor: Anchor) -> tuple[Hunk, ...]:
    old, new = (_blob(at.repo, commit, anchor.path) for commit in (at.merge_base, anchor.commit))
    if old and new:
        return at.repo.hunks(old, new, CONTEXT)
    if only := old or new:  # added or deleted: all of it is in the diff
        lines = count_lines(at.repo.blobs([only])[only])
        return (Hunk(1, lines if old else 0, 1, lines if new else 0),)
    return ()


def _blob(repo: Repository, commit: str, path: str) -> str:
    """Return the id of a file's content, '' if the commit has no such file."""
    rows = repo.entries(commit, path)
    return next((row.oid for row in rows if row.path == path and row.mode != SUBMODULE), "")
