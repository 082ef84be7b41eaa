"""A pull request as data. Every forge gives this, whatever it is made of; the decision sees nothing else.

All of it survives a trip through JSON, so that reading, deciding and applying can be three processes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

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
    last, if anyone, and
    `edited` sorts that among the orders of items, never too early. `thread` is the key of the thread's first comment, and stays when that one is deleted. A hidden item
    was minimised by a person.
    """

    key: str
    author: Actor
    order: str
    body: str
    at: str = ""
    editor: Actor | None = None
    edited: str = ""
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
    """What a turn has to know of the rest of the fleet, read at the base: categories, ids, former ids, and what a model
    is asked (by the name of the step) where that is another text than the tool's own."""

    categories: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    former: tuple[str, ...] = ()
    approvals: int = 1
    nudge_days: int = 14
    programs: dict[str, str] = field(default_factory=dict)


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
