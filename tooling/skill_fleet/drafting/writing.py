"""The files of a skill, written line by line, and the ledger: one fate for each source line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import PurePosixPath

from skill_fleet.drafting.dumps import Part
from skill_fleet.drafting.links import Places, rewrite
from skill_fleet.drafting.page import ATTRIBUTES, numbered
from skill_fleet.drafting.planning import Chunk, File, Plan
from skill_fleet.drafting.selection import Selection, page_of
from skill_fleet.drafting.types import Draft, Entry, Fate, Generated

_CUT = "The source is cut here."
_SEAM = "blank line at a seam"
_INCLUDE = re.compile(
    r"\s*(?:\{\*\s*(\S{1,300})[^{}]{0,200}\*\}|include::([^\[\]\s]{1,300})\[.{0,200}\]|(?:;\s*)?--8<--\s+[\"']([^\"'\s]{1,300})[\"']"
    r"|\{\{#(?:include|rustdoc_include|playground)\s+([^\s:{}]{1,300})[^{}]{0,100}\}\}|::: (\w+(?:\.\w+)+))\s*$"
)
_MARKS = re.compile(r"( {0,3})(#{1,6})(?=[ \t]|$)")


@dataclass(frozen=True, eq=False)
class Written:
    """The texts of the files, the ledger, the generated blocks, and what was missing, with the lines that name it."""

    texts: dict[str, str]
    ledger: tuple[Entry, ...]
    generated: tuple[Generated, ...]
    missing_links: dict[str, list[tuple[str, int]]]
    missing_includes: dict[str, list[tuple[str, int]]]


@dataclass(frozen=True)
class _Fate:
    """What became of a source line."""

    fate: Fate
    reason: str = ""
    file: str = ""
    line: int = 0


def write(made: Plan, selection: Selection) -> Written:
    """Write the files of a plan."""
    writer = _Writer(made, selection)
    fates = {
        one.name: [_Fate(Fate.CONSUMED, _SEAM)] * len(one.text.removesuffix("\n").split("\n") if one.text else ())
        for one in selection.documents
    }
    spans = [(name, first, last, _Fate(Fate.CONSUMED, why)) for name, first, last, why in made.consumed]
    spans += [(name, first, last, _Fate(Fate.CONSUMED, why)) for name, first, last, why in selection.consumed]
    for one, why in selection.left_out:
        spans.append((one.document, one.first, one.first + len(one.lines), _Fate(Fate.LEFT_OUT, why)))
    for one in selection.texts:
        spans.append((one.document, one.first, one.first + page_of(one).start, _Fate(Fate.CONSUMED, "front matter")))
    for name, first, last, fate in spans:
        for line in range(max(first, 0), last):
            fates[name][line] = fate
    texts: dict[str, str] = {}
    generated: list[Generated] = []
    for file in made.files:
        lines = writer.write(file)
        texts[file.path] = "\n".join(line for line, _ in lines) + "\n"
        for number, (_, origin) in enumerate(lines, 1):
            if isinstance(origin, tuple):
                fates[origin[0]][origin[1]] = _Fate(Fate.PLACED, "", file.path, number)
        for name, group in groupby(
            enumerate(lines, 1), key=lambda row: row[1][1] if isinstance(row[1][1], str) else ""
        ):
            numbers = [number for number, _ in group]
            generated += [Generated(file.path, numbers[0], numbers[-1], name)] if name else []
    for name, number in writer.resolved:
        fates[name][number] = _Fate(Fate.CONSUMED, "include of a source")
    ledger = tuple(entry for name, all_of in fates.items() for entry in _entries(name, all_of))
    return Written(texts, ledger, tuple(generated), writer.places.missing, writer.includes)


def _entries(name: str, fates: Sequence[_Fate]) -> list[Entry]:
    """Runs of lines with the same fate, placed ones in lines that follow each other."""
    found: list[Entry] = []
    runs = groupby(
        enumerate(fates, 1),
        key=lambda row: (row[1].fate, row[1].reason, row[1].file, row[1].line and row[1].line - row[0]),
    )
    for _, group in runs:
        rows = [*group]
        one = rows[0][1]
        found.append(Entry(name, rows[0][0], rows[-1][0], one.fate, one.file, one.line, one.reason))
    return found


class _Writer:
    """Writes files one after the other, as lines with their origins: (document, line from 0), or a generated block's name."""

    def __init__(self, made: Plan, selection: Selection) -> None:
        chunks = [one for file in made.files for one in file.content if isinstance(one, Chunk)]
        self.places = Places(
            {one.part.path: (one.part, one.page) for one in chunks},
            {one.page: [""] * len(one.page.lines) for one in chunks},
        )
        self.gone = {(name, line) for name, first, last, _ in made.consumed for line in range(first, last)}
        self.spare = {part.path: part for part, _ in selection.left_out if part.lines}
        self.includes: dict[str, list[tuple[str, int]]] = {}
        self.resolved: list[tuple[str, int]] = []
        self.lines: list[tuple[str, tuple[str, int] | str]] = []
        for file in made.files:
            self._survey(file)

    def _survey(self, file: File) -> None:
        """Note the file of each line and the anchor of each heading, before links are written."""
        seen: dict[str, int] = {}
        for one in file.content:
            if isinstance(one, Chunk):
                self.places.homes[one.page][one.first : one.last] = [file.path] * (one.last - one.first)
                for line in range(one.first, one.last):
                    if section := one.page.headings.get(line):
                        self.places.anchors[one.page, line] = numbered(section.raw, seen)
            else:
                for text in one.lines:
                    _ = numbered(text.lstrip("#").strip(), seen) if text.startswith("#") else ""

    def write(self, file: File) -> list[tuple[str, tuple[str, int] | str]]:
        """The lines of a file, without blank ones at its end."""
        self.lines = []
        for one in file.content:
            if isinstance(one, Chunk):
                self._chunk(one, file.path)
            else:
                self._add(one.name, *one.lines)
        while self.lines and not self.lines[-1][0].strip():
            self.lines.pop()
        return self.lines

    def _is_blank(self) -> bool:
        """Whether nothing comes right before the next line."""
        return not self.lines or not self.lines[-1][0].strip()

    def _add(self, name: str, *lines: str) -> None:
        """Add generated lines, but no second blank one."""
        for line in lines:
            if line.strip() or not self._is_blank():
                self.lines.append((line, name))

    def _chunk(self, chunk: Chunk, file: str) -> None:
        part, page, begin, closing = chunk.part, chunk.page, chunk.first, chunk.page.closing
        if part.cut_head and begin == page.start:
            self._add("cut source", _CUT, "", *(["```text"] if part.opened else []))
            begin += part.opened
        for at in range(begin, chunk.last):
            line, source = page.lines[at], (part.document, part.first + at)
            skipped = not line.strip() and (not self.lines or (at == begin and self._is_blank()))
            if skipped or source in self.gone:
                continue
            if at in closing and at > begin:
                self._add("closed fence", closing[at])
            if (found := _included(line)) and self._include(found, source, chunk):
                continue
            if at in page.headings:
                line = ATTRIBUTES.sub(lambda found, line=line: " " if line[found.end() :].strip() else "", line)
                if chunk.shift and (mark := _MARKS.match(line)):
                    line = f"{mark[1]}{'#' * max(1, len(mark[2]) - chunk.shift)}{line[mark.end() :]}"
            elif at - 1 in page.headings and chunk.shift and {*line.strip()} == {"-"}:
                line = line.replace("-", "=")
            if at not in page.code:
                line = rewrite(line, at, part, page, file, self.places)
            self.lines.append((line, source))
        if chunk.last == len(page.lines) and file.endswith(".md"):
            self._add("closed fence", *([closing[chunk.last]] if chunk.last in closing else []))
            self._add("cut source", *(["", _CUT] if part.cut_tail else []))

    def _include(self, path: str, source: tuple[str, int], chunk: Chunk) -> bool:
        """Write the file that a line includes, if it is among those that were not chosen; else note that it is missing."""
        name = str(PurePosixPath(path.lstrip("./"))).replace("../", "")
        names = (str(PurePosixPath(chunk.part.path).parent / name), name)
        other = next((self.spare.pop(one) for one in names if one in self.spare), None)
        if other is None:
            self.includes.setdefault(path, []).append((source[0], source[1] + 1))
            return False
        fenced = any(fence.first < source[1] - chunk.part.first < fence.last for fence in chunk.page.fences)
        self._add("fence of an included file", *([] if fenced else [f"```{PurePosixPath(other.path).suffix[1:]}"]))
        self.lines += [(line, (other.document, other.first + at)) for at, line in enumerate(other.lines)]
        self._add("fence of an included file", *([] if fenced else ["```"]))
        self.resolved.append(source)
        return True


def _included(line: str) -> str:
    """The path that a line includes, as MkDocs, mdBook, AsciiDoc or pymdownx write it; "" if it includes none."""
    found = _INCLUDE.match(line[:600]) if any(mark in line for mark in ("::", "{*", "--8<--", "{{#")) else None
    return next(filter(None, found.groups())) if found else ""


def render_ledger(draft: Draft, full: bool, most: int = 0) -> str:
    """The ledger as Markdown: a line for each document (for a commit), or every range (for a pull request).

    With `most`, it is cut at that many characters, and says so.
    """
    lines: list[str] = []
    for document, group in groupby(draft.ledger, key=lambda entry: entry.document):
        entries = list(group)
        count = {fate: sum(one.last - one.first + 1 for one in entries if one.fate is fate) for fate in Fate}
        lines.append(f"- {document}: {', '.join(f'{number} {fate}' for fate, number in count.items() if number)}")
        if not full:
            reasons = dict.fromkeys(one.reason for one in entries if one.fate is Fate.LEFT_OUT)
            lines += [f"  - left out: {reason}" for reason in [*reasons][:12]]
            continue
        lines += ["", "| Lines | Fate | Where or why |", "| --- | --- | --- |"]
        for one in entries:
            where = f"{one.file}:{one.line}" if one.file else one.reason
            span = str(one.first) if one.first == one.last else f"{one.first}-{one.last}"
            lines += [f"| {span} | {one.fate} | {where.replace('|', chr(92) + '|')} |"] if where != _SEAM else []
        lines.append("")
    text = "\n".join(lines).rstrip("\n") + "\n"
    if most and len(text) > most:
        note = "_Cut here. All of it: `skill-fleet create ... --format json`, under `ledger`._"
        text = f"{text[: max(most - len(note) - 3, 0)].rpartition(chr(10))[0]}\n\n{note}\n"
    return text
