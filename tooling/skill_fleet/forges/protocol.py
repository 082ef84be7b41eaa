"""The protocol of a forge. Each implementation passes the contract tests."""

from __future__ import annotations

import builtins
from typing import Literal, Protocol

from skill_fleet.forges.types import Actor, Anchor, Listed, Snapshot, Verdict


class StaleHead(Exception):
    """The head, or what was to be merged, has moved since the caller read it: read again and decide again."""


class Forge(Protocol):
    """A store of pull requests, opened as one account (`actor`). Each writing method is one remote write.

    Methods that name a pull request raise UserError if there is none of that number, or if its state does not allow
    the operation.
    """

    name: str
    actor: Actor

    def open(self, *, title: str, body: str, head: str, base: str, head_oid: str, draft: bool) -> int:
        """Open a pull request for the branch `head`, which is at the commit `head_oid`, and return its number.

        A branch that does not exist yet is created; StaleHead if it is at another commit.
        """
        ...

    def list(self, state: Literal["open", "all"] = "open", head: str = "") -> tuple[Listed, ...]:
        """Return the pull requests (of the branch `head`, if given) in the order of their numbers."""
        ...

    def snapshot(self, number: int) -> Snapshot:
        """Return all of pull request `number`, as it is now."""
        ...

    def snapshots(self, state: Literal["open", "all"] = "open") -> builtins.list[Snapshot]:
        """Return all of each pull request in the order of their numbers."""
        ...

    def comment(self, number: int, body: str) -> str:
        """Comment on the conversation, and return the item's key."""
        ...

    def comment_on(self, number: int, body: str, anchor: Anchor) -> str:
        """Start a thread on lines of the diff (`path`, `start`, `line`, `side` of `anchor`; line 0: the whole file).

        They are lines of `anchor.commit`, one of the pull request's commits; of the head if that is ''.
        """
        ...

    def reply(self, number: int, thread: str, body: str) -> str:
        """Reply in the thread whose first comment is `thread`."""
        ...

    def review(self, number: int, verdict: Verdict, body: str) -> str:
        """Approve the head, request changes, or only comment. Nobody may approve a pull request of their own."""
        ...

    def dismiss(self, number: int, review: str) -> None:
        """Dismiss a review's verdict."""
        ...

    def edit(self, number: int, item: str, body: str) -> None:
        """Replace the text of an item; the forge records who did."""
        ...

    def describe(self, number: int, body: str) -> None:
        """Replace the description of the pull request."""
        ...

    def retitle(self, number: int, title: str) -> None:
        """Replace the title of the pull request."""
        ...

    def delete(self, number: int, item: str) -> None:
        """Delete a comment."""
        ...

    def resolve(self, number: int, thread: str, resolved: bool = True) -> None:
        """Mark a thread as resolved or unresolved."""
        ...

    def label(self, number: int, name: str, present: bool = True) -> None:
        """Add a label, or remove it."""
        ...

    def set_draft(self, number: int, draft: bool) -> None:
        """Convert the pull request to a draft, or mark it ready for review."""
        ...

    def close(self, number: int, closed: bool = True) -> None:
        """Close the pull request without merging, or reopen it."""
        ...

    def push(self, number: int, new: str, expected: str) -> None:
        """Move the head branch from commit `expected` to `new`; StaleHead if it is at neither."""
        ...

    def merge(self, number: int, head_oid: str, message: str) -> str:
        """Merge the pull request, pinned to `head_oid`, and return the merge commit; StaleHead if the head moved.

        The commit is '' if the forge has only queued it: it merges it later. If it was already merged at that head, the commit that did it is returned.
        """
        ...
