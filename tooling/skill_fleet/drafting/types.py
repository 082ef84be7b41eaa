"""Facts of drafting: documents, the brief, the draft with its ledger and its open points. No behaviour."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

_LICENCE = re.compile(
    r"^\W{0,4}(?:SPDX-License-Identifier|licen[cs]e)[*: ]*:[*: ]*[\"']?([^\"'\n*]{1,80})", re.IGNORECASE | re.MULTILINE
)
_HEAD = 4_000  # characters in which a document names its licence


class Severity(StrEnum):
    """How much an open point matters. None of them stops a merge: rules and gates do that."""

    ERROR = "error"  # a rule of `validate` refuses the draft for the same reason
    WARNING = "warning"  # something may be wrong or missing
    NOTE = "note"  # good to know


class Kind(StrEnum):
    """What an open point is about."""

    # of documents
    DESCRIPTION = "description-from-text"  # `subject`: the sentence
    PLACEHOLDER = "placeholder"  # `subject`: the key
    LINKS = "missing-link-targets"  # `examples`: targets
    INCLUDES = "missing-includes"  # `examples`: paths
    CUT = "cut-source"
    SNIPPET = "invalid-snippet"  # `detail`: the parser's message for the first
    CHARACTERS = "unrepaired-characters"
    REPAIRED = "repaired-characters"  # `subject`: the codec
    FRONT_MATTER = "front-matter-not-understood"  # `examples`: keys
    CONVERSION = "lost-in-conversion"  # `examples`: words, `detail`: the converter's warnings
    REPOSITORY = "written-for-one-repository"
    SECRET = "redacted-secret"  # `subject`: the kind of secret
    SAFETY = "safety-finding"  # `subject`: the rule
    REPLACED = "reference-replaced"  # `count`: lines that are gone
    STALE_DESCRIPTION = "description-lacks-new-content"
    TASK_NOT_DONE = "task-needs-a-model"
    VERSION = "bump-version-by-hand"  # `subject`: the version, `detail`: why
    # of a model
    ASSUMED = "assumed-answer"  # `subject`: the question, `detail`: the answer taken
    COVERED = "may-be-covered"  # `examples`: ids of skills
    OTHER_TASK = "other-task"  # `subject`: the task
    CITATION = "dropped-citation"  # `subject`: the heading, `detail`: why
    DROPPED = "dropped-claim"  # `subject`: the claim, `detail`: why
    NOT_IN_SOURCES = "not-in-sources"  # `examples`: statements or names; none: no document was given
    PROBLEM = "unresolved-problem"  # `subject`: the quoted words, `detail`: what is wrong
    NOT_DONE = "planned-change-not-made"  # `subject`: the request, `detail`: why
    UNUSED_SOURCE = "unused-source-lines"  # `count`: lines


@dataclass(frozen=True)
class Place:
    """A line (from 1; 0 for the whole) of a file of the skill, or of a source if no such file has it."""

    file: str
    line: int = 0


@dataclass(frozen=True)
class Point:
    """Something that a reviewer has to know or decide. `points.point_text` makes a sentence of it, at the edge."""

    kind: Kind
    severity: Severity = Severity.WARNING
    subject: str = ""
    detail: str = ""
    places: tuple[Place, ...] = ()
    count: int = 0
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Document:
    """One source text, as it was read: decoded, converted to Markdown, with `\\n` line ends. The ledger counts its lines.

    `name` is unique among the sources and shown to people. `path` resolves links: relative to the `--from` folder, or
    else as the user typed it. `home` names the repository or folder that holds the document ("" if unknown).
    `unread` is the reason why there is no text. `points` are what reading found.
    """

    name: str
    text: str
    path: str = ""
    home: str = ""
    converter: str = ""
    unread: str = ""
    points: tuple[Point, ...] = ()

    def facts(self) -> dict[str, str]:
        """What is recorded of a source: name, path, SHA-256 of the text, and the licence that its beginning names."""
        found = _LICENCE.search(self.text[:_HEAD])
        digest = hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()
        return {"name": self.name, "path": self.path, "sha256": digest, "licence": found[1].strip() if found else ""}


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
    agreed: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The skill's name: the last part of its id."""
        return self.path.rsplit("/", 1)[-1]


class Fate(StrEnum):
    """What became of source lines."""

    PLACED = "placed"
    CONSUMED = "consumed"
    LEFT_OUT = "left out"


@dataclass(frozen=True)
class Entry:
    """The one fate of source lines `first` to `last` (from 1, inclusive) of document `document`.

    Placed: in `file`, from its line `line` on. Consumed and left out: `reason` says why.
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

    `ledger` and `generated` together account for every line of the sources and every line of the files. `material` are
    headings, globs and keywords of the sources for the "Use when" that a person writes.
    """

    brief: Brief
    files: dict[str, str]
    ledger: tuple[Entry, ...] = ()
    points: tuple[Point, ...] = ()
    drafted_by: str = ""
    notes: tuple[str, ...] = ()
    generated: tuple[Generated, ...] = ()
    material: tuple[str, ...] = field(default=())


class Drafter(Protocol):
    """Anything that turns sources and a Brief into a Draft."""

    @property
    def name(self) -> str:
        """The value of the `Drafted-by:` trailer."""
        ...

    def draft(self, brief: Brief, sources: tuple[Document, ...]) -> Draft:
        """Write the skill that `brief` asks for from `sources`."""
        ...
