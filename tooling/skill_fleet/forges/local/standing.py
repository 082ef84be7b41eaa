"""Where a pull request stands among the branches: which commits it is about, and whether it is open."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from skill_fleet.errors import UserError
from skill_fleet.forges.local.events import PullRequest
from skill_fleet.forges.local.exchange import View
from skill_fleet.forges.local.timeline import Timeline
from skill_fleet.forges.position import count_lines
from skill_fleet.forges.snapshot import BODY_LIMIT, Anchor, Item, State
from skill_fleet.git import SUBMODULE, Hunk, Repository


@dataclass(frozen=True)
class Merge:
    """How it was merged: by `commit` ('' when the base was fast-forwarded), onto `base`."""

    commit: str
    base: str


@dataclass(frozen=True)
class Standing:
    """A pull request and the branches around it, as one view shows them."""

    repo: Repository
    view: View
    timeline: Timeline
    pull: PullRequest

    @property
    def branch_tip(self) -> str | None:
        """Where the head branch is; None when it was deleted."""
        return self.view.branches.get(self.pull.head)

    @cached_property
    def base_tip(self) -> str:
        """Where the base branch is."""
        if tip := self.view.branches.get(self.pull.base):
            return tip
        raise UserError(
            f"The base of #{self.pull.number}, the branch {self.pull.base}, is not there.", "Restore it, and push it."
        )

    @property
    def head_oid(self) -> str:
        """The head: the branch while it is open, what it was at the end afterwards."""
        if self._head:
            return self._head
        raise UserError(f"The commits of #{self.pull.number} are not there any more.", f"Push {self.pull.head} again.")

    @cached_property
    def _head(self) -> str | None:
        last = self.pull.merged["head"] if self.pull.merged else self.pull.closed
        if last and self.repo.find(last):
            return str(last)
        kept = self.view.heads.get(self.pull.number)
        return kept or self.branch_tip if last else self.branch_tip or kept

    @cached_property
    def merge(self) -> Merge | None:
        """How it was merged, by us or by hand; None while it is not."""
        if self.pull.merged:
            return Merge(self.pull.merged["commit"], self.pull.merged["base"])
        if self.pull.closed or self._head is None or self.pull.base not in self.view.branches:
            return None
        # the same as whether the base contains the head, in words that the next reader of this pull request asks as well
        if self.repo.merge_base(self.base_tip, self.head_oid) != self.head_oid:
            return None
        # a branch that was only reset to its base is in it as well, but not with what was proposed
        if not any(self.repo.is_ancestor(head, self.base_tip) for head in reversed(self.pull.heads)):
            return None
        for commit, parents in self.repo.mainline(self.base_tip, self.head_oid).items():
            if self.head_oid in parents[1:]:
                return Merge(commit, parents[0])
        return Merge("", self.base_tip)

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
        """Where the branch left the base."""
        return merge_base(self.repo, self.base_oid, self.head_oid)

    def require_open(self) -> None:
        """UserError when it is closed or merged."""
        if self.state != "open":
            raise UserError(
                f"Pull request #{self.pull.number} is {self.state}.", "See what is open: skill-fleet review list"
            )


def merge_base(repo: Repository, base: str, head: str) -> str:
    """The newest commit of both; UserError when there is none, or when a shallow clone hides it."""
    if found := repo.merge_base(base, head):
        return found
    if repo.is_shallow:
        raise UserError("This clone is shallow, and lacks the history of the branch.", "Get it: git fetch --unshallow")
    raise UserError("The branch and its base have no history in common.", "Make the branch again, from its base.")


TITLE_LIMIT, LABEL_LIMIT = 256, 50
CONTEXT = 3  # the unchanged lines around a change that belong to the diff


def check_text(text: str, what: str, *, limit: int = BODY_LIMIT, blank: bool = False) -> None:
    """UserError when a text is longer than allowed, or blank though it may not be."""
    if len(text) > limit:
        raise UserError(f"The {what} has {len(text):,} characters; {limit:,} are allowed.", "Make it shorter.")
    if not blank and not text.strip():
        raise UserError(f"The {what} is empty.", "Write something.")


def known_item(at: Standing, key: str) -> Item:
    """The item of that key; UserError when there is none (any more)."""
    if item := at.pull.items.get(key):
        return item
    raise UserError(
        f"Pull request #{at.pull.number} has no item {key!r}.",
        f"See its items: skill-fleet review show {at.pull.number}",
    )


def known_thread(at: Standing, key: str) -> str:
    """`key` again; UserError when no thread of that key is left."""
    if any(item.thread == key for item in at.pull.items.values()):
        return key
    raise UserError(
        f"Pull request #{at.pull.number} has no thread {key!r}.",
        f"See its threads: skill-fleet review show {at.pull.number}",
    )


def placed(at: Standing, anchor: Anchor) -> Anchor:
    """The anchor made whole (its commit is the head, if it names none); UserError when it is not in the diff."""
    commit = anchor.commit or at.head_oid
    if commit != at.head_oid and commit not in {each.oid for each in at.repo.commits(f"{at.base_oid}..{at.head_oid}")}:
        raise UserError(f"The commit {commit[:12]} is not in #{at.pull.number}.", "Comment on its head.")
    if anchor.path not in at.repo.changed(at.merge_base, commit):
        raise UserError(f"#{at.pull.number} does not change {anchor.path!r}.", "Comment on a file that it changes.")
    anchor = replace(anchor, commit=commit, start=anchor.start or anchor.line)
    if anchor.line and not _in_diff(at, anchor):
        raise UserError(
            f"Lines {anchor.start} to {anchor.line} of {anchor.path} are not in the diff of #{at.pull.number}.",
            f"See it: git diff {at.pull.base}...{at.pull.head} -- {anchor.path}",
        )
    return anchor


def _in_diff(at: Standing, anchor: Anchor) -> bool:
    def wanted(first: int, count: int) -> bool:
        return first <= anchor.start <= anchor.line < first + count

    right = anchor.side == "RIGHT"
    return any(
        wanted(hunk.new, hunk.new_count) if right else wanted(hunk.old, hunk.old_count) for hunk in _hunks(at, anchor)
    )


def _hunks(at: Standing, anchor: Anchor) -> tuple[Hunk, ...]:
    old, new = (
        {entry.path: entry for entry in at.repo.entries(commit, anchor.path) if entry.mode != SUBMODULE}.get(
            anchor.path
        )
        for commit in (at.merge_base, anchor.commit)
    )
    if old and new:
        return at.repo.hunks(old.oid, new.oid, CONTEXT)
    if there := old or new:  # added or deleted: all of it is in the diff
        lines = count_lines(at.repo.blobs([there.oid])[there.oid])
        return (Hunk(1, lines if old else 0, 1, lines if new else 0),)
    return ()
