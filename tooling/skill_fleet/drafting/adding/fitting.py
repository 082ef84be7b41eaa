"""New files fitted into a skill: under names that are free, each with its row, beside everything that is there."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from skill_fleet.fleet import SKILL_FILE

ALIKE = 0.5  # of its lines, from which a text is taken for another state of the same one
_SHORT = 4  # shorter lines are alike by chance
_HEADING = "## Reference files"
_TABLE = re.compile(r"^\|[ \t]*read[ \t]*\|[ \t]*when you[ \t]*\|[ \t]*\r?$", re.IGNORECASE)
_LINK = re.compile(r"\]\(([^()\s#]+)((?:#[^()\s]*)?)\)")


@dataclass(frozen=True)
class Fitted:
    """What changes: `files` are new texts, `names` where each part went, `points` what a person has to decide."""

    files: dict[str, str]
    names: dict[str, str]
    points: tuple[str, ...]


def fit_in(
    files: Mapping[str, str],
    parts: Mapping[str, str],
    rows: Sequence[str],
    lists: Sequence[str],
    homes: Mapping[str, str] | None = None,
) -> Fitted:
    """Fit `parts` (text by path), the `rows` that tell when to read them and the `lists` of further files into `files`.

    `homes` are the files of which some parts are certainly the newer state.
    """
    names, points = dict[str, str](), list[str]()
    skipped: set[str] = set()
    body = significant(files.get(SKILL_FILE, ""))
    for path, text in parts.items():
        own = significant(text)
        there = next((name for name, other in files.items() if other == text), None)
        if there:
            names[path] = there
        elif homes and path in homes:
            names[path] = homes[path]
        elif path.endswith(".md") and own and len(own & body) >= ALIKE * len(own):
            points.append(
                f"{len(own & body)} of {len(own)} lines of {PurePosixPath(path).name} stand in {SKILL_FILE} already; "
                "what is new in it was not placed."
            )
            names[path] = SKILL_FILE
            skipped.add(path)
        elif path in files and not _is_state_of(text, files[path]):
            names[path] = _free(path, {*files, *parts, *names.values()})
        else:
            names[path] = path
    changed: dict[str, str] = {}
    for path, text in parts.items():
        new = _relinked(path, names[path], text, names) if path.endswith(".md") else text
        if path not in skipped and files.get(names[path]) != new:
            changed[names[path]] = new
            if names[path] in files:
                lost = len(significant(files[names[path]]) - significant(new))
                points.append(f"{names[path]} is replaced by its newer text; {lost} of its lines are gone.")
    skill = _listed(files.get(SKILL_FILE, ""), changed, rows, lists, names)
    if changed and skill != files.get(SKILL_FILE):
        changed[SKILL_FILE] = skill
    return Fitted(changed, names, tuple(points))


def slug(text: str) -> str:
    """A text as part of a file's name."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60].strip("-") or "overview"


def significant(text: str) -> set[str]:
    """The lines of a text without blanks at their ends, those left out that are alike by chance."""
    return {line for line in map(str.strip, text.split("\n")) if len(line) >= _SHORT}


def _is_state_of(new: str, old: str) -> bool:
    one, other = significant(new), significant(old)
    return len(one & other) >= ALIKE * min(len(one), len(other)) if one and other else new.strip() == old.strip()


def _free(path: str, taken: set[str]) -> str:
    stem, dot, ending = path.rpartition(".")
    number = 2
    while f"{stem}-{number}{dot}{ending}" in taken:
        number += 1
    return f"{stem}-{number}{dot}{ending}"


def _relinked(old: str, new: str, text: str, names: Mapping[str, str]) -> str:
    """The text of the file `old`, which stands at `new` now, with links to where the other files went."""

    def link(match: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(old), match[1]))
        if names.get(target, target) == target:
            return match[0]
        return f"]({posixpath.relpath(names[target], posixpath.dirname(new) or '.')}{match[2]})"

    return _LINK.sub(link, text)


def _listed(
    skill: str, changed: Mapping[str, str], rows: Sequence[str], lists: Sequence[str], names: Mapping[str, str]
) -> str:
    """SKILL.md with rows and lists for the files that it does not name yet; all else as it was, to the byte."""
    known = {posixpath.normpath(match[1]) for match in _LINK.finditer(skill)}
    new_rows, new_lists = (
        [row for row in (_renamed(each, names) for each in wanted) if _adds(row, changed, known)]
        for wanted in (rows, lists)
    )
    end = "\r\n" if "\r\n" in skill else "\n"
    lines = skill.split("\n")
    at = next((number for number, line in enumerate(lines) if _TABLE.match(line)), None)
    if at is not None and new_rows:
        stop = at + 1
        while stop < len(lines) and lines[stop].lstrip().startswith("|"):
            stop += 1
        tail = "\r" if end == "\r\n" else ""
        if stop == len(lines):  # the table is the last thing, without a line end
            skill = skill + end + end.join(new_rows) + end
        else:
            skill = "\n".join([*lines[:stop], *(row + tail for row in new_rows), *lines[stop:]])
        new_rows = []
    blocks = [[_HEADING, "", "| Read | when you |", "| --- | --- |", *new_rows]] if new_rows else []
    blocks += [[line] for line in new_lists]
    for block in blocks:
        skill += ("" if skill.endswith("\n") else end) + end + end.join(block) + end
    return skill


def _renamed(row: str, names: Mapping[str, str]) -> str:
    """A row with its links, and what they are called, as the files are called now."""
    for old, new in names.items():
        row = row.replace(f"[{PurePosixPath(old).stem}]({old})", f"[{PurePosixPath(new).stem}]({new})")
    return _relinked(SKILL_FILE, SKILL_FILE, row, names)


def _adds(row: str, changed: Mapping[str, str], known: set[str]) -> bool:
    """Whether a row leads to a file that is new, and that nothing led to."""
    targets = {posixpath.normpath(match[1]) for match in _LINK.finditer(row)}
    return bool((targets & changed.keys()) - known)
