"""The files of a skill, written line by line, and the ledger: one fate for each source line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import PurePosixPath

from skill_fleet.drafting.dumps import Part
from skill_fleet.drafting.links import Map, anchor, included, rewrite, without_attributes
from skill_fleet.drafting.page import ATX, Page, Section, plain_page
from skill_fleet.drafting.selection import Selection, page_of
from skill_fleet.drafting.splitting import sections_to_move, top_sections
from skill_fleet.drafting.types import Draft, Entry, Fate, Generated
from skill_fleet.fleet import SKILL_FILE
from skill_fleet.markdown import stem

CONTENTS_FROM = 300  # lines of a reference from which it gets a list of contents
CUT = "The source is cut here."
TABLE = ("## Reference files", "", "| Read | For |", "| --- | --- |")
SEAM = "blank line at a seam"
_SCRIPTS = {".py", ".sh", ".bash", ".zsh", ".js", ".mjs", ".ts", ".rb", ".pl", ".ps1", ".lua", ".php", ".awk"}
_SUBHEADINGS, _ABOUT = 6, 160  # headings and characters in a row of the table


@dataclass(frozen=True, eq=False)
class Block:
    """Generated lines, and what they are."""

    name: str
    lines: Sequence[str]


@dataclass(frozen=True, eq=False)
class Chunk:
    """Lines `first` up to `last` of a page (from 0), their headings raised by `shift` levels."""

    part: Part
    page: Page
    first: int
    last: int
    shift: int = 0


@dataclass(eq=False)
class File:
    """A file to be written: what it is made of, and what the table of references says of it."""

    path: str
    content: list[Block | Chunk]
    about: str = ""


@dataclass(eq=False)
class Plan:
    """The files of a skill and the source lines that go nowhere, as (document, first, last from 0, reason)."""

    files: list[File]
    consumed: list[tuple[str, int, int, str]] = field(default_factory=list)


@dataclass(eq=False)
class Written:
    """The texts of the files, the ledger, the generated blocks, and what was missing: link targets and includes."""

    texts: dict[str, str]
    ledger: tuple[Entry, ...]
    generated: tuple[Generated, ...]
    places: Map
    includes: dict[str, list[tuple[str, int]]]


def plan(selection: Selection, front: Sequence[str], head: Sequence[str], taken: Sequence[str] = ()) -> Plan:
    """What each file is made of. `front` is the front matter, `head` what follows the title in SKILL.md.

    `taken` are stems of references that exist.
    """
    made = Plan([File(SKILL_FILE, [Block("front matter", [*front, ""])])])
    names = [*taken, *(PurePosixPath(part.path).stem for part in selection.references if _is_skill(selection))]
    skill = made.files[0]
    rest: list[Block | Chunk] = []
    moved: Sequence[Section] = ()
    if selection.main:
        page = page_of(selection.main)
        moved = sections_to_move(page)
        begin = page.start
        tops = top_sections(page)
        cut = tops[0].first if tops else len(page.lines)
        title = next(iter(page.headings.values()), None)
        if not page.title or title is None:
            skill.content.append(Block("title", [f"# {head[0]}", ""]))
        after = title.body if title and title.level == 1 and head[1:] and title.at < cut else begin
        skill.content += _chunks(selection.main, page, begin, after, moved)
        skill.content += [Block("scope", ["", *head[1:], ""])] if head[1:] else []
        skill.content += _chunks(selection.main, page, after, cut, moved)
        rest = _chunks(selection.main, page, cut, len(page.lines), moved)
        if moved:
            made.consumed += _contents(selection.main, page)
    else:
        skill.content.append(Block("title", [f"# {head[0]}", "", *head[1:], ""]))
    for section in moved:
        assert selection.main is not None
        name = stem(section.raw, names)
        names.append(name)
        chunk = Chunk(selection.main, page, section.first, section.last, section.level - 1)
        made.files.append(File(f"references/{name}.md", [chunk], _about(section)))
    base = PurePosixPath(selection.main.path).parent if selection.main else PurePosixPath()
    kept = _is_skill(selection)
    for part in selection.references:
        page = page_of(part)
        own = PurePosixPath(part.path)
        inside = kept and base in own.parents
        name = stem(page.title or page.matter.get("title", "") or own.stem, names, own.stem)
        names.append(name)
        path = str(own.relative_to(base)) if inside else f"references/{name}.md"
        lead = [] if page.title else [Block("title", [f"# {page.matter.get('title') or readable(own.stem)}", ""])]
        whole = page.title or page.matter.get("title", "") or readable(own.stem)
        made.files.append(
            File(path, [*lead, *_chunks(part, page, page.start, len(page.lines), ())], _about(page.root, whole))
        )
    table = [file for file in made.files[1:] if not kept or file.path not in _mentioned(selection.main)]
    rows = [f"| [{PurePosixPath(file.path).stem}]({file.path.replace(' ', '%20')}) | {file.about} |" for file in table]
    skill.content += [Block("table of references", ["", *TABLE, *rows, ""])] if rows else []
    skill.content += rest
    made.files += _raw(selection, base if kept else None)
    for file in made.files[1:]:
        _add_contents(file)
    return made


def _is_skill(selection: Selection) -> bool:
    return selection.main is not None and PurePosixPath(selection.main.path).name.lower() == "skill.md"


def _mentioned(part: Part | None) -> str:
    return "\n".join(part.lines) if part else ""


def readable(name: str) -> str:
    """A file's name as a title."""
    words = " ".join(name.replace("_", "-").split("-"))
    return words[:1].upper() + words[1:]


def _chunks(part: Part, page: Page, first: int, last: int, moved: Sequence[Section]) -> list[Block | Chunk]:
    """Lines of a page without the sections that move."""
    found: list[Block | Chunk] = []
    at = first
    for section in moved:
        if first <= section.first < last:
            found += [Chunk(part, page, at, section.first)] if section.first > at else []
            at = max(at, section.last)
    return [*found, Chunk(part, page, at, last)] if last > at else found


def _about(section: Section, title: str = "") -> str:
    children = section.children
    while len(children) == 1 and not section.title:
        children = children[0].children
    names = [child.title for child in children if child.title]
    shown = names[:_SUBHEADINGS]
    while len(", ".join(shown)) > _ABOUT and len(shown) > 1:
        shown.pop()
    more = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
    text = (section.title or title) + (f": {', '.join(shown)}{more}" if shown else "")
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "\\<").replace("[", "\\[").replace("{{", "{ {")


def _contents(part: Part, page: Page) -> Iterator[tuple[str, int, int, str]]:
    """The list of contents of a page that is split: a section of nothing but links to its own headings."""
    for section in page.headings.values():
        if section.title.lower().rstrip(":") in ("contents", "table of contents", "toc"):
            lines = [line.strip() for line in page.lines[section.body : section.last] if line.strip()]
            if lines and all(line[:1] in "-*+123456789" and "](#" in line for line in lines):
                yield part.document, part.first + section.first, part.first + section.last, "list of contents"
            return


def _add_contents(file: File) -> None:
    """Contents at the head of a long reference."""
    if sum(one.last - one.first for one in file.content if isinstance(one, Chunk)) <= CONTENTS_FROM:
        return
    at = next((at for at, one in enumerate(file.content) if isinstance(one, Chunk)), 0)
    chunk = file.content[at]
    if not isinstance(chunk, Chunk) or not file.path.endswith(".md"):
        return
    inside = [one for line, one in chunk.page.headings.items() if chunk.first <= line < chunk.last]
    top = (
        inside[0]
        if (inside and inside[0].first == chunk.first) or (len({one.level for one in inside}) > 1 and inside)
        else None
    )
    heads = top.children if top else inside
    if top is None or len(heads) < 2 or any("](#" in line for line in chunk.page.lines[top.body : top.body + 12]):
        return
    seen: dict[str, int] = {}
    links = []
    for section in inside:
        word = anchor(section.raw)
        count = seen[word] = seen.get(word, -1) + 1
        if section in heads:
            title = section.title.replace("[", "\\[").replace("]", "\\]").replace("<", "\\<")
            links.append(f"- [{title}](#{word}{f'-{count}' if count else ''})")
    body = Chunk(chunk.part, chunk.page, top.body, chunk.last, chunk.shift)
    file.content[at : at + 1] = [
        Chunk(chunk.part, chunk.page, chunk.first, top.body, chunk.shift),
        Block("contents", ["", *links, ""]),
        body,
    ]


def _raw(selection: Selection, base: PurePosixPath | None) -> list[File]:
    files: list[File] = []
    names: set[str] = set()
    for part in selection.files:
        own = PurePosixPath(part.path)
        folder = "scripts" if own.suffix.lower() in _SCRIPTS else "assets"
        path = str(own.relative_to(base)) if base is not None and base in own.parents else f"{folder}/{own.name}"
        while path in names:
            path = f"{path.rpartition('.')[0]}-{len(names)}{own.suffix}"
        names.add(path)
        page = plain_page(part.lines)
        files.append(File(path, [Chunk(part, page, 0, len(part.lines))]))
    return files


class _Writer:
    """Lines of one file with their origins: (document, line from 0), or the name of a generated block."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.origins: list[tuple[str, int] | str] = []

    def add(self, line: str, origin: tuple[str, int] | str) -> bool:
        """Add a line, but no second blank one for a blank one that is generated or at the beginning."""
        if not line.strip() and (not self.lines or not self.lines[-1].strip()) and isinstance(origin, str):
            return False
        self.lines.append(line)
        self.origins.append(origin)
        return True

    def close(self) -> None:
        """Drop blank lines at the end."""
        while self.lines and not self.lines[-1].strip():
            self.lines.pop()
            self.origins.pop()


def write(made: Plan, selection: Selection) -> Written:
    """Write the files of a plan."""
    parts = [part for part in (selection.main, *selection.references) if part]
    chunks = [one for file in made.files for one in file.content if isinstance(one, Chunk)]
    places = Map({chunk.part.path: (chunk.part, chunk.page) for chunk in chunks})
    for chunk in chunks:
        places.homes[id(chunk.page)] = [""] * len(chunk.page.lines)
    for file in made.files:
        _survey(file, places)
    spare = {part.path: part for part, _ in selection.left_out if part.lines}
    includes: dict[str, list[tuple[str, int]]] = {}
    fates: dict[str, list[tuple[Fate, str, int, str] | None]] = {
        one.name: [None] * _count(one.text) for one in selection.documents
    }
    unwritten = {(name, line) for name, first, last, why in made.consumed for line in range(first, last)}
    for name, first, last, why in (*made.consumed, *selection.consumed):
        fates[name][first:last] = [(Fate.CONSUMED, "", 0, why)] * (last - first)
    for part, why in selection.left_out:
        fates[part.document][part.first : part.first + len(part.lines)] = [(Fate.LEFT_OUT, "", 0, why)] * len(
            part.lines
        )
    for part in parts:
        start = page_of(part).start
        fates[part.document][part.first : part.first + start] = [(Fate.CONSUMED, "", 0, "front matter")] * start
    texts: dict[str, str] = {}
    generated: list[Generated] = []
    skipped = {*unwritten}
    for file in made.files:
        out = _Writer()
        for one in file.content:
            if isinstance(one, Block):
                for line in one.lines:
                    out.add(line, one.name)
            else:
                _put(one, file.path, out, places, unwritten, spare, includes)
        out.close()
        texts[file.path] = "\n".join(out.lines) + "\n"
        for at, origin in enumerate(out.origins):
            if isinstance(origin, tuple):
                fates[origin[0]][origin[1]] = (Fate.PLACED, file.path, at + 1, "")
        for name, group in groupby(
            enumerate(out.origins, 1), key=lambda pair: pair[1] if isinstance(pair[1], str) else ""
        ):
            numbers = [number for number, _ in group]
            generated += [Generated(file.path, numbers[0], numbers[-1], name)] if name else []
    for name, number in unwritten - skipped:
        fates[name][number] = (Fate.CONSUMED, "", 0, "include of a source")
    return Written(texts, tuple(_entries(fates)), tuple(generated), places, includes)


def _count(text: str) -> int:
    return text.count("\n") + (not text.endswith("\n")) if text else 0


def _survey(file: File, places: Map) -> None:
    """Note the file of each line and the anchor of each heading, before links are written."""
    seen: dict[str, int] = {}
    for one in file.content:
        if isinstance(one, Block):
            raws = [(-1, line.lstrip("#").strip()) for line in one.lines if line.startswith("#")]
        else:
            places.homes[id(one.page)][one.first : one.last] = [file.path] * (one.last - one.first)
            raws = [
                (line, section.raw) for line in range(one.first, one.last) if (section := one.page.headings.get(line))
            ]
        for line, raw in raws:
            word = anchor(raw)
            count = seen[word] = seen.get(word, -1) + 1
            if isinstance(one, Chunk):
                places.anchors[id(one.page), line] = f"{word}-{count}" if count else word


def _put(
    chunk: Chunk, file: str, out: _Writer, places: Map, unwritten: set[tuple[str, int]], spare: dict[str, Part],
    includes: dict[str, list[tuple[str, int]]],
) -> None:  # fmt: skip
    part, page = chunk.part, chunk.page
    closing = page.closing
    begin = chunk.first
    if part.cut_head and begin == page.start:
        for line in (CUT, "", *(["```text"] if part.opened else [])):
            out.add(line, "cut source")
        begin += part.opened
    for at in range(begin, chunk.last):
        line, source = page.lines[at], (part.document, part.first + at)
        if source in unwritten or (not line.strip() and (not out.lines or (at == begin and not out.lines[-1].strip()))):
            continue
        if (
            at > begin
            and source[1]
            and (part.document, source[1] - 1) in unwritten
            and out.lines
            and out.lines[-1].strip()
        ):
            out.add("", "seam")
        if at in closing and at > begin:
            out.add(closing[at], "closed fence")
        if path := included(line):
            if found := _included(path, part, spare):
                fenced = any(fence.first < at < fence.last for fence in page.fences)
                if not fenced:
                    out.add(f"```{PurePosixPath(found.path).suffix[1:]}", "fence of an included file")
                for number, text in enumerate(found.lines):
                    out.add(text, (found.document, found.first + number))
                if not fenced:
                    out.add("```", "fence of an included file")
                spare.pop(found.path)
                unwritten.add(source)
                continue
            includes.setdefault(path, []).append((part.document, source[1] + 1))
        if at in page.headings:
            line = _raised(without_attributes(line), chunk.shift)
        elif at - 1 in page.headings and chunk.shift and line.strip() and set(line.strip()) == {"-"}:
            line = line.replace("-", "=")
        if at not in page.code:
            line = rewrite(line, at, part, page, file, places)
        out.add(line, source)
    if chunk.last == len(page.lines) and file.endswith(".md"):
        if chunk.last in closing:
            out.add(closing[chunk.last], "closed fence")
        if part.cut_tail:
            for line in ("", CUT):
                out.add(line, "cut source")


def _included(path: str, part: Part, spare: Mapping[str, Part]) -> Part | None:
    """The file that is included, by its path from the document or by the end of its path; never one that was chosen."""
    name = str(PurePosixPath(path.lstrip("./"))).replace("../", "")
    own = PurePosixPath(part.path).parent
    return spare.get(str(own / name)) or spare.get(name)


def _raised(line: str, shift: int) -> str:
    if shift and (mark := ATX.match(line)):
        return f"{mark[1]}{'#' * max(1, len(mark[2]) - shift)}{line[mark.end() :]}"
    return line


def _entries(fates: Mapping[str, Sequence[tuple[Fate, str, int, str] | None]]) -> Iterator[Entry]:
    seam = (Fate.CONSUMED, "", 0, SEAM)
    for name, lines in fates.items():
        at = 0
        while at < len(lines):
            first = at
            fate, file, line, reason = lines[at] or seam
            at += 1
            while at < len(lines):
                other = lines[at] or seam
                if (
                    other[0] is not fate
                    or other[1] != file
                    or other[3] != reason
                    or (file and other[2] != line + at - first)
                ):
                    break
                at += 1
            yield Entry(name, first + 1, at, fate, file, line, reason)


def render_ledger(draft: Draft, full: bool, most: int = 0) -> str:
    """The ledger as Markdown: a line for each document (for a commit), or every range (for a pull request).

    With `most`, it is cut at that many characters, and says so.
    """
    lines: list[str] = []
    for document, group in groupby(draft.ledger, key=lambda entry: entry.document):
        entries = list(group)
        count = {fate: sum(one.last - one.first + 1 for one in entries if one.fate is fate) for fate in Fate}
        said = ", ".join(f"{number} {fate}" for fate, number in count.items() if number)
        lines.append(f"- {document}: {said}")
        if not full:
            reasons = dict.fromkeys(one.reason for one in entries if one.fate is Fate.LEFT_OUT)
            lines += [f"  - left out: {reason}" for reason in [*reasons][:12]]
            continue
        lines += ["", "| Lines | Fate | Where or why |", "| --- | --- | --- |"]
        for one in entries:
            where = f"{one.file}:{one.line}" if one.file else one.reason
            lines += [f"| {_range(one)} | {one.fate} | {where.replace('|', chr(92) + '|')} |"] if where != SEAM else []
        lines.append("")
    text = "\n".join(lines).rstrip("\n") + "\n"
    if most and len(text) > most:
        note = "_Cut here. All of it: `skill-fleet create ... --format json`, under `ledger`._"
        text = f"{text[: max(most - len(note) - 3, 0)].rpartition(chr(10))[0]}\n\n{note}\n"
    return text


def _range(entry: Entry) -> str:
    return str(entry.first) if entry.first == entry.last else f"{entry.first}-{entry.last}"
