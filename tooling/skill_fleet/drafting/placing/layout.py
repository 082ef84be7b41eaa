"""From plans to files: which pieces of which page stand in which file, in order, with what we write between them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from skill_fleet.drafting.pages.anchors import linked_lines
from skill_fleet.drafting.pages.page import Page, Used
from skill_fleet.drafting.pages.plain import with_and
from skill_fleet.drafting.placing.items import Item, Made
from skill_fleet.drafting.placing.needs import Needs, needs_of
from skill_fleet.drafting.placing.reading import JOINED, Reference, index_rows, reading_table
from skill_fleet.drafting.placing.standing import order_index
from skill_fleet.drafting.placing.tableplace import raise_guide, table_place
from skill_fleet.drafting.placing.volumes import reference_items, section_items
from skill_fleet.drafting.planning.kept import named_paths
from skill_fleet.drafting.planning.plan import CHANGES, Slot
from skill_fleet.drafting.planning.room import INDEX, MANY
from skill_fleet.drafting.wording.names import bare_title, file_stem, joined_stem, span_stem

MOST_NAMED = 3
IN_TABLE = "whose parts are rows of the table"


@dataclass
class Layout:
    """The files as items, SKILL.md first, and the lines that were used up on the way.

    `indexed`: there are so many files that SKILL.md lists only tables of them. `stems` are the names that are taken.
    `said` are the paths that SKILL.md's own document names: a file of the author's that it names needs no row of ours.
    `hints` say of a file to copy what the copy is called. `linked` are the headings of SKILL.md's own document, by line,
    that its text links to: they have to stay. `tops` are the chapters or documents that the files come from, by path.
    """

    files: dict[str, list[Item]] = field(default_factory=dict)
    references: list[Reference] = field(default_factory=list)
    used: list[tuple[Page, Used]] = field(default_factory=list)
    stems: set[str] = field(default_factory=set)
    indexed: bool = False
    said: frozenset[str] = frozenset()
    hints: dict[str, str] = field(default_factory=dict)
    linked: frozenset[int] = frozenset()
    tops: dict[str, str] = field(default_factory=dict)


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

    The first plan is SKILL.md's own. The table stands where the contents list `dropped` stood, else on top.
    """
    files = sum(slot.fate == "file" for plan, _ in plans for slot in plan.walk())
    linked = frozenset(linked_lines(plans[0][0].page, dropped))
    layout = Layout(stems=set(taken), indexed=files > MANY, said=named_paths(plans[0][0].page), linked=linked)
    items: list[Item] = []
    rows: list[Reference] = []
    for number, (plan, place) in enumerate(plans):
        _walk(plan, layout, items, rows, place, main=number == 0, chapter=place.title if number else "")
    page = plans[0][0].page
    if len(plans) > 1 or not order_index(items, page, plans[0][1].title):
        raise_guide(items, page)
    at, replaced = table_place(items, page, dropped)
    if dropped and replaced:
        layout.used.append((page, dropped))
    items[at:at] = _table(rows, layout, "## Reference files", needs_of(items))
    layout.files = {"SKILL.md": [*head, *items], **layout.files}
    for reference in layout.references:
        layout.files[reference.path] = reference_items(reference)
    return layout


def _walk(
    slot: Slot, layout: Layout, items: list[Item], rows: list[Reference], place: Place, main: bool, chapter: str = ""
) -> None:
    """Add a slot to SKILL.md's items and its files to `rows`; an opened section names those of its parts.

    `chapter` is the title of the highest opened section that it stands in, or of its document.
    """
    section = slot.section
    if slot.fate == "file":
        reference = _named(slot, layout, place)
        layout.references.append(reference)
        layout.tops[reference.path] = chapter or reference.title
        if section.level or reference.path not in layout.said:
            rows.append(reference)
        return
    if slot.fate == "stay":
        for one in (section, *slot.more):
            items += section_items(slot.page, one, one.last, 0)
        return
    moved = all(kid.fate == "file" for kid in slot.kids)
    start = len(items)
    if not slot.absorbed:
        items += section_items(slot.page, section, section.stub, -1 if section.level == 1 and moved and not main else 0)
    headed = section.level > 0 and not slot.absorbed and not main
    at, before = len(items), len(rows)
    for number, kid in enumerate(slot.kids):
        title = main and number == 0 and kid.fate == "open" and (not section.level or len(slot.kids) == 1)
        _walk(kid, layout, items, rows, place, main=title, chapter=chapter or ("" if main else section.title))
    if headed and moved and len(rows) - before == len(slot.kids) and _bare(slot, layout):
        del items[start:at]
        for number in range(before, len(rows)):
            known = layout.references.index(rows[number])
            rows[number] = layout.references[known] = replace(rows[number], under=section.title)
        layout.used.append((slot.page, Used(section.first, section.body, f'heading "{section.title}", {IN_TABLE}')))
    elif headed and len(rows) > before:
        items.insert(at, Made("pointer to the table", (_pointer(rows[before:], moved, layout.indexed),)))


def _bare(slot: Slot, layout: Layout) -> bool:
    """Whether an opened section is no more than a heading above its parts, which nothing links to."""
    page, section = slot.page, slot.section
    nothing = all(page.blank(line) for line in range(section.body, section.stub))
    return nothing and not section.made and not layout.indexed and section.first not in layout.linked


def _pointer(rows: Sequence[Reference], all_moved: bool, indexed: bool) -> str:
    """The line below the heading of an opened section: which files its parts are in, if they are few."""
    if indexed or len(rows) > MOST_NAMED:
        return f"{'Its' if all_moved else 'Further'} parts are in the table of reference files."
    named = [f"[{posixpath.basename(one.path).removesuffix('.md')}]({one.path})" for one in rows]
    return f"{'Its parts' if all_moved else 'Further parts'}: {', '.join(named)}."


def _table(rows: Sequence[Reference], layout: Layout, heading: str, needs: Needs) -> list[Item]:
    if not rows:
        return []
    items: list[Item] = [Made("heading of the table", (heading,))] if heading else []
    if not layout.indexed or len(rows) == 1:
        return [*items, Made("table", reading_table(rows, "SKILL.md", needs))]
    lists: list[tuple[str, Sequence[str]]] = []
    for some in _shelves(rows, layout.tops):
        titles = [layout.tops[one.path] for one in (some[0], some[-1])]
        if titles[0] == titles[1]:
            stem, title = file_stem(f"index of {titles[0]}", layout.stems), bare_title(titles[0])
        else:
            stem, title = span_stem(titles[0], titles[1], layout.stems, "index of"), f"{titles[0]} to {titles[1]}"
        layout.stems.add(stem)
        path = f"references/{stem}.md"
        layout.files[path] = [Made("title", (f"# {title}",)), Made("table", reading_table(some, path, needs))]
        chapters = [layout.tops[one.path] for one in some]
        lists.append((path, chapters if titles[0] != titles[1] else [one.title for one in some]))
    return [*items, Made("table", index_rows(lists))]


def _shelves(rows: Sequence[Reference], tops: Mapping[str, str]) -> Iterator[Sequence[Reference]]:
    """The rows in tables of some forty: a chapter's together, small chapters with their neighbours."""
    shelf: list[Reference] = []
    for _, chapter in groupby(rows, lambda one: tops[one.path]):
        some = list(chapter)
        if shelf and len(shelf) + len(some) > INDEX:
            yield shelf
            shelf = []
        while len(some) > MANY:
            yield some[:INDEX]
            some = some[INDEX:]
        shelf += some
    if shelf:
        yield shelf


def _named(slot: Slot, layout: Layout, place: Place) -> Reference:
    section = slot.section
    sections = (section, *slot.more)
    if not section.level:
        path = place.path or f"references/{place.stem}.md"
        return Reference(path, slot.page, sections, place.title, kept=bool(place.path))
    title = section.title or place.title
    if slot.label:
        further = slot.label == place.title  # a document's second file and those after it
        stem = file_stem(f"{place.stem} {title}" if further else slot.label, layout.stems, title)
        layout.stems.add(stem)
        return Reference(f"references/{stem}.md", slot.page, sections, slot.label, label=slot.label)
    titles = list(dict.fromkeys(one.title for one in sections if one.title))
    if 1 < len(titles) <= JOINED:
        title = with_and([bare_title(one) for one in titles])
        stem = joined_stem(titles, layout.stems)
    elif len(titles) > JOINED:
        last = titles[-1]
        stem, title = span_stem(title, last, layout.stems), f"{title} to {last}"
    else:
        stem = file_stem("changelog" if CHANGES.search(title) else title, layout.stems, place.title)
    layout.stems.add(stem)
    return Reference(f"references/{stem}.md", slot.page, sections, title)
