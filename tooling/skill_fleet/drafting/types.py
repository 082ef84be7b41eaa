"""What drafting takes and gives. Facts only: frozen, comparable, without behaviour that touches a disk."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol

FURTHER = "A further skill was asked for: "  # what an open point says of each, and is found again by


@dataclass(frozen=True)
class Document:
    """One source text. `name` is what a person would call it, `path` where it stood (it names it and resolves links).

    `unread` says why there is no text, for a file of a folder that is no text at all: it is set aside by that reason.
    """

    name: str
    text: str
    path: str = ""
    unread: str = ""


@dataclass(frozen=True)
class Question:
    """Something only a person can decide: `changes` says what in the skill depends on the answer."""

    text: str
    why: str
    options: tuple[str, ...] = ()
    default: str = ""
    changes: str = ""


@dataclass(frozen=True)
class Brief:
    """What will be written, agreed on before it is written. `path` is CATEGORY/NAME, the id of the skill."""

    task: str
    path: str
    audience: str = ""
    capabilities: tuple[str, ...] = ()
    triggers: tuple[str, ...] = ()
    non_goals: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The skill's name: the last part of its id."""
        return self.path.rsplit("/", 1)[-1]


Fate = Literal["placed", "consumed", "set aside"]


@dataclass(frozen=True)
class Entry:
    """The one fate of source lines `first` to `last` (from 1, inclusive) of document `document`.

    Placed: they stand in `file`, from its line `line` on. Consumed and set aside: `reason` says why.
    """

    document: str
    first: int
    last: int
    fate: Fate
    file: str = ""
    line: int = 0
    reason: str = ""


@dataclass(frozen=True)
class Generated:
    """Lines `first` to `last` (from 1, inclusive) of `file` that come from no source; `name` says what they are."""

    file: str
    first: int
    last: int
    name: str


@dataclass(frozen=True)
class Draft:
    """The files of one skill, relative to its folder, and the account of where every source line went.

    `ledger` and `generated` together account for every line of the sources and every line of the files.
    """

    brief: Brief
    files: dict[str, str]
    ledger: tuple[Entry, ...] = ()
    open_points: tuple[str, ...] = ()
    drafted_by: str = ""
    notes: tuple[str, ...] = field(default=())
    generated: tuple[Generated, ...] = ()


class Drafter(Protocol):
    """Anything that turns sources and a Brief into a Draft."""

    @property
    def name(self) -> str:
        """What the `Drafted-by:` trailer says."""
        ...

    def draft(self, brief: Brief, sources: tuple[Document, ...]) -> Draft:
        """Write the skill that `brief` asks for from `sources`."""
        ...
