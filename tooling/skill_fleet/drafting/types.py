"""Facts of drafting: documents, the brief, the draft with its ledger and its open points, and what goes to and from a
model. No behaviour."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Any

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
    """What an open point is about: its name in JSON, and the sentence for people, made of the fields of the point."""

    sentence: str

    def __new__(cls, name: str, sentence: str = "") -> Kind:
        """A member of that name."""
        kind = str.__new__(cls, name)
        kind._value_, kind.sentence = name, sentence
        return kind

    # fmt: off
    # of documents
    DESCRIPTION = "description-from-text", "The description is the document's first sentence. Replace it: say what the skill does and when to use it."
    PLACEHOLDER = "placeholder", "The placeholder `{{{{{subject}}}}}` is not filled. Fill it with `--set {subject}=VALUE`, or edit the draft."
    LINKS = "missing-link-targets", "{count} link target(s) are not among the sources: {examples}. Their text was kept."
    INCLUDES = "missing-includes", "{count} included file(s) are not among the sources, so the text may lack them: {examples}."
    CUT = "cut-source", "The source is cut here."
    SNIPPET = "invalid-snippet", "{count} block(s) of code do not parse, the first: {detail}."
    CHARACTERS = "unrepaired-characters", "{count} line(s) have characters that were damaged before and cannot be repaired with certainty."
    REPAIRED = "repaired-characters", "{count} misread characters (UTF-8 read as {subject}) were repaired."
    FRONT_MATTER = "front-matter-not-understood", "Front matter with no counterpart in a skill was left out: {examples}. {detail}"
    CONVERSION = "lost-in-conversion", "The conversion to Markdown lost {count} word(s) of the source: {examples}. {detail}"
    REPOSITORY = "written-for-one-repository", "The document was written for one repository. Check what holds elsewhere."
    SECRET = "redacted-secret", "The source has a secret here ({subject}). It was replaced by the word REDACTED; revoke it."
    SAFETY = "safety-finding", "`{subject}` finds a problem in text that the source has. {detail}"
    REPLACED = "reference-replaced", "The reference was replaced by the new text of its source; {count} of its lines are gone."
    STALE_DESCRIPTION = "description-lacks-new-content", "The description does not mention the new content. Change it with `/describe TEXT`."
    TASK_NOT_DONE = "task-needs-a-model", "The task was not carried out: without a model, documents are only added."
    VERSION = "bump-version-by-hand", "Bump the version {subject} by hand: {detail}."
    # of drafts by a model
    ASSUMED = "assumed-answer", "{subject} Assumed: {detail}"
    COVERED = "may-be-covered", "The fleet may already cover this: {examples}. Revise that skill instead?"
    OTHER_TASK = "other-task", "Another skill was asked for: {subject}"
    CITATION = "dropped-citation", "{subject}: a citation was dropped. {detail}"
    DROPPED = "dropped-claim", "Left out or changed, because it is wrong or unsafe: {subject} {detail}"
    NOT_IN_SOURCES = "not-in-sources", "Not from the sources, so check it: {examples}."
    PROBLEM = "unresolved-problem", "{subject} {detail}"
    # fmt: on


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


LineFate = tuple[Fate, str, int, str]
"""The fate of one source line, as an Entry has it: fate, file, line, reason."""


def entries_of(document: str, fates: Sequence[LineFate]) -> Iterator[Entry]:
    """Yield runs of lines with the same fate, placed ones in lines that follow each other. `fates` has one for each line."""
    steady = [(fate, file, line and line - number, why) for number, (fate, file, line, why) in enumerate(fates)]
    at = 0
    for _, run in groupby(steady):
        first, at = at, at + len([*run])
        yield Entry(document, first + 1, at, *fates[first])


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
    material: tuple[str, ...] = ()


@dataclass(frozen=True)
class Discussion:
    """One request for a change of a skill. `path` is in its folder, "" for the whole skill; `first` and `last` are lines
    from 1, 0 for the whole file. `quoted` are these lines as they were then, `conversation` is author and text, the
    oldest first. `failed` is the reason why an earlier round left it open. `near`: the lines are gone, and were here."""

    key: str
    path: str
    first: int
    last: int
    quoted: str
    conversation: tuple[tuple[str, str], ...]
    failed: str = ""
    near: int = 0


@dataclass(frozen=True)
class Call:
    """One exchange with a model, as it is recorded for learning. `refused` says why the reply was not used, "" if it was."""

    step: str
    program: str
    inputs: dict[str, str]
    output: Any
    reply: str
    finish: str
    model: str
    options: dict[str, Any]
    prompt_tokens: int | None
    completion_tokens: int | None
    refused: str
