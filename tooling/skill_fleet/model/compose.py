"""The files of a draft, composed of the model's reply, and the account of where each source line went."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from skill_fleet.drafting import Document, Entry, Fate, Generated, LineFate, entries_of
from skill_fleet.fleet import SKILL_FILE
from skill_fleet.markdown import Markdown, new_front_matter, read_front_matter, shortened, tidy, tidy_value
from skill_fleet.model.skill_text import is_markdown
from skill_fleet.model.sources import Filled, Range, Sources

if TYPE_CHECKING:
    from skill_fleet.model.prompts import Plan, PlannedFile

_MOST_TERM = 500  # characters of a licence or a compatibility
_FILE = re.compile(r"=== FILE[ \t]+`?([^\s`]+)`?[ \t]*\Z")


def split_files(reply: str, paths: Sequence[str]) -> dict[str, str]:
    """Return the content of each file in a reply. Only the first `=== FILE` line of each of `paths` begins a file."""
    found: dict[str, list[str]] = {}
    rows: list[str] = []
    for line in reply.split("\n"):
        name = _FILE.match(line)
        if name and name[1] in paths and name[1] not in found:
            rows = found[name[1]] = []
        else:
            rows.append(line)
    return {path: "\n".join(rows).strip("\n") for path, rows in found.items()}


def compose(name: str, plan: Plan, bodies: Mapping[str, str], terms: Mapping[str, str]) -> dict[str, str]:
    """Return the files: front matter, titles, bodies, and in SKILL.md a table that says when to read which file.

    `terms` are fields of the specification that a document states itself, such as `license`.
    """
    files = {}
    for planned in plan.files:
        path, body = planned.path, bodies[planned.path]
        rows = [body]
        if is_markdown(path):
            title = planned.title.lstrip("# ") or PurePosixPath(path).stem.replace("-", " ").capitalize()
            rows = [f"# {title}", "", _without_title(body, title)]
        if path == SKILL_FILE:
            head = {"name": name, "description": plan.description, **terms}
            rows[:0] = [*new_front_matter({key: tidy_value(value) for key, value in head.items() if value}, {}), ""]
            if more := plan.files[1:]:
                rows += [
                    "",
                    "## Read more when you need it",
                    "",
                    "| Read | when you |",
                    "| --- | --- |",
                    *map(_row, more),
                ]
        files[path] = "\n".join(rows) + "\n"
    return files


def _row(file: PlannedFile) -> str:
    when = file.read_when.rstrip(".").replace("|", "\\|")
    when = re.sub(r"\A(?:read it )?when you ", "", when, flags=re.IGNORECASE)
    return f"| [{PurePosixPath(file.path).name.removesuffix('.md')}]({file.path}) | {when} |"


def _without_title(body: str, title: str) -> str:
    """A body without front matter and title of its own, which some models write whatever the prompt says, and with no
    heading above `##`."""
    head = rf"\A(?:---\n.*?\n---\n)?\n*(?:(?:# [^\n]*|## {re.escape(title)}[ \t]*)(?:\n|\Z))?"
    body = re.sub(head, "", body, count=1, flags=re.DOTALL | re.IGNORECASE).strip("\n")
    lines = body.split("\n")
    for one in Markdown(body).blocks:
        if one.info == "h1" and lines[one.start].startswith("# "):
            lines[one.start] = f"#{lines[one.start]}"
    return "\n".join(lines)


def terms_of(documents: Sequence[Document]) -> dict[str, str]:
    """Return the licence and the requirements that the first document states: a draft is a work derived from it."""
    front = read_front_matter("".join(one.text for one in documents[:1]).encode("utf-8", "replace"))
    found = {key: tidy(front.value(key) or "") for key in ("license", "compatibility")}
    return {key: shortened(value, _MOST_TERM) for key, value in found.items() if value}


def account(
    sources: Sources, filled: Mapping[str, Filled], files: Mapping[str, str], left_out: Mapping[Range, str]
) -> tuple[tuple[Entry, ...], tuple[Generated, ...]]:
    """Return the one fate of each source line, and the origin of each line of `files` that is none of them.

    A line that a section names is consumed, in the first of them. A line that was put into a file is placed, if it is
    still there.
    """
    unnamed, unseen = _left_out("no section names it"), _left_out("not shown to the model")
    fates = [[unnamed if at in one.shown else unseen for at in range(1, len(one.lines) + 1)] for one in sources.all]

    def mark(one: Range, fate: LineFate) -> None:
        fates[one.source - 1][one.first - 1 : one.last] = [fate] * (one.last - one.first + 1)

    for cited, why in left_out.items():
        mark(cited, _left_out(f"the model leaves it out: {why}"))
    for path, one in reversed([*filled.items()]):
        for heading, cited in reversed(one.cited):
            mark(cited, (Fate.CONSUMED, "", 0, f"told in {path}" + (f", {heading}" if heading else "")))
    taken: dict[str, set[int]] = {path: set() for path in files}
    for path, one in filled.items():
        for piece in one.placed:
            mine, rows, size = fates[piece.source - 1], files[path].split("\n"), len(piece.lines)
            lines = slice(piece.first - 1, piece.first - 1 + size)
            if any(fate is Fate.PLACED for fate, *_ in mine[lines]):
                continue
            places = (range(at, at + size) for at in range(len(rows) - size + 1))
            there = (at for at in places if tuple(rows[at.start : at.stop]) == piece.lines and not taken[path] & {*at})
            if at := next(there, None):
                taken[path].update(at)
                mine[lines] = [(Fate.PLACED, path, row + 1, "") for row in at]
            else:
                mine[lines] = [_left_out(f"an edit of {path} changed it or took it out")] * size
    entries = (entry for one, every in zip(sources.all, fates, strict=True) for entry in entries_of(one.name, every))
    written = (
        Generated(path, number, number, "written by the model")
        for path, text in files.items()
        for number in range(1, text.count("\n") + 1)
        if number - 1 not in taken[path]
    )
    return tuple(entries), tuple(written)


def _left_out(reason: str) -> LineFate:
    return Fate.LEFT_OUT, "", 0, reason
