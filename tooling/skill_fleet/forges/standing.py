"""Where a pull request stands among the branches: which commits it is about, and whether it is open."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from skill_fleet.errors import UserError
from skill_fleet.fleet.git import Repository
from skill_fleet.forges.events import PullRequest
from skill_fleet.forges.refs import View
from skill_fleet.forges.timeline import Timeline
from skill_fleet.forges.types import State


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
