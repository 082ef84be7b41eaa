"""Documents added to a skill that exists, without a model: new references with a row each, and not a byte of the old text
changed. The documents are drafted as those of a skill of one title; what comes of that is put into the one that is there.
Of a newer state of a text that is there, a reference is replaced, and SKILL.md gets the lines that were only added.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from skill_fleet.drafting.adding.again import draft_again
from skill_fleet.drafting.adding.fitting import ALIKE, fit_in
from skill_fleet.drafting.adding.working_in import counted, work_in
from skill_fleet.drafting.extractive import ExtractiveDrafter
from skill_fleet.drafting.types import Brief, Document, Draft, Entry
from skill_fleet.errors import UserError
from skill_fleet.fleet import SKILL_FILE

_NOT_PLACED = "what is new in it was not placed."  # as `fit_in` says it of what is worked in here
MUCH = 0.2  # of its lines: as many in SKILL.md are no chance
_STUB = "\0skill"  # no file can be called so
_TITLE = "# Skill"
_PLACES = re.compile(r"((?:references/|assets/|scripts/)[\w./-]+|SKILL\.md):(\d+(?:(?:-|, )\d+)*)")
_HOME = f"skill/{SKILL_FILE}"  # deeper than the documents, which would else keep their own folders beside it


class NothingNew(UserError):
    """All of the documents stands in the skill already."""


@dataclass(frozen=True)
class Added:
    """What adding comes to: `files` are the new texts by path in the skill's folder, `points` what a reviewer decides."""

    files: dict[str, str]
    points: tuple[str, ...]
    ledger: tuple[Entry, ...]
    notes: tuple[str, ...]


def add_documents(
    skill: str,
    files: Mapping[str, str],
    documents: Sequence[Document],
    only: Sequence[str] = (),
    everything: bool = False,
) -> Added:
    """Put `documents` into the skill `files` (text by path in its folder).

    A reference that a newer text is mostly like is replaced by it. Raises UserError when the skill has all of it already,
    or when all that is new stands where SKILL.md has other words, so that only a person can work it in.
    """
    homed = [_homed(each, files) for each in documents]
    again = draft_again(skill, files, documents, only, everything) if homed == [*documents] else None
    draft = again.draft if again else _drafted(skill, homed, only, everything)
    parts, table, lists = _taken_apart(draft)
    if not parts and not again:
        reasons = dict.fromkeys(entry.reason for entry in draft.ledger if entry.fate == "set aside")
        why = f": {'; '.join(reasons)}" if reasons else ""
        raise UserError(f"Nothing of the documents can be placed{why}.", "Name others, or take all of them with --all.")
    fitted = fit_in(files, parts, table, lists, again.homes if again else None)
    inside = {path: text for path, text in parts.items() if fitted.names[path] == SKILL_FILE}
    text = PurePosixPath(documents[0].name).name  # what its lines are called that are not in a file of their own
    inside = {text: again.body, **inside} if again else inside
    worked = work_in({**files, **fitted.files}, inside, {*files, *fitted.files, *parts})
    changed = {**fitted.files, SKILL_FILE: worked.text} if worked.at else fitted.files
    if not changed:
        raise _nothing(skill, documents, worked.left)
    points = [point for point in draft.open_points if not point.startswith("Verdict:")]

    def now(file: str, line: int) -> tuple[str, int]:
        """Where a line of the draft stands now."""
        if again and file == SKILL_FILE:
            return file, worked.now.get(text, {}).get(again.numbers.get(line, 0), line)
        return fitted.names.get(file, file), worked.now.get(file, {}).get(line, line)

    def told(match: re.Match[str]) -> str:
        file, _ = now(match[1], 0)
        return f"{file}:" + re.sub(r"\d+", lambda number: str(now(match[1], int(number[0]))[1]), match[2])

    ledger = []
    for entry in (each for each in draft.ledger if each.document != _STUB):
        file, line = now(entry.file, entry.line)
        ledger.append(replace(entry, file=file, line=line if file else 0))
    said = (_PLACES.sub(told, point) for point in points)
    kept = (point for point in fitted.points if not point.endswith(_NOT_PLACED))
    return Added(changed, (*kept, *worked.points(), *said), tuple(ledger), draft.notes)


def _homed(document: Document, files: Mapping[str, str]) -> Document:
    """The document under the name of the one reference that it is a newer state of; as it is when there is none, or when
    much of it stands in SKILL.md: then that was made of it as well.
    """
    lines = _lines(document.text)
    body = _lines(files.get(SKILL_FILE, ""))
    like = [
        path
        for path, text in files.items()
        if path.startswith("references/") and path.endswith(".md") and path.count("/") == 1
        if (own := _lines(text))
        and lines
        and len(own & lines) >= ALIKE * max(len(own), len(lines))
        and len((lines & body) - own) < MUCH * len(lines)
    ]
    return replace(document, path=PurePosixPath(like[0]).name) if len(like) == 1 else document


def _lines(text: str) -> set[str]:
    return {line for line in map(str.strip, text.split("\n")) if line}


def _drafted(skill: str, documents: Sequence[Document], only: Sequence[str], everything: bool) -> Draft:
    name = skill.rpartition("/")[2]
    front = f"---\nname: {name}\ndescription: A skill. Use when it is used.\n---\n\n"
    stub = Document(_STUB, f"{front}{_TITLE}\n", _HOME)
    draft = ExtractiveDrafter((), (*only, _HOME) if only else (), everything).draft(
        Brief("", skill), (stub, *map(_filed, documents))
    )
    if not any(entry.document == _STUB and entry.file == SKILL_FILE for entry in draft.ledger):
        raise UserError(
            "The documents are a skill of their own.", "Draft it by itself: skill-fleet create --from DOCUMENT"
        )
    return draft


def _filed(document: Document) -> Document:
    """The document under a name that does not pass for the skill."""
    path = PurePosixPath(document.path or document.name)
    if path.name.casefold() == SKILL_FILE.casefold():
        path = path.parent.with_suffix(".md") if path.parent.name else PurePosixPath("other-skill.md")
    return replace(document, path=str(path))


def _taken_apart(draft: Draft) -> tuple[dict[str, str], list[str], list[str]]:
    """The files that come of the documents, the rows for them, and the lines that list further files."""
    lines = draft.files[SKILL_FILE].split("\n")
    made = [one for one in draft.generated if one.file == SKILL_FILE]
    table = [line for one in made if one.name == "table" for line in lines[one.first + 1 : one.last]]
    lists = [line for one in made if one.name.startswith("list of ") for line in lines[one.first - 1 : one.last]]
    return {path: text for path, text in draft.files.items() if path != SKILL_FILE}, table, lists


def _nothing(skill: str, documents: Sequence[Document], left: Mapping[str, Sequence[str]]) -> UserError:
    names = ", ".join(document.name for document in documents[:3]) + (", ..." if documents[3:] else "")
    if left:
        said = " and ".join(counted(lines, path) for path, lines in left.items())
        return UserError(
            f"Without a model, {names} cannot be worked into {skill}: {SKILL_FILE} has other words in the place of {said}.",
            f"Change the text of skills/{skill}/{SKILL_FILE} by hand, or set up a model.",
        )
    return NothingNew(f"All of {names} stands in {skill} already.", "Name another document: --from DOCUMENT")
