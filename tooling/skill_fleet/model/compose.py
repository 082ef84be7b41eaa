"""The files of a draft, composed of the model's reply, and the account of where each source line went."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from skill_fleet.drafting import Document, Entry, Fate, Generated, LineFate, entries_of
from skill_fleet.fleet import SKILL_FILE
from skill_fleet.markdown import Block, Markdown, new_front_matter, read_front_matter, shortened, tidy, tidy_value
from skill_fleet.model.shown import RANGE, Range, Source, Sources, ranges_in

if TYPE_CHECKING:
    from skill_fleet.model.prompts import Plan, PlannedFile

_MOST_TERM = 500  # characters of a licence or a compatibility
_FILE = re.compile(r"===[ \t]+(?:FILE:?[ \t]+)?`?([^\s`]+)`?[ \t]*\Z")
_HEADING = re.compile(r"#{1,6}[ \t]+\S")
_MARK = re.compile(rf"[ \t]*(?<!\[)\[({RANGE}(?:\s*[,;]\s*{RANGE})*)\](?!\])")
_REFERENCE = re.compile(rf"([ \t]*)\[\[({RANGE})\]\][ \t]*\Z")
_FENCE = re.compile(r"((?:[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t])?[ \t]*)(`{3,}|~{3,})([^`]*)\Z")


def split_files(reply: str, paths: Sequence[str]) -> dict[str, str]:
    """Return the content of each file in a reply. Only the first `=== FILE` line of each of `paths` begins a file.

    Some models leave the word out.
    """
    found: dict[str, list[str]] = {}
    rows: list[str] = []
    for line in reply.split("\n"):
        name = _FILE.match(line)
        if name and name[1] in paths and name[1] not in found:
            rows = found[name[1]] = []
        else:
            rows.append(line)
    return {path: "\n".join(rows).strip("\n") for path, rows in found.items()}


@dataclass(frozen=True)
class Filled:
    """A text with its references filled in and its citations taken out."""

    text: str
    placed: tuple[tuple[Range, tuple[str, ...]], ...]  # lines of sources, as they are written here
    cited: tuple[tuple[str, Range], ...]  # by heading, "" before the first
    lost: tuple[str, ...]  # why references name no lines
    wrong: tuple[str, ...]  # why citations name no lines
    unclosed: str  # where a code block opens that is not closed, "" if each is


def fill_in(text: str, sources: Sources, *, whole_code: bool = False) -> Filled:
    """Put the lines that `text` refers to into it, and take its citations out. `whole_code`: the file is no Markdown, and
    a code block that some models put around all of it goes."""
    if whole_code and (whole := re.fullmatch(r"```\w*\n(.*)\n```", text, re.DOTALL)):
        text = whole[1]
    markdown = Markdown("" if whole_code else _indented(text))
    lines, fences = text.split("\n") if whole_code else markdown.lines, markdown.fences
    inside = {number: fence for fence in fences for number in range(fence.start, fence.end)}
    kept: list[str] = []
    placed: list[tuple[Range, tuple[str, ...]]] = []
    cited: list[tuple[str, Range]] = []
    lost, wrong = list[str](), list[str]()
    heading, opened = "", 0  # `opened` is where the opening line of the fence is in `kept`
    for number, line in enumerate(lines):
        fence = inside.get(number)
        if fence and fence.start == number:
            opened = len(kept)
        if reference := _REFERENCE.match(line):
            (found,) = ranges_in(reference[2])
            if why := sources.wrong(found):
                lost.append(why)
                continue
            first, rows, block = _piece(sources.all[found.source - 1], found)
            shown = [f"{reference[1]}{row}" if row else row for row in rows]
            piece = Range(found.source, first, first + len(rows) - 1), tuple(shown)
            placed.append(piece)
            marks = "`" * max([3, *(len(run) + 1 for row in rows for run in re.findall(r"^\s*(`{3,})", row))])
            if block and not fence and not whole_code:
                shown = [f"{reference[1]}{marks}{block.info}", *shown, f"{reference[1]}{marks}"]
            kept += shown
            if fence and len(marks) > 3:  # what is put in must not end the block
                for at, each in ((opened, kept), (fence.end - 1, lines)):
                    each[at] = re.sub(r"[`~]{3,}", marks, each[at], count=1)
            continue
        marked = [] if fence or whole_code else [one for mark in _MARK.findall(line) for one in ranges_in(mark)]
        if not fence and _HEADING.match(line):
            heading = tidy(line.lstrip("# "))
        cited += ((heading, one) for one in marked if not sources.wrong(one))
        wrong += filter(None, map(sources.wrong, marked))
        bare = _MARK.sub("", line).rstrip() if marked else line
        if not marked or bare.strip():
            kept.append(bare)
        elif kept and not kept[-1].strip():
            kept.pop()  # it was between two blank lines, of which one remains
    done = "\n".join(kept).strip("\n")
    result = Markdown("" if whole_code else done)
    unclosed = next(
        (f"line {one.start + 1}, {result.lines[one.start]!r}" for one in result.fences if not one.closed), ""
    )
    return Filled(done, tuple(placed), tuple(dict.fromkeys(cited)), tuple(lost), tuple(dict.fromkeys(wrong)), unclosed)


def _indented(text: str) -> str:
    """Indent references, and lines that close a fence, as their fence is: in a list, one at the margin would end it."""
    rows, margin, marks = list[str](), "", ""
    for line in text.split("\n"):
        fence = _FENCE.match(line)
        closes = bool(fence and marks and fence[2].startswith(marks) and not fence[3].strip())
        if marks and (closes or _REFERENCE.match(line)) and not line.startswith(margin):
            line = margin + line.lstrip()
        if closes:
            marks = ""
        elif fence and not marks:
            margin, marks = re.sub(r"\S", " ", fence[1]), fence[2]
        rows.append(line)
    return "\n".join(rows)


def _piece(source: Source, one: Range) -> tuple[int, list[str], Block | None]:
    """What a reference puts into a file: the number of its first line, the lines, and their code block.

    In a code block that is what of it the lines hold, without the fence; else all blocks that they touch.
    """
    start, end = one.first - 1, one.last
    touched = [each for each in source.markdown.blocks if each.start < end and start < each.end]
    held = [each for each in touched if each.kind == "fence"]
    if not (fence := max(held, key=lambda each: min(end, each.end) - max(start, each.start), default=None)):
        start = min([start, *(each.start for each in touched)])
        rows = [*source.lines[start : max([end, *(each.end for each in touched)])]]
        while len(rows) > 1 and not rows[-1].strip():
            rows.pop()
        return start + 1, rows, None
    rows = fence.content.removesuffix("\n").split("\n")
    top = fence.start + 1  # the index of its first line of code
    start, end = min(max(0, start - top), len(rows) - 1), max(1, end - top)
    return top + start + 1, rows[start:end], fence


def compose(name: str, plan: Plan, bodies: Mapping[str, str], terms: Mapping[str, str]) -> dict[str, str]:
    """Return the files: front matter, titles, bodies, and in SKILL.md a table that says when to read which file.

    `terms` are fields of the specification that a document states itself, such as `license`.
    """
    files = {}
    for planned in plan.files:
        path, body = planned.path, bodies[planned.path]
        rows = [body]
        if path.endswith(".md"):
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
    told = {one: _left_out(f"the model leaves it out: {why}") for one, why in left_out.items()}
    for path, each in reversed([*filled.items()]):
        for heading, cited in reversed(each.cited):
            told.pop(cited, None)
            told[cited] = Fate.CONSUMED, "", 0, f"told in {path}" + (f", {heading}" if heading else "")
    for cited, fate in told.items():
        fates[cited.source - 1][cited.first - 1 : cited.last] = [fate] * (cited.last - cited.first + 1)
    taken: dict[str, set[int]] = {path: set() for path in files}
    for path, (one, written) in ((path, piece) for path, each in filled.items() for piece in each.placed):
        mine, rows, lines = fates[one.source - 1], files[path].split("\n"), slice(one.first - 1, one.last)
        if any(fate is Fate.PLACED for fate, *_ in mine[lines]):
            continue
        places = (range(at, at + len(written)) for at in range(len(rows) - len(written) + 1))
        there = (at for at in places if tuple(rows[at.start : at.stop]) == written and not taken[path] & {*at})
        if at := next(there, None):
            taken[path].update(at)
            mine[lines] = [(Fate.PLACED, path, row + 1, "") for row in at]
        else:
            mine[lines] = [_left_out(f"an edit of {path} changed it or took it out")] * len(written)
    entries = (entry for one, every in zip(sources.all, fates, strict=True) for entry in entries_of(one.name, every))
    generated = (
        Generated(path, number, number, "written by the model")
        for path, text in files.items()
        for number in range(1, text.count("\n") + 1)
        if number - 1 not in taken[path]
    )
    return tuple(entries), tuple(generated)


def _left_out(reason: str) -> LineFate:
    return Fate.LEFT_OUT, "", 0, reason
