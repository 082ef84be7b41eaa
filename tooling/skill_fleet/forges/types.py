"""A pull request as data. Every forge gives this, whatever it is made of; the decision sees nothing else.

All of it survives a trip through JSON, so that reading, deciding and applying can be three processes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol

State = Literal["open", "closed", "merged"]
Permission = Literal["write", "none", "unknown"]
Verdict = Literal["approved", "changes_requested", "commented", "dismissed"]
Side = Literal["RIGHT", "LEFT"]

BODY_LIMIT = 65_536  # characters of a comment; GitHub refuses more, so every forge here does
ITEM_LIMIT = 5_000  # items of one pull request; of a longer one only that is told


@dataclass(frozen=True)
class Actor:
    """An account. `id` is what identity is decided by (a number on GitHub, an address here), `name` is for people."""

    id: str
    name: str

    @property
    def address(self) -> str:
        """How a commit names it: its address, or GitHub's no-reply one, which keeps to the number when it is renamed."""
        number = self.id.removesuffix("-bot")
        return self.id if "@" in self.id else f"{number}+{self.name}@users.noreply.github.com"


@dataclass(frozen=True)
class Anchor:
    """The lines a comment is about, as they were when it was made, and where they are now.

    `commit`, `start` and `line` (from 1, inclusive) are the original place; line 0 means the file as a whole.
    `current_start` and `current_line` are the same lines at the head, 0 when they are not there any more. `original`
    holds the bytes of the lines at the original place with their line ends, as Latin-1 text so that no byte is lost in
    JSON; '' when their commit is gone. `path` stays the original one, also when the folder has moved since.
    """

    path: str
    commit: str
    start: int
    line: int
    side: Side = "RIGHT"
    current_start: int = 0
    current_line: int = 0
    original: str = ""


@dataclass(frozen=True)
class Item:
    """Something a person or the bot wrote: a comment, a review, or a comment on lines (with its replies, a thread).

    `key` is `<type>/<id>` and never changes; `order` sorts items as the server received them. `editor` is who edited it
    last, if anyone. `thread` is the key of the thread's first comment, and stays when that one is deleted. A hidden item
    was minimised by a person.
    """

    key: str
    author: Actor
    order: str
    body: str
    at: str = ""
    editor: Actor | None = None
    hidden: bool = False
    thread: str = ""
    anchor: Anchor | None = None
    verdict: Verdict | None = None
    commit: str = ""


@dataclass(frozen=True)
class Thread:
    """The state of a review thread: only people resolve one."""

    key: str
    resolved: bool = False
    resolver: Actor | None = None


@dataclass(frozen=True)
class CommitFact:
    """A commit of the pull request: who made it and its whole message."""

    oid: str
    author: Actor
    message: str


@dataclass(frozen=True)
class FileFact:
    """A file of the skill at the head: its mode, and its bytes as Latin-1 text."""

    path: str
    mode: int
    content: str


@dataclass(frozen=True)
class FleetFacts:
    """What the decision has to know of the rest of the fleet, read at the base: categories, ids, former ids."""

    categories: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    former: tuple[str, ...] = ()
    approvals: int = 1
    nudge_days: int = 14


@dataclass(frozen=True)
class Snapshot:
    """All of one pull request at one moment. `complete` is false when any part of it could not be read."""

    repository: str
    number: int
    bot: Actor
    author: Actor
    title: str
    body: str
    state: State
    draft: bool
    base: str
    base_oid: str
    merge_base: str
    head: str
    head_oid: str
    head_exists: bool = True
    draft_changed: str = ""
    """The order of the last time a person (not the bot) made it a draft or ready; '' when none did."""
    reopened: str = ""
    """The order of the last time it was reopened; '' when it never was."""
    labels: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
    threads: tuple[Thread, ...] = ()
    commits: tuple[CommitFact, ...] = ()
    permissions: dict[str, Permission] = field(default_factory=dict)
    changed: tuple[str, ...] = ()
    """The paths that differ between the merge base and the head."""
    files: tuple[FileFact, ...] = ()
    fleet: FleetFacts = FleetFacts()
    lost: tuple[str, ...] = ()
    """Commits that were its head, or that something was said on, and that a force-push took out of the branch."""
    conflicts: tuple[str, ...] = ()
    """The paths in which it cannot be merged into the base as that is now."""
    remote: str = ""
    """The remote that has its branches; '' when they are in the repository itself."""
    parked: bool = False
    """Whether the forge runs no check of what the bot pushes before a person has allowed it."""
    updated: str = field(default="", compare=False)
    """When something last happened to it, by the forge's clock: ISO 8601, UTC."""
    fetched: str = field(default="", compare=False)
    """What time it was there when this was read."""
    too_many: int = 0
    """How many items it has, when more than ITEM_LIMIT: then `items` are some of the bot's own, and it is not complete."""
    complete: bool = True


@dataclass(frozen=True)
class Listed:
    """One row of a list of pull requests."""

    number: int
    title: str
    state: State
    draft: bool
    head: str
    author: Actor
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class FileChange:
    """New bytes (as Latin-1 text) for a path, or None to delete it. Always a regular file of mode 100644."""

    path: str
    content: str | None


@dataclass(frozen=True)
class CommitAction:
    """Commit `changes` on top of the head. `key` names the request it answers, `within` the folders it may touch."""

    key: str
    subject: str
    changes: tuple[FileChange, ...]
    within: tuple[str, ...]
    trailers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class AnswerAction:
    """Answer the item `target` once. `commit` is the key of the CommitAction that handled it, or a commit's id.

    `outcome` is what the receipt records: done, refused (with the reason in `text`), or open (it waits for a person).
    """

    key: str
    target: str
    outcome: Literal["done", "refused", "open", "notice"]
    text: str
    commit: str = ""
    digest: str = ""
    pin: str = ""
    """The digest of the description that this answer settles; '' when it settles none."""


@dataclass(frozen=True)
class EditAction:
    """Replace the text of one of the bot's own comments."""

    target: str
    body: str


@dataclass(frozen=True)
class StatusAction:
    """Write the one status comment of the pull request, or edit it when it is there."""

    body: str


@dataclass(frozen=True)
class NoteAction:
    """Write the comment `key` of the bot's own, which answers nobody, or edit it when it is there."""

    key: str
    body: str


@dataclass(frozen=True)
class FlagAction:
    """Mark it ready, close it, or set or remove a label. Each is read before it is written."""

    what: Literal["ready", "close", "label", "unlabel"]
    value: str = ""


Action = CommitAction | AnswerAction | EditAction | StatusAction | NoteAction | FlagAction


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
