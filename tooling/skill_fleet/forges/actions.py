"""What may be done to a pull request, as data: the decision names it, applying carries it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


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

    `outcome` is what the receipt records: done, refused (with the reason in `text`), open (it waits
    for a person), failing (an attempt came to nothing, another is owed), or failed (that one did as well).
    """

    key: str
    target: str
    outcome: Literal["done", "refused", "open", "failing", "failed", "notice"]
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
