"""Pull requests kept in the Git repository itself: no account, no server but a Git remote, and not even that."""

from __future__ import annotations

import builtins
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal

from skill_fleet.fleet.git import Identity, Repository
from skill_fleet.forges import plans
from skill_fleet.forges.accounts import account
from skill_fleet.forges.exchange import Exchange
from skill_fleet.forges.facts import take_snapshot
from skill_fleet.forges.merging import merge_head, push_head
from skill_fleet.forges.opening import everything, open_pull_request, refuse_rival
from skill_fleet.forges.standing import Standing
from skill_fleet.forges.types import Actor, Anchor, Listed, Snapshot, Verdict
from skill_fleet.forges.writing import Writer, written


def open_local_forge(repo: Repository, actor: Actor) -> LocalForge:
    """The pull requests of `repo`, shared by its remote `origin` if it has one."""
    return LocalForge(repo, actor, "origin" if repo.has_remote("origin") else None)


class LocalForge:
    """A forge made of Git refs; `Forge` says what each method promises.

    Reading and commenting work while the remote does not answer: what was last fetched is shown, what is written is
    handed over later. `notes` says so, for the verb to print. Opening, pushing and merging need the remote.
    """

    name = "local"

    def __init__(
        self,
        repo: Repository,
        actor: Actor,
        remote: str | None,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        new_id: Callable[[], str] = lambda: secrets.token_hex(8),
        notes: builtins.list[str] | None = None,
    ) -> None:
        self.repo = repo
        self.actor = account(Identity(actor.name, actor.id))
        self.remote = remote
        self.notes: builtins.list[str] = [] if notes is None else notes
        self._clock, self._new_id = clock, new_id
        self._exchange = Exchange(repo, remote, self.notes)
        self._writer = Writer(repo, self._exchange, self.actor, clock, new_id)

    def acting_as(self, actor: Actor) -> LocalForge:
        """The same forge, opened as another account; the notes are shared."""
        return LocalForge(self.repo, actor, self.remote, clock=self._clock, new_id=self._new_id, notes=self.notes)

    def open(self, *, title: str, body: str, head: str, base: str, head_oid: str, draft: bool) -> int:
        """Open a pull request, and create the branch if it is not there yet."""
        return open_pull_request(
            self._writer, title=title, body=body, head=head, base=base, head_oid=head_oid, draft=draft
        )

    def list(self, state: Literal["open", "all"] = "open", head: str = "") -> tuple[Listed, ...]:
        """The pull requests in the order of their numbers."""
        found = (at for at in everything(self._writer, self._exchange.look()) if head in ("", at.pull.head))
        return tuple(_row(at) for at in found if state == "all" or at.state == "open")

    def snapshot(self, number: int) -> Snapshot:
        """All of one pull request."""
        standing = self._writer.standing(self._exchange.look(), number)
        return take_snapshot(standing, self.remote or "", written(self._clock()))

    def comment(self, number: int, body: str) -> str:
        """Comment on the conversation."""
        return f"comment/{self._writer.write(number, plans.comment(body), on_seen=True)}"

    def comment_on(self, number: int, body: str, anchor: Anchor) -> str:
        """Begin a thread on lines of the diff, at the head or at `anchor.commit`."""
        return f"line/{self._writer.write(number, plans.comment_on(body, anchor))}"

    def reply(self, number: int, thread: str, body: str) -> str:
        """Add to a thread."""
        return f"line/{self._writer.write(number, plans.reply(thread, body), on_seen=True)}"

    def review(self, number: int, verdict: Verdict, body: str) -> str:
        """Give a verdict on the head."""
        return f"review/{self._writer.write(number, plans.review(self.actor, verdict, body))}"

    def dismiss(self, number: int, review: str) -> None:
        """Take a verdict back."""
        self._writer.write(number, plans.dismiss(review))

    def edit(self, number: int, item: str, body: str) -> None:
        """Replace the text of an item."""
        self._writer.write(number, plans.edit(item, body), on_seen=True)

    def delete(self, number: int, item: str) -> None:
        """Remove an item; Git's history still has its text."""
        self._writer.write(number, plans.delete(item))

    def resolve(self, number: int, thread: str, resolved: bool = True) -> None:
        """Mark a thread resolved, or open again."""
        self._writer.write(number, plans.resolve(thread, resolved), on_seen=True)

    def label(self, number: int, name: str, present: bool = True) -> None:
        """Set a label, or remove it."""
        self._writer.write(number, plans.label(name, present), on_seen=True)

    def set_draft(self, number: int, draft: bool) -> None:
        """Make it a draft, or ready."""
        self._writer.write(number, plans.set_draft(draft))

    def close(self, number: int, closed: bool = True) -> None:
        """Close it, or open it again."""
        self._writer.write(number, plans.close(closed, self._refuse_rival))  # of one branch, one is open

    def push(self, number: int, new: str, expected: str) -> None:
        """Move the head branch, and the person's own branch of that name with it."""
        push_head(self._writer, number, new, expected)

    def merge(self, number: int, head_oid: str, message: str) -> str:
        """Merge it, and bring the person's own base branch along."""
        return merge_head(self._writer, number, head_oid, message)

    def _refuse_rival(self, at: Standing) -> None:
        refuse_rival(everything(self._writer, at.view), at.pull.head, but=at.pull.number)


def _row(at: Standing) -> Listed:
    pull = at.pull
    return Listed(pull.number, pull.title, at.state, pull.draft, pull.head, pull.author, tuple(sorted(pull.labels)))
