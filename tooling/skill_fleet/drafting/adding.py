"""Documents for a skill that exists: each becomes a new reference with a row, or replaces the one that it made before."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from skill_fleet.drafting.drafter import draft_selection
from skill_fleet.drafting.selection import select
from skill_fleet.drafting.types import Brief, Document, Draft, Entry, Kind, Place, Point, Severity
from skill_fleet.drafting.writing import TABLE
from skill_fleet.errors import UserError
from skill_fleet.fleet import SKILL_FILE

SOURCE = "Source"  # the trailer of a commit: `Source: NAME -> FILE`, which survives a squash
_ARROW = " -> "
_DESCRIBES = {Kind.DESCRIPTION}
_STEM = re.compile(r"references/([^/]+)\.md$")


@dataclass(frozen=True)
class Added:
    """New texts by path in the skill's folder, open points, the ledger, and the sources of references (name, file)."""

    files: dict[str, str]
    points: tuple[Point, ...]
    ledger: tuple[Entry, ...]
    notes: tuple[str, ...]
    sources: tuple[tuple[str, str], ...]


def source_trailers(ledger: Iterable[Entry]) -> tuple[tuple[str, str], ...]:
    """The trailers that record which file a document went to: the first that it has lines in."""
    homes: dict[str, str] = {}
    for entry in ledger:
        if entry.file:
            homes.setdefault(entry.document, entry.file)
    return tuple((SOURCE, f"{' '.join(name.split())}{_ARROW}{file}") for name, file in homes.items())


def read_source_trailers(messages: Iterable[str]) -> dict[str, str]:
    """The file of each recorded document, from commit messages, the oldest first."""
    found: dict[str, str] = {}
    for message in messages:
        for line in message.split("\n"):
            key, _, value = line.strip().partition(": ")
            name, arrow, file = value.rpartition(_ARROW)
            if key == SOURCE and arrow:
                found[name] = file
    return found


def add_documents(
    skill: str,
    files: Mapping[str, str],
    sources: Sequence[Document],
    recorded: Mapping[str, str],
    only: Sequence[str] = (),
) -> Added:
    """Put `sources` into the skill `files` (text by path) as references; no text of SKILL.md changes but its table.

    `recorded` are the files of documents that the skill was made of (`read_source_trailers`). Raises UserError if nothing
    would change, or if a document is the one that SKILL.md was made of.
    """
    own = next((one.name for one in sources if recorded.get(one.name) == SKILL_FILE), "")
    if own:
        raise UserError(
            f"{SKILL_FILE} of {skill} was made of {own}, and its new text cannot be merged without a model.",
            f"Edit skills/{skill}/{SKILL_FILE}, or set up a model.",
        )
    taken = [match[1] for path in files if (match := _STEM.match(path))]
    draft = draft_selection(Brief("", skill), select(sources, only, "none", anyway=True), taken=taken)
    names = _homes(draft, files, recorded)
    changed: dict[str, str] = {}
    points = [point for point in draft.points if point.kind not in _DESCRIBES]
    for path, text in draft.files.items():
        home = names.get(path, path)
        if path != SKILL_FILE and files.get(home) != text:
            changed[home] = text
            if home in files:
                gone = {*files[home].split("\n")} - {*text.split("\n")}
                points.append(Point(Kind.REPLACED, Severity.NOTE, places=(Place(home),), count=len(gone)))
    if not changed:
        raise UserError(
            f"{skill} has all of {', '.join(one.name for one in sources)} already.", "Name another document."
        )
    rows = [
        row.replace(f"({path})", f"({home})")
        for row in draft.files[SKILL_FILE].split("\n")
        for path in [row.partition("](")[2].partition(")")[0]]
        if row.startswith("| [")
        and (home := names.get(path, path)) in changed
        and f"({home})" not in files.get(SKILL_FILE, "")
    ]
    if rows:
        changed[SKILL_FILE] = _with_rows(files.get(SKILL_FILE, ""), rows)
        points.append(Point(Kind.STALE_DESCRIPTION, Severity.NOTE, places=(Place(SKILL_FILE),)))
    ledger = tuple(replace(one, file=names.get(one.file, one.file)) for one in draft.ledger)
    moved = tuple(
        replace(point, places=tuple(replace(place, file=names.get(place.file, place.file)) for place in point.places))
        for point in points
    )
    return Added(changed, moved, ledger, draft.notes, tuple(_homes_of(ledger)))


def _homes(draft: Draft, files: Mapping[str, str], recorded: Mapping[str, str]) -> dict[str, str]:
    """The files that drafted references replace: what their documents are recorded to be in."""
    names: dict[str, str] = {}
    for name, path in _homes_of(draft.ledger):
        old = recorded.get(" ".join(name.split()), "")
        if old in files and PurePosixPath(old).suffix == ".md":
            names.setdefault(path, old)
    return names


def _homes_of(ledger: Iterable[Entry]) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for entry in ledger:
        if entry.file and entry.document not in seen:
            seen.add(entry.document)
            yield entry.document, entry.file


def _with_rows(skill: str, rows: Sequence[str]) -> str:
    """SKILL.md with more rows in its table of references, or with such a table at its end; all else as it was."""
    end = "\r\n" if "\r\n" in skill else "\n"
    lines = skill.split(end)
    at = next(
        (at for at, line in enumerate(lines) if line.lower().startswith(("| read | for |", "| read | when"))), None
    )
    if at is None:
        return end.join([*(skill.rstrip(end).split(end)), "", *TABLE, *rows, ""])
    while at < len(lines) and lines[at].startswith("|"):
        at += 1
    return end.join([*lines[:at], *rows, *lines[at:]])
