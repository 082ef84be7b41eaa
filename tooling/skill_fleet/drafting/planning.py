"""What each file of a skill is made of: sections that move to references, documents that are one, lines of our own.

Nothing moves while a document fits into SKILL.md; otherwise the largest sections do, until it fits. Where these are many,
neighbours share a file.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import PurePosixPath

from skill_fleet.drafting.dumps import Part
from skill_fleet.drafting.page import Page, Section, numbered, plain_page
from skill_fleet.drafting.selection import Selection, is_skill, page_of
from skill_fleet.fleet import SKILL_FILE
from skill_fleet.markdown import estimated_tokens, stem

# What the specification recommends at most, less room for the front matter and the table; then the size to reach.
_MOST_LINES, _MOST_TOKENS = 490, 4_850
_LINES, _TOKENS = 300, 4_000
_OPENED = 400  # lines of a section that is opened: its own sections move instead
_STAYS = re.compile(r"\b(?:overview|quick ?start|getting started|when to use)\b", re.IGNORECASE)
_STAYS_LINES = 80
_MOST_FILES = 20  # for one document: more make a table that nobody reads
_ROW = 30  # tokens of a row in the table
_CONTENTS_FROM = 300  # lines of a reference from which it gets a list of contents
_SUBHEADINGS, _ABOUT = 6, 160  # headings and characters in a row of the table
_MOST_STEM = 48  # characters of the names of two headings in the name of a file
_SCRIPTS = {".py", ".sh", ".bash", ".zsh", ".js", ".mjs", ".ts", ".rb", ".pl", ".ps1", ".lua", ".php", ".awk"}
_BRACKET, _ESCAPED = re.compile(r"[<\[\]]"), r"\\\g<0>"
TABLE = ("## Reference files", "", "| Read | For |", "| --- | --- |")


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


@dataclass(frozen=True, eq=False)
class File:
    """A file to be written: what it is made of, and what the table of references says of it."""

    path: str
    content: list[Block | Chunk]
    about: str = ""


def plan(
    selection: Selection, front: Sequence[str], title: str, scope: str = "", taken: Sequence[str] = ()
) -> list[File]:
    """What each file is made of. `front` is the front matter, `scope` a sentence below the title of SKILL.md.

    `taken` are stems of references that exist.
    """
    main = selection.main
    base = PurePosixPath(main.path).parent if main and is_skill(main) else None  # a skill keeps the paths of its files
    names = [*taken, *(PurePosixPath(part.path).stem for part in selection.references if base)]
    skill: list[Block | Chunk] = [Block("front matter", front)]
    rest: list[Block | Chunk] = []
    files = [File(SKILL_FILE, skill)]
    if main:
        page = page_of(main)
        moved = sections_to_move(page)
        cut = next((section.first for section in top_sections(page)), len(page.lines))
        heading = next(iter(page.headings.values()), None)
        after = heading.body if heading and heading.level == 1 and scope and heading.at < cut else page.start
        skill += [] if page.title and heading else [Block("title", [f"# {title}", ""])]
        skill += _chunks(main, page, page.start, after, moved)
        skill += [Block("scope", ["", scope, ""])] if scope else []
        skill += _chunks(main, page, after, cut, moved)
        rest = _chunks(main, page, cut, len(page.lines), moved)
        for group in _grouped(moved):
            shared = group[0] if len(group) == 1 else _joined(group)
            names.append(stem(shared.raw if len(shared.raw) <= _MOST_STEM else group[0].raw, names))
            lead = [Block("title", [f"# {shared.raw}", ""])] if len(group) > 1 else []
            chunks = [Chunk(main, page, one.first, one.last, max(one.level - 1 - len(lead), 0)) for one in group]
            content = _with_contents(lead, chunks, group)
            files.append(File(f"references/{names[-1]}.md", content, _about(shared, shared.title)))
    else:
        skill.append(Block("title", [f"# {title}", ""]))
    for part in selection.references:
        page, own = page_of(part), PurePosixPath(part.path)
        called = page.title or page.matter.get("title") or readable(own.stem)
        names.append(stem(page.title or page.matter.get("title") or own.stem, names, own.stem))
        path = _inside(own, base) or f"references/{names[-1]}.md"
        lead = [] if page.title else [Block("title", [f"# {called}", ""])]
        content = _with_contents(lead, [Chunk(part, page, page.start, len(page.lines))], [page.root])
        files.append(File(path, content, _about(page.root, called)))
    known = "\n".join(main.lines) if main and base else ""
    table = [file for file in files[1:] if file.path not in known]
    rows = [f"| [{PurePosixPath(file.path).stem}]({file.path.replace(' ', '%20')}) | {file.about} |" for file in table]
    skill += [Block("table of references", ["", *TABLE, *rows, ""])] if rows else []
    skill += rest
    paths = {""}
    for part in selection.files:
        own = PurePosixPath(part.path)
        whole = path = _inside(own, base) or f"{'scripts' if own.suffix.lower() in _SCRIPTS else 'assets'}/{own.name}"
        while path in paths:
            path = f"{whole.removesuffix(own.suffix)}-{len(paths)}{own.suffix}"
        paths.add(path)
        files.append(File(path, [Chunk(part, plain_page(part.lines), 0, len(part.lines))]))
    return files


def _inside(path: PurePosixPath, base: PurePosixPath | None) -> str:
    return str(path.relative_to(base)) if base is not None and base in path.parents else ""


def readable(name: str) -> str:
    """A file's name as a title."""
    words = re.sub(r"[-_]", " ", name)
    return words[:1].upper() + words[1:]


def _chunks(part: Part, page: Page, first: int, last: int, moved: Sequence[Section]) -> list[Block | Chunk]:
    """Lines of a page without the sections that move."""
    inside = [section for section in moved if first <= section.first < last]
    starts, ends = [first, *(one.last for one in inside)], [*(one.first for one in inside), last]
    return [Chunk(part, page, start, end) for start, end in zip(starts, ends, strict=True) if end > start]


def _about(section: Section, title: str) -> str:
    children = section.children
    names = [child.title for child in children if child.title]
    shown = names[:_SUBHEADINGS]
    while len(", ".join(shown)) > _ABOUT and len(shown) > 1:
        shown.pop()
    more = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
    text = title + (f": {', '.join(shown)}{more}" if shown else "")
    return re.sub(r"[\\|<\[]", _ESCAPED, text).replace("{{", "{ {")


def _with_contents(lead: list[Block], chunks: list[Chunk], sections: Sequence[Section]) -> list[Block | Chunk]:
    """The content of a reference: its title, a list of contents if it is long, and the chunks of its sections."""
    inside = [one for section in sections for one in _below(section)]
    heads = sections if len(sections) > 1 else inside[0].children if inside else []
    if len(heads) < 2 or sum(one.last - one.first for one in chunks) <= _CONTENTS_FROM:
        return [*lead, *chunks]
    first, at = chunks[0], chunks[0].first if len(sections) > 1 else inside[0].body
    if any("](#" in line for line in first.page.lines[at : at + 12]):  # it has contents of its own
        return [*lead, *chunks]
    seen, wanted = dict[str, int](), {*heads}
    for block in lead:
        numbered(block.lines[0].lstrip("# "), seen)
    words = [(one, numbered(one.raw, seen)) for one in inside]
    links = [f"- [{_BRACKET.sub(_ESCAPED, one.title)}](#{word})" for one, word in words if one in wanted]
    before = [replace(first, last=at)] if at > first.first else []
    return [*lead, *before, Block("contents", ["", *links, ""]), replace(first, first=at), *chunks[1:]]


def _below(section: Section) -> Iterator[Section]:
    """A section, unless it is the root of a page, and all below it."""
    yield from [section] if section.level else []
    for child in section.children:
        yield from _below(child)


def _grouped(sections: Sequence[Section]) -> list[list[Section]]:
    """The sections that share a file: alone while these are few, otherwise with their neighbours, in the order given."""
    if len(sections) <= _MOST_FILES:
        return [[one] for one in sections]
    sizes = [one.last - one.first for one in sections]
    total = sum(sizes)
    count = min(_MOST_FILES, -(-total // _CONTENTS_FROM))
    groups: dict[int, list[Section]] = {}
    for one, before in zip(sections, accumulate(sizes, initial=0), strict=False):
        groups.setdefault(before * count // total, []).append(one)
    return [*groups.values()]


def _joined(group: Sequence[Section]) -> Section:
    """What stands for sections that share a file."""
    first, last = group[0], group[-1]
    title = f"{first.title} ... {last.title}"
    raw = _BRACKET.sub(_ESCAPED, title)
    return Section(title, raw, first.level, first.at, first.first, first.body, last.last, [*group])


def _tokens(page: Page, first: int, last: int) -> int:
    """An estimate of the tokens of some lines."""
    return estimated_tokens("\n".join(page.lines[first:last]))


def sections_to_move(page: Page) -> list[Section]:
    """The sections of a page that move to files of their own, in the order of the text; none if all of it fits."""
    lines, cost = len(page.lines) - page.start, _tokens(page, page.start, len(page.lines))
    if lines <= _MOST_LINES and cost <= _MOST_TOKENS:
        return []
    waiting: list[tuple[int, int, Section]] = []

    def consider(sections: Sequence[Section]) -> None:
        for one in sections:
            heapq.heappush(waiting, (-_tokens(page, one.first, one.last), one.first, one))

    consider(top_sections(page))
    moved: list[Section] = []
    stays = False
    while waiting and (lines > _LINES or cost > _TOKENS):
        weight, _, section = heapq.heappop(waiting)
        size = section.last - section.first
        if size > _OPENED and len(section.children) > 1:
            consider(section.children)
        elif _STAYS.search(section.title) and size < _STAYS_LINES:
            stays = True
        else:
            moved.append(section)
            has_row = len(moved) <= _MOST_FILES
            lines, cost = lines - size + has_row, cost + weight + _ROW * has_row
    moved.sort(key=lambda section: section.first)
    if moved and not waiting and not stays:  # an introduction alone is nothing to act on
        room = max(_LINES - lines, _LINES // 2), max(_TOKENS - cost, _TOKENS // 2)
        first = next((section for section in moved if _is_procedure(page, section, *room)), None)
        moved = [section for section in moved if section is not first]
    return moved


def _is_procedure(page: Page, section: Section, lines: int, cost: int) -> bool:
    """Whether a section has steps or code, and fits."""
    starts = [*(first for first, ordered in page.lists if ordered), *(fence.first for fence in page.fences)]
    fits = section.last - section.first <= lines and _tokens(page, section.first, section.last) <= cost
    return fits and any(section.first <= start < section.last for start in starts)


def top_sections(page: Page) -> list[Section]:
    """The sections that divide a page: below a title that is the only heading of its level, or that comes first."""
    top = page.root
    while len(top.children) == 1:
        top = top.children[0]
    found = list(top.children)
    if top is page.root and found and found[0].level == 1 and len(found) > 1:
        found[:1] = found[0].children
    return found
