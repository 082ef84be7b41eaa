"""From plans to files: which pieces of which page stand in which file, in order, with what we write between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from skill_fleet.drafting.foreign import FOREIGN
from skill_fleet.drafting.items import Contents, Item, Made, Piece
from skill_fleet.drafting.names import file_stem, span_stem
from skill_fleet.drafting.page import Page, Used
from skill_fleet.drafting.plan import CHANGES, Slot
from skill_fleet.drafting.reading import Reference, contents, index_rows, reading_table
from skill_fleet.drafting.room import INDEX, MANY
from skill_fleet.drafting.sections import Section, tree

_POINTER = "Its parts are in the table of reference files."


@dataclass
class Layout:
    """The files as items, SKILL.md first, and the lines that were used up on the way.

    `indexed`: there are so many files that SKILL.md lists only tables of them. `stems` are the names that are taken.
    `said` is the text of SKILL.md's own document: a file of the author's that it names needs no row of ours. `hints` say of a
    file to copy what the copy is called.
    """

    files: dict[str, list[Item]] = field(default_factory=dict)
    references: list[Reference] = field(default_factory=list)
    used: list[tuple[Page, Used]] = field(default_factory=list)
    stems: set[str] = field(default_factory=set)
    indexed: bool = False
    said: str = ""
    hints: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Place:
    """What another document is called, and the file that it becomes if it is kept whole."""

    title: str
    stem: str
    path: str = ""


def lay_out(
    plans: Sequence[tuple[Slot, Place]], head: Sequence[Made], dropped: Used | None, taken: Sequence[str] = ()
) -> Layout:
    """SKILL.md with what stays, a reference for each thing that moves, and tables that lead to them.

    The first plan is SKILL.md's own. The table stands where the contents list `dropped` stood, else at the end.
    """
    files = sum(slot.fate == "file" for plan, _ in plans for slot in plan.walk())
    said = "\n".join(plans[0][0].page.lines)
    layout = Layout(stems=set(taken), indexed=files > MANY, said=said)
    items: list[Item] = []
    rows: list[Reference] = []
    for number, (plan, place) in enumerate(plans):
        _walk(plan, layout, items, rows, place, main=number == 0)
    page = plans[0][0].page
    cut = _cut_out(items, page, dropped) if dropped else None
    if dropped and cut is not None:
        layout.used.append((page, dropped))
    at = _before_boilerplate(items, page) if cut is None else cut
    items[at:at] = _table(rows, layout, "## Reference files")
    layout.files = {"SKILL.md": [*head, *items], **layout.files}
    for reference in layout.references:
        layout.files[reference.path] = _reference(reference)
    return layout


def _walk(slot: Slot, layout: Layout, items: list[Item], rows: list[Reference], place: Place, main: bool) -> None:
    """Add a slot to SKILL.md's items and its files to `rows`; an opened section says that the table lists its parts."""
    section = slot.section
    if slot.fate == "file":
        reference = _named(slot, layout, place)
        layout.references.append(reference)
        if section.level or reference.path not in layout.said:
            rows.append(reference)
        return
    if slot.fate == "stay":
        items += _lines(slot.page, section, section.last, 0)
        return
    moved = all(kid.fate == "file" for kid in slot.kids)
    if not slot.absorbed:
        items += _lines(slot.page, section, section.stub, -1 if section.level == 1 and moved and not main else 0)
    headed = section.level > 0 and not slot.absorbed and not main
    at, before = len(items), len(rows)
    for number, kid in enumerate(slot.kids):
        title = main and number == 0 and kid.fate == "open"
        _walk(kid, layout, items, rows, place, main=title)
    if headed and len(rows) > before:
        items.insert(at, Made("pointer to the table", (_POINTER,)))


def _lines(page: Page, section: Section, last: int, shift: int) -> list[Item]:
    if section.made and not section.piece:
        heading = f"{'#' * max(1, section.level - shift)} {section.title}"
        return [Made("heading from a summary", (heading,)), Piece(page, section.body, last, shift)]
    return [Piece(page, section.first, last, shift)]


def _table(rows: Sequence[Reference], layout: Layout, heading: str) -> list[Item]:
    if not rows:
        return []
    items: list[Item] = [Made("heading of the table", (heading,))] if heading else []
    if not layout.indexed or len(rows) == 1:
        return [*items, Made("table", reading_table(rows, "SKILL.md"))]
    lists: list[tuple[str, Sequence[Reference]]] = []
    for at in range(0, len(rows), INDEX):
        some = rows[at : at + INDEX]
        stem = span_stem(some[0].title, some[-1].title, layout.stems, "index of")
        layout.stems.add(stem)
        path = f"references/{stem}.md"
        title = Made("title", (f"# {some[0].title} to {some[-1].title}",))
        layout.files[path] = [title, Made("table", reading_table(some, path))]
        lists.append((path, some))
    return [*items, Made("table", index_rows(lists))]


def _named(slot: Slot, layout: Layout, place: Place) -> Reference:
    section = slot.section
    sections = (section, *slot.more)
    if not section.level:
        path = place.path or f"references/{place.stem}.md"
        return Reference(path, slot.page, sections, place.title, kept=bool(place.path))
    title = section.title or place.title
    if slot.more and (last := slot.more[-1].title) and last != title:
        stem, title = span_stem(title, last, layout.stems), f"{title} to {last}"
    else:
        stem = file_stem("changelog" if CHANGES.search(title) else title, layout.stems, place.title)
    layout.stems.add(stem)
    return Reference(f"references/{stem}.md", slot.page, sections, title)


def _reference(one: Reference) -> list[Item]:
    """A reference's items: its heading first, at level one, then a contents list if it is long, then the rest."""
    first = one.sections[0]
    listing: list[Item] = [Contents(one.page, entries)] if (entries := contents(one)) else []
    if len(one.sections) > 1:
        items: list[Item] = [Made("title", (f"# {one.title}",)), *listing]
        for section in one.sections:
            items += _lines(one.page, section, section.last, section.level - 2)
        return items
    if first.level and not first.made:
        shift = first.level - 1
        head: list[Item] = [Piece(one.page, first.first, first.body, shift)]
        return [*head, *listing, Piece(one.page, first.body, first.last, shift)]
    if one.kept:
        return [Piece(one.page, first.first, first.last)]
    begin = first.children[0] if first.children and not first.level else None
    if begin and one.page.top >= begin.first and not begin.made and (begin.level == 1 or len(first.children) == 1):
        shift = begin.level - 1
        head = [Piece(one.page, first.first, begin.body, shift)]
        return [*head, *listing, Piece(one.page, begin.body, first.last, shift)]
    shift = max(0, first.level - 1)
    return [Made("title", (f"# {one.title}",)), *listing, Piece(one.page, first.body, first.last, shift)]


def _before_boilerplate(items: list[Item], page: Page) -> int:
    """Where a table stands that has to be seen: before the first section that was written for another tool."""
    tops = [section for section in tree(page).walk() if section.level in (1, 2) and not section.made]
    foreign = next((section.first for section in tops[1:] if FOREIGN.search(section.title)), -1)
    for at, item in enumerate(items):
        if isinstance(item, Piece) and item.page is page and item.first <= foreign < item.last:
            if item.first == foreign:
                return at
            items[at : at + 1] = [replace(item, last=foreign), replace(item, first=foreign)]
            return at + 1
    return len(items)


def _cut_out(items: list[Item], page: Page, dropped: Used) -> int | None:
    """Take lines out of the items; the place where they stood is returned, or None if they are elsewhere."""
    for at, item in enumerate(items):
        if isinstance(item, Piece) and item.page is page and item.first <= dropped.first < item.last:
            items[at : at + 1] = [replace(item, last=dropped.first), replace(item, first=dropped.last)]
            return at + 1
    return None
