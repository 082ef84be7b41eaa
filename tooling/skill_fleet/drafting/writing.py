"""The files of a skill, written line by line, and the ledger: one fate for each source line.

Links follow what moved: an anchor gives file#anchor, a target among the sources its file, others become text.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape, unescape
from itertools import groupby
from pathlib import PurePosixPath
from urllib.parse import unquote

from skill_fleet.drafting.dumps import Part
from skill_fleet.drafting.page import ATTRIBUTES, Page, included_path, numbered
from skill_fleet.drafting.planning import Chunk, File
from skill_fleet.drafting.selection import Selection, page_of
from skill_fleet.drafting.types import Draft, Entry, Fate, Generated, LineFate, entries_of
from skill_fleet.markdown import DEFINITION, links_on, without_code

_CUT = "The source is cut here."
_SEAM = "blank line at a seam"
_ELSEWHERE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//|\{|<|\$|\.\.\.")
_TAG = re.compile(
    r"<(?P<name>a|img|source|video|audio)\b[^<>]{0,300}?\s(?:href|src)\s{0,4}=\s{0,4}(?P<quote>[\"'])(?P<to>[^<>\"']{1,400})(?P=quote)"
    r"[^<>]{0,300}>",
    re.IGNORECASE,
)
_ALT = re.compile(r"\salt\s{0,4}=\s{0,4}[\"']([^<>\"']{1,300})[\"']", re.IGNORECASE)
_MARKS = re.compile(r"( {0,3})(#{1,6})(?=[ \t]|$)")


_Origin = tuple[str, int] | str  # of a written line: document and line from 0, or what a generated one is


@dataclass(frozen=True, eq=False)
class Written:
    """The texts of the files, the ledger, the generated blocks, and what was missing, with the lines that name it."""

    texts: dict[str, str]
    ledger: tuple[Entry, ...]
    generated: tuple[Generated, ...]
    missing_links: dict[str, list[tuple[str, int]]]
    missing_includes: dict[str, list[tuple[str, int]]]


def write(files: Sequence[File], selection: Selection) -> Written:
    """Write the files of a plan."""
    writer = _Writer(files, selection)
    spans = [*selection.consumed]
    spans += [(one.document, one.first, one.first + page_of(one).start, "front matter") for one in selection.texts]
    left = [(one.document, one.first, one.first + len(one.lines), why) for one, why in selection.left_out]
    fates: dict[str, list[LineFate]] = {
        one.name: [(Fate.CONSUMED, "", 0, _SEAM)] * (len(one.text.removesuffix("\n").split("\n")) if one.text else 0)
        for one in selection.documents
    }
    for fate, some in ((Fate.CONSUMED, spans), (Fate.LEFT_OUT, left)):
        for name, first, last, why in some:
            for line in range(max(first, 0), last):
                fates[name][line] = (fate, "", 0, why)
    texts: dict[str, str] = {}
    generated: list[Generated] = []
    for file in files:
        lines = writer.write(file)
        texts[file.path] = "\n".join(line for line, _ in lines) + "\n"
        number = 1
        for name, group in groupby(origin if isinstance(origin, str) else "" for _, origin in lines):
            last = number + len([*group])
            generated += [Generated(file.path, number, last - 1, name)] if name else []
            number = last
        for number, (_, origin) in enumerate(lines, 1):
            if isinstance(origin, tuple):
                fates[origin[0]][origin[1]] = (Fate.PLACED, file.path, number, "")
    for name, number in writer.resolved:
        fates[name][number] = (Fate.CONSUMED, "", 0, "include of a source")
    ledger: list[Entry] = []
    for name, every in fates.items():
        ledger += entries_of(name, every)
    return Written(texts, tuple(ledger), tuple(generated), writer.places.missing, writer.includes)


class _Writer:
    """Writes files one after the other, as lines with their origins."""

    def __init__(self, files: Sequence[File], selection: Selection) -> None:
        chunks = [one for file in files for one in file.content if isinstance(one, Chunk)]
        pages = {one.part.path: one.page for one in chunks}
        self.places = Places(pages, {one: [""] * len(one.lines) for one in {one.page for one in chunks}})
        self.spare = {part.path: part for part, _ in selection.left_out if part.lines}
        self.includes: dict[str, list[tuple[str, int]]] = {}
        self.resolved: list[tuple[str, int]] = []
        self.lines: list[tuple[str, _Origin]] = []
        for file in files:
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
                for text in (text for text in one.lines if text.startswith("#")):
                    numbered(text.lstrip("#").strip(), seen)

    def write(self, file: File) -> list[tuple[str, _Origin]]:
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
            if not line.strip() and (not self.lines or (at == begin and self._is_blank())):
                continue
            if at in closing and at > begin:
                self._add("closed fence", closing[at])
            if (found := included_path(line)) and self._include(found, source, chunk):
                continue
            if at in page.headings:
                line = ATTRIBUTES.sub(" ", line).rstrip() if "{" in line else line
                if chunk.shift and (mark := _MARKS.match(line)):
                    line = f"{mark[1]}{'#' * max(1, len(mark[2]) - chunk.shift)}{line[mark.end() :]}"
            elif at - 1 in page.headings and chunk.shift and {*line.strip()} == {"-"}:
                line = line.replace("-", "=")
            if at not in page.code or at in page.html:
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


@dataclass(frozen=True, eq=False)
class Places:
    """Where everything went."""

    pages: Mapping[str, Page]
    """By path of the part."""
    homes: dict[Page, list[str]]
    """The file of each line of a page ("" for none)."""
    anchors: dict[tuple[Page, int], str] = field(default_factory=dict)
    """The anchor of the heading on a line of a page."""
    missing: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    """Targets that are not among the sources, with the lines (document, from 1) that link there."""

    def find(self, path: str, folder: str) -> Page | None:
        """The page that a path leads to from a folder, with or without its ending."""
        whole = posixpath.normpath(posixpath.join("" if path.startswith("/") else folder, unquote(path).lstrip("/")))
        names = (whole, f"{whole}.md", f"{whole.removesuffix('.html')}.md")
        return next((self.pages[name] for name in names if name in self.pages), None)

    def resolve(self, to: str, part: Part, page: Page, file: str) -> str | None:
        """A target of a page as `file` writes it; None if it is not among the sources."""
        if not to or _ELSEWHERE.match(to):
            return to
        path, _, name = to.partition("#")
        path = path.partition("?")[0]
        other = self.find(path, posixpath.dirname(part.path)) if path else page
        if other is None:
            return None
        name = unquote(name)
        line = other.targets.get(name.lower()) if name else None
        if line is None and not path:
            return None
        homes = self.homes[other]
        home = homes[line] if line is not None else next(filter(None, homes), "")
        word = "" if line is None else self.anchors.get((other, line), name)
        if not home:
            return None
        relative = "" if home == file else posixpath.relpath(home, posixpath.dirname(file) or ".").replace(" ", "%20")
        return (relative + (f"#{word}" if word else "")) or posixpath.basename(file)


def rewrite(line: str, at: int, part: Part, page: Page, file: str, places: Places) -> str:
    """Line `at` of a page as it reads in `file`."""
    is_html = at in page.html
    changes = _tag_changes(line, is_html, at, part, page, file, places) if "<" in line else []
    if not is_html and "]:" in line and (own := DEFINITION.match(line)):  # a label on two lines is used as it is
        to = own["to"].strip("<>")
        new = places.resolve(to, part, page, file)
        changes += [(*own.span("to"), new)] if new and new != to else []
    for link in links_on(line) if "]" in line and not is_html else ():
        defined = page.definitions.get(" ".join(link.label.lower().split())) if link.label else None
        if link.label and (defined is None or defined[0] == at):
            continue
        to = defined[1] if defined else link.to
        new = places.resolve(to, part, page, file)
        if new is None:
            places.missing.setdefault(to, []).append((part.document, part.first + at + 1))
            code = to.replace("`", "")
            is_said = at in page.headings or link.text.strip(" `") == code
            changes += [(link.start, line.index("[", link.start) + 1, "")] if link.start >= 0 else []
            changes.append(
                (link.close + (link.start < 0), link.end, "" if is_said else f"{' ' * bool(link.text)}(`{code}`)")
            )
        elif defined and (new != to or places.homes[page][defined[0]] != file):
            changes.append((link.close, link.end, f"]({new})"))
        elif not defined and new != to and link.at[1] > link.at[0]:
            changes.append((*link.at, new))
    out, done = [], 0
    for start, end, text in sorted(changes):
        if start >= done:
            out += [line[done:start], text]
            done = end
    return "".join([*out, line[done:]])


def _tag_changes(
    line: str, is_html: bool, at: int, part: Part, page: Page, file: str, places: Places
) -> list[tuple[int, int, str]]:
    """The changes of links and images in HTML: each follows what moved, or becomes its text and its target as code."""
    changes: list[tuple[int, int, str]] = []
    for tag in _TAG.finditer(line if is_html else without_code(line)):
        to = unescape(tag["to"])
        new = places.resolve(unquote(to), part, page, file)
        if new is None:
            places.missing.setdefault(to, []).append((part.document, part.first + at + 1))
            shown, words = f"(`{to.replace('`', '')}`)", _ALT.search(tag[0])
            close = line.find("</a>", tag.end()) if tag["name"].lower() == "a" else -1
            if close >= 0:
                changes += [(*tag.span(), ""), (close, close + 4, f" {shown}")]
            else:
                changes.append((*tag.span(), f"{words[1]} {shown}" if words else shown))
        elif new != unquote(to):
            changes.append((*tag.span("to"), escape(new)))
    return changes


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
