"""Actions on a pull request, as data: a decision lists them, `apply` carries them out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class FileChange:
    """New bytes (as Latin-1 text) of a path, or None to delete it. Always a regular file of mode 100644."""

    path: str
    content: str | None


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

    `outcome` is what the receipt records: done, refused (with the reason in `text`), open (it waits for a person),
    failing (the first attempt failed, another one is due), failed (that one failed too), or notice.
    """

    key: str
    target: str
    outcome: Literal["done", "refused", "open", "failing", "failed", "notice"]
    text: str
    commit: str = ""
    digest: str = ""
    pin: str = ""
    """The digest of the description that this answer settles; '' if it settles none."""


@dataclass(frozen=True)
class EditAction:
    """Replace the text of one of the bot's own comments."""

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
    """Mark the pull request ready, close it, or add or remove a label. Nothing is written if it is so already."""

    what: Literal["ready", "close", "label", "unlabel"]
    value: str = ""


Action = CommitAction | AnswerAction | EditAction | StatusAction | NoteAction | FlagAction
