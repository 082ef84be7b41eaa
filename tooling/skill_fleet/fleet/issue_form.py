"""The issue form that asks for a skill: the categories it offers are those of the taxonomy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from skill_fleet.fleet.fleet import Fleet
from skill_fleet.git import EXECUTABLE, REGULAR

FORM_FILE = ".github/ISSUE_TEMPLATE/skill.yml"

_BEGIN, _END = "# categories: begin", "# categories: end"


class OutdatedForm(NamedTuple):
    """A form that offers other categories than the taxonomy has: the line of its list, and the form as it should be."""

    line: int
    content: bytes


def outdated_form(fleet: Fleet) -> OutdatedForm | None:
    """Compare the fleet's form with its taxonomy; None when it is up to date, or has no list to keep up to date."""
    entry = next((each for each in fleet.tree.entries if each.path == FORM_FILE), None)
    if entry is None or entry.mode not in (REGULAR, EXECUTABLE) or fleet.taxonomy.faults:
        return None
    before = fleet.tree.read(entry).decode("utf-8", "surrogateescape")
    after, line = _with_categories(before, fleet.taxonomy.categories)
    return None if after == before else OutdatedForm(line, after.encode("utf-8", "surrogateescape"))


def _with_categories(form: str, categories: Iterable[str]) -> tuple[str, int]:
    """Return the form with `categories` between its two marker comments, and the line number of the first marker."""
    lines = form.split("\n")
    begin = next((at for at, line in enumerate(lines) if line.lstrip().startswith(_BEGIN)), len(lines))
    end = next((at for at in range(begin + 1, len(lines)) if lines[at].lstrip().startswith(_END)), None)
    if end is None:
        return form, 0
    indent, ending = lines[begin].partition("#")[0], "\r" if lines[begin].endswith("\r") else ""
    rows = (f'{indent}- "{category}"{ending}' for category in categories)
    return "\n".join([*lines[: begin + 1], *rows, *lines[end:]]), begin + 1
