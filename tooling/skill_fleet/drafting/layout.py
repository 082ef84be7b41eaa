"""From plans to files: which pieces of which page stand in which file, in order, with what we write between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from skill_fleet.drafting.items import Item, Made, Piece
from skill_fleet.drafting.names import file_stem
from skill_fleet.drafting.page import Page
from skill_fleet.drafting.plan import CHANGES, Slot
from skill_fleet.drafting.reading import contents, reading_table
from skill_fleet.drafting.sections import Section


@dataclass(frozen=True)
class Reference:
    """One file under references/: a section of a page, or several that were too small for files of their own."""

    path: str
    page: Page
    sections: tuple[Section, ...]
    title: str


@dataclass
class Layout:
    """The files as items, in the order they are written; SKILL.md first."""

    files: dict[str, list[Item]] = field(default_factory=dict)
    references: list[Reference] = field(default_factory=list)


def lay_out(main: Slot, others: Sequence[Slot], head: Sequence[Made], titles: Sequence[str]) -> Layout:
    """SKILL.md with what stays, a reference for each thing that moves, and tables that lead to them."""
    layout = Layout()
    items: list[Item] = list(head)
    layout.files["SKILL.md"] = items
    rows: list[Reference] = []
    place = _walk(main, layout, items, rows, whole=True)
    for other, title in zip(others, titles, strict=True):
        _walk(other, layout, items, rows, whole=False, name=title)
    if rows:
        table = [Made("heading of the table", ("## Reference files",)), Made("table", reading_table(rows))]
        at = len(items) if place is None else place
        items[at:at] = table
    for reference in layout.references:
        layout.files[reference.path] = _reference(reference)
    return layout


def _walk(
    slot: Slot, layout: Layout, items: list[Item], rows: list[Reference], whole: bool, name: str = ""
) -> int | None:
    """Add a slot to SKILL.md's items; its files go to `rows`. The place of a dropped contents list is returned."""
    section = slot.section
    if slot.fate == "file" or slot.stub_moves:
        reference = _referenced(slot, layout, name)
        layout.references.append(reference)
        rows.append(reference)
    if slot.fate == "stay" or (slot.fate == "open" and not slot.stub_moves):
        end = section.last if slot.fate == "stay" else section.stub
        items += _lines(slot.page, section, section.first, end)
    if slot.fate == "contents":
        return len(items)
    place = None
    own = rows if whole or slot.stub_moves else []
    at = len(items)
    for number, kid in enumerate(slot.kids):
        inner = _walk(kid, layout, items, own, whole=whole and number == 0 and kid.fate == "open")
        place = inner if place is None else place
    if own and own is not rows:
        items.insert(at, Made("table", reading_table(own)))
    return place


def _lines(page: Page, section: Section, first: int, last: int, shift: int = 0) -> list[Item]:
    if section.made and not section.piece:
        level = max(1, section.level - shift)
        return [
            Made("heading from a summary", (f"{'#' * level} {section.title}",)),
            Piece(page, section.body, last, shift),
        ]
    return [Piece(page, first, last, shift)]


def _referenced(slot: Slot, layout: Layout, context: str) -> Reference:
    section = slot.section
    taken = {one.path.removeprefix("references/").removesuffix(".md") for one in layout.references}
    title = section.title or context
    stem = file_stem("changelog" if CHANGES.search(title) else title, taken)
    if slot.stub_moves:
        section = Section(section.title, section.level, section.first, section.body, section.stub, (), section.made)
    return Reference(f"references/{stem}.md", slot.page, (section,), title)


def _reference(reference: Reference) -> list[Item]:
    (section,) = reference.sections
    if section.level and not section.made:
        shift = section.level - 1
        head: list[Item] = [Piece(reference.page, section.first, section.body, shift)]
        body = section.body
    else:
        shift = max(0, section.level - 1) if section.level else 0
        head = [Made("title", (f"# {reference.title}",))]
        body = section.body
    listing = contents(reference)
    if listing:
        head.append(Made("contents", listing))
    return [*head, Piece(reference.page, body, section.last, shift)]
