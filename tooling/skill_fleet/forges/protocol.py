"""What every forge can do: one protocol, which each passes the contract tests for."""

from __future__ import annotations

from typing import Literal, Protocol

from skill_fleet.forges.snapshot import Actor, Anchor, Listed, Snapshot, Verdict


class StaleHead(Exception):
    """The head, or what was to be merged, is not where the caller saw it: read again and decide again."""


class Forge(Protocol):
    """A place where pull requests live. Reading gives facts; each writing method is one remote write.

    Methods that name a pull request raise UserError when there is none of that number, or when it is in a state that
    does not allow it. Who writes is `actor`: a forge is opened as one account.
    """

    name: str
    actor: Actor

    def open(self, *, title: str, body: str, head: str, base: str, head_oid: str, draft: bool) -> int:
        """Open a pull request for the branch `head`, which stands at `head_oid`, and return its number.

        A branch that is not there yet is created; StaleHead when it stands elsewhere.
        """
        ...

    def list(self, state: Literal["open", "all"] = "open", head: str = "") -> tuple[Listed, ...]:
        """The pull requests in the order of their numbers, of one branch if `head` is given."""
        ...

    def snapshot(self, number: int) -> Snapshot:
        """All of pull request `number`, now."""
        ...

    def comment(self, number: int, body: str) -> str:
        """Comment on the conversation; returns the item's key."""
        ...

    def comment_on(self, number: int, body: str, anchor: Anchor) -> str:
        """Begin a thread on lines of the diff (`path`, `start`, `line`, `side` of `anchor`; line 0: the file).

        They are lines of `anchor.commit`, one of the pull request's commits; of the head when that is ''.
        """
        ...

    def reply(self, number: int, thread: str, body: str) -> str:
        """Add to the thread whose first comment is `thread`."""
        ...

    def review(self, number: int, verdict: Verdict, body: str) -> str:
        """Approve the head, request changes, or only comment. Nobody approves his own pull request."""
        ...

    def dismiss(self, number: int, review: str) -> None:
        """Take a review's verdict back."""
        ...

    def edit(self, number: int, item: str, body: str) -> None:
        """Replace the text of an item; the forge records who did."""
        ...

    def delete(self, number: int, item: str) -> None:
        """Remove an item."""
        ...

    def resolve(self, number: int, thread: str, resolved: bool = True) -> None:
        """Mark a thread resolved, or open again."""
        ...

    def label(self, number: int, name: str, present: bool = True) -> None:
        """Set a label, or remove it."""
        ...

    def set_draft(self, number: int, draft: bool) -> None:
        """Make it a draft, or ready for review."""
        ...

    def close(self, number: int, closed: bool = True) -> None:
        """Close it without merging, or open it again."""
        ...

    def push(self, number: int, new: str, expected: str) -> None:
        """Move the head branch from commit `expected` to `new`; StaleHead when it is at neither."""
        ...

    def merge(self, number: int, head_oid: str, message: str) -> str:
        """Merge it, pinned to `head_oid`, and return the merge commit; StaleHead when the head moved.

        When it was merged at that head already, this returns how.
        """
        ...
