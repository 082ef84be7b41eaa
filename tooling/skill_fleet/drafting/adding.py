"""Documents for a skill that exists: each becomes a new reference with a row, or replaces the one that it made before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from skill_fleet.drafting.drafter import draft_selection
from skill_fleet.drafting.planning import TABLE
from skill_fleet.drafting.selection import select
from skill_fleet.drafting.types import Brief, Document, Entry, Kind, Place, Point, Severity
from skill_fleet.errors import UserError
from skill_fleet.fleet import SKILL_FILE

SOURCE = "Source"  # the trailer of a commit: `Source: NAME -> FILE`, which survives a squash
_ARROW = " -> "


@dataclass(frozen=True)
class Added:
    """New texts by path in the skill's folder, open points, the ledger and notes."""

    files: dict[str, str]
    points: tuple[Point, ...]
    ledger: tuple[Entry, ...]
    notes: tuple[str, ...]


def source_trailers(ledger: Iterable[Entry]) -> tuple[tuple[str, str], ...]:
    """The trailers that record which file a document went to: the first that it has lines in."""
    return tuple((SOURCE, f"{name}{_ARROW}{file}") for name, file in _homes(ledger).items())


def _homes(ledger: Iterable[Entry]) -> dict[str, str]:
    homes: dict[str, str] = {}
    for entry in ledger:
        if entry.file:
            homes.setdefault(" ".join(entry.document.split()), entry.file)
    return homes


def read_source_trailers(messages: Iterable[str]) -> dict[str, str]:
    """The file of each recorded document, from commit messages, the oldest first."""
    lines = (line.strip().partition(": ") for message in messages for line in message.split("\n"))
    pairs = (value.rpartition(_ARROW) for key, _, value in lines if key == SOURCE)
    return {name: file for name, arrow, file in pairs if arrow}


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
    own = next((one.name for one in sources if recorded.get(" ".join(one.name.split())) == SKILL_FILE), "")
    if own:
        wrong = f"{SKILL_FILE} of {skill} was made of {own}, and its new text cannot be merged without a model."
        raise UserError(wrong, f"Edit skills/{skill}/{SKILL_FILE}, or set up a model.")
    taken = [PurePosixPath(path).stem for path in files if path.startswith("references/")]
    draft = draft_selection(Brief("", skill), select(sources, only, "none", anyway=True), taken=taken)
    replaced = {new: old for name, new in _homes(draft.ledger).items() if (old := recorded.get(name, "")) in files}
    table = [line for line in draft.files[SKILL_FILE].split("\n") if line.startswith("| [")]
    changed: dict[str, str] = {}
    rows: list[str] = []
    points = [point for point in draft.points if point.kind is not Kind.DESCRIPTION]
    for path, text in draft.files.items():
        home = replaced.get(path, path)
        if path == SKILL_FILE or files.get(home) == text:
            continue
        changed[home] = text
        if home in files:
            gone = {*files[home].split("\n")} - {*text.split("\n")}
            points.append(Point(Kind.REPLACED, Severity.NOTE, places=(Place(home),), count=len(gone)))
        if f"({home})" not in files.get(SKILL_FILE, ""):
            rows += [row.replace(f"({path})", f"({home})") for row in table if f"]({path})" in row]
    if not changed:
        names = ", ".join(one.name for one in sources)
        raise UserError(f"{skill} has all of {names} already.", "Name another document.")
    if rows:
        changed[SKILL_FILE] = _with_rows(files.get(SKILL_FILE, ""), rows)
        points.append(Point(Kind.STALE_DESCRIPTION, Severity.NOTE, places=(Place(SKILL_FILE),)))
    ledger = tuple(replace(one, file=replaced.get(one.file, one.file)) for one in draft.ledger)
    moved = (
        replace(point, places=tuple(Place(replaced.get(one.file, one.file), one.line) for one in point.places))
        for point in points
    )
    return Added(changed, tuple(moved), ledger, draft.notes)


def _with_rows(skill: str, rows: Sequence[str]) -> str:
    """SKILL.md with more rows in its table of references, or with such a table at its end; all else as it was."""
    end = "\r\n" if "\r\n" in skill else "\n"
    lines = skill.split(end)
    heads = ("| read | for |", "| read | when")
    at = next((at for at, line in enumerate(lines) if line.lower().startswith(heads)), None)
    if at is None:
        return end.join([*skill.rstrip(end).split(end), "", *TABLE, *rows, ""])
    while at < len(lines) and lines[at].startswith("|"):
        at += 1
    return end.join([*lines[:at], *rows, *lines[at:]])
