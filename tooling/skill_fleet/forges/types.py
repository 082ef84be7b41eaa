"""A pull request as data, the same for every forge, and the actions on it as data.

A snapshot is all that a decision may depend on; a decision lists actions, and `apply` carries them out. All of it survives
a round trip through JSON, so that reading, deciding and applying can be three processes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

State = Literal["open", "closed", "merged"]
Permission = Literal["write", "none", "unknown"]
Verdict = Literal["approved", "changes_requested", "commented", "dismissed"]
Side = Literal["RIGHT", "LEFT"]

BODY_LIMIT = 65_536  # characters of a comment; GitHub refuses more, so every forge here does
TITLE_LIMIT, LABEL_LIMIT = 256, 50  # characters
ITEM_LIMIT = 5_000  # items of one pull request, in the local forge without the bot's own; a longer one is not read


@dataclass(frozen=True)
class Actor:
    """An account. `id` decides who it is (a number on GitHub, an email address locally); `name` is for people."""

    id: str
    name: str

    @property
    def address(self) -> str:
        """The email address in commits: its own, or GitHub's no-reply address, which contains the number."""
        number = self.id.removesuffix("-bot")
        return self.id if "@" in self.id else f"{number}+{self.name}@users.noreply.github.com"


@dataclass(frozen=True)
class Anchor:
    """The lines that a comment is about: where they were when it was made, and where they are now.

    `commit`, `start` and `line` (from 1, inclusive) are the original place; line 0 means the whole file.
    `current_start` and `current_line` are the same lines at the head, 0 if they are gone; `near` is then the line that
    is now where they were. `original` holds the bytes of the lines at the original place with their line ends, as
    Latin-1 text so that no byte is lost in JSON; '' if their commit is gone. `path` stays the original one, also if the
    file has been renamed since; `current_path` is its path at the head, '' if it is gone. `above` and `below` are the
    numbers of lines around them that no commit has touched since, possibly more than the file has.
    """

    path: str
    commit: str
    start: int
    line: int
    side: Side = "RIGHT"
    current_start: int = 0
    current_line: int = 0
    original: str = ""
    current_path: str = ""
    near: int = 0
    above: int = 0
    below: int = 0


@dataclass(frozen=True)
class Item:
    """A comment, a review, or a comment on lines (with its replies, a thread), by a person or the bot.

    `key` is `<type>/<id>` and never changes; `order` sorts items as the server received them. `editor` is the last one
    who edited it, if any, and `edited` sorts that edit among the orders of items, never too early. `thread` is the key
    of the thread's first comment, and stays if that one is deleted. A hidden item was minimised by a person.
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
    """The state of a review thread. Only people resolve one."""

    key: str
    resolved: bool = False
    resolver: Actor | None = None


@dataclass(frozen=True)
class CommitFact:
    """A commit of the pull request: its author and its whole message."""

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
    """Facts about the rest of the fleet, read at the base.

    `programs` holds the prompts that replace the tool's own, by the name of the step.
    """

    categories: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    former: tuple[str, ...] = ()
    approvals: int = 1
    nudge_days: int = 14
    programs: dict[str, str] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    """By each other address of a person, the proper one, as .mailmap says; all in lower case."""


@dataclass(frozen=True)
class Snapshot:
    """All of one pull request at one moment. `complete` is false if any part of it could not be read."""

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
    """The order of the last time a person (not the bot) made it a draft or ready; '' if nobody did."""
    reopened: str = ""
    """The order of the last time it was reopened; '' if it never was."""
    labels: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
    threads: tuple[Thread, ...] = ()
    commits: tuple[CommitFact, ...] = ()
    permissions: dict[str, Permission] = field(default_factory=dict)
    changed: tuple[str, ...] = ()
    """The paths that differ between the merge base and the head."""
    files: tuple[FileFact, ...] = ()
    fleet: FleetFacts = FleetFacts()
    opened_with: tuple[CommitFact, ...] = ()
    """The commits that it was opened with, if they are not the first of `commits`: somebody replaced or mixed them."""
    opening_lost: bool = False
    """Whether the commits that it was opened with were replaced, and cannot be read any more."""
    updated_from: tuple[str, ...] = ()
    """Earlier heads from which only clean merges of the base lead to this one, newest first."""
    lost: tuple[str, ...] = ()
    """Commits that were its head or were commented on, and that a force-push removed from the branch."""
    conflicts: tuple[str, ...] = ()
    """The paths in which it conflicts with the base as it is now."""
    remote: str = ""
    """The remote that has its branches; '' if they are in the repository itself."""
    parked: bool = False
    """Whether checks of the bot's pushes wait until a person approves them."""
    passages: str = field(default="", compare=False)
    """Lines of the sources that the skill was made from, for a model that has no repository."""
    preview: str = field(default="", compare=False)
    """The Markdown of the comment about its skills, where it is not the bot's."""
    preview_labels: tuple[str, ...] = field(default=(), compare=False)
    """The labels that follow from what it does to skills, where it is not the bot's."""
    updated: str = field(default="", compare=False)
    """The time of its last change, by the forge's clock: ISO 8601, UTC."""
    fetched: str = field(default="", compare=False)
    """The time by the forge's clock when this was read."""
    too_many: int = 0
    """The number of its items if above ITEM_LIMIT: then `items` are some of the bot's own, and it is not complete."""
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
    """New bytes (as Latin-1 text) of a path, or None to delete it.

    The file keeps the mode that it has, at this path or at the path `was` from which it moves; a new one has 100644.
    """

    path: str
    content: str | None
    was: str = ""


@dataclass(frozen=True)
class CommitAction:
    """Commit `changes` on top of the head. `key` is the request it answers, `within` the folders it may touch."""

    key: str
    subject: str
    changes: tuple[FileChange, ...]
    within: tuple[str, ...]
    trailers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class AnswerAction:
    """Answer the item `target` once. `commit` is the key of the CommitAction that handled it, or a commit's id.

    `outcome` is what the receipt records: done, refused (with the reason in `text`), open (it waits for a command), asked
    (it waits for words in answer to a question), failing (the first attempt failed, another one is due), failed (that
    one failed too), or notice. Noted words get no comment: the status comment records that nothing is owed for them.
    """

    key: str
    target: str
    outcome: Literal["done", "refused", "open", "asked", "failing", "failed", "notice", "noted"]
    text: str
    commit: str = ""
    digest: str = ""
    pin: str = ""
    """The digest of the text that this answer is about: the description for `/proceed`, else commented lines; of a question,
    that of the key of the request which contradicts this one; or ''."""


@dataclass(frozen=True)
class EditAction:
    """Replace the text of one of the bot's own comments; of the description if `target` is ''."""

    target: str
    body: str


@dataclass(frozen=True)
class StatusAction:
    """Write the one status comment of the pull request, or edit the existing one."""

    body: str


@dataclass(frozen=True)
class NoteAction:
    """Write the bot's comment `key`, which answers nobody, or edit the existing one."""

    key: str
    body: str


@dataclass(frozen=True)
class FlagAction:
    """Mark the pull request ready, close it, change its title, add or remove a label, or unresolve a thread. Nothing is
    written if it is so already."""

    what: Literal["ready", "close", "label", "unlabel", "unresolve", "title"]
    value: str = ""


Action = CommitAction | AnswerAction | EditAction | StatusAction | NoteAction | FlagAction
