"""The drafter that needs no model: it restructures what the documents say and adds no claim of its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from skill_fleet.drafting.about import About, about
from skill_fleet.drafting.doubts import (
    Spots,
    cuts,
    damages,
    missing_files,
    missing_links,
    open_placeholders,
    other_tools,
    twice_imported,
)
from skill_fleet.drafting.fields import fields_of
from skill_fleet.drafting.files import Placed, Written, write_files
from skill_fleet.drafting.frontmatter import write_front_matter
from skill_fleet.drafting.gather import gather
from skill_fleet.drafting.items import Made, Piece
from skill_fleet.drafting.layout import Layout, Place, cut_templates, lay_out
from skill_fleet.drafting.ledger import account
from skill_fleet.drafting.opening import raw_page
from skill_fleet.drafting.page import Page
from skill_fleet.drafting.places import place_of, raw_place, shared_words
from skill_fleet.drafting.plan import plan_reference, plan_skill
from skill_fleet.drafting.room import fit
from skill_fleet.drafting.templates import templates
from skill_fleet.drafting.toc import replaced_contents
from skill_fleet.drafting.types import Brief, Document, Draft
from skill_fleet.drafting.words import describe

LONGEST = 500


class ExtractiveDrafter:
    """Makes a skill of documents without a model.

    `neighbours` are the descriptions of the fleet's other skills, `only` patterns for the documents of a dump or folder
    to take, and `everything` takes those too that would be set aside.
    """

    name = "extractive"

    def __init__(self, neighbours: Sequence[str] = (), only: Sequence[str] = (), everything: bool = False) -> None:
        self.neighbours = tuple(neighbours)
        self.only = tuple(only)
        self.everything = everything

    def draft(self, brief: Brief, sources: tuple[Document, ...]) -> Draft:
        """The skill that `brief` asks for: SKILL.md, references, and the ledger of every source line."""
        found = gather(sources, self.only, self.everything)
        facts = about(found)
        fields = fields_of(found.main.matter)
        description = describe(found.main, facts.root, facts.title, facts.occasions, facts.topics, self.neighbours)
        layout = _laid_out(facts, write_front_matter(brief.name, description, fields.fields, fields.metadata))
        raw = _add_raw(layout, facts)
        written = write_files(layout.files, {page.part.path: path for path, page in raw.items()})
        pages = [found.main, *found.others, *raw.values()]
        return Draft(
            brief=brief,
            files=written.files,
            ledger=account(found, pages, layout.used, written.placed),
            open_points=tuple(_open_points(brief, facts, written)),
            drafted_by=self.name,
            notes=(*found.notes, *fields.notes),
            generated=tuple(written.generated),
        )


def _laid_out(facts: About, front: tuple[str, ...]) -> Layout:
    found = facts.found
    main = plan_skill(found.main)
    plans = [main, *(plan_reference(page) for page in found.others)]
    head = [Made("front matter", front)]
    if not any(section.level == 1 and not section.made for section in facts.root.walk()):
        head.append(Made("title", (f"# {facts.title}",)))
    fit(plans, sum(len(made.lines) + 1 for made in head))
    places: list[Place] = [Place(facts.title, "text")]
    shared, stems = shared_words(found.parts), set[str]()
    for page in found.others:
        places.append(place_of(page, found.main.part, shared, stems))
        stems.add(places[-1].stem)
    layout = lay_out(list(zip(plans, places, strict=True)), head, replaced_contents(main), sorted(stems))
    moved = {id(one.page) for one in layout.references}
    pages = [page for page in (found.main, *found.others) if id(page) in moved]
    cut_templates(layout, templates(pages))
    return layout


def _add_raw(layout: Layout, facts: About) -> dict[str, Page]:
    """Put the files that are no pages where they belong, and name them all, and the templates, in SKILL.md."""
    found = facts.found
    raw: dict[str, Page] = {}
    for part in found.raw:
        path = raw_place(part, found.main.part, layout.files)
        raw[path] = raw_page(part)
        layout.files[path] = [Piece(raw[path], 0, len(part.lines), exact=True)]
    said = "\n".join(found.main.lines)
    items = layout.files["SKILL.md"]
    for folder, lead in (("assets/", "Files to copy"), ("scripts/", "Scripts to run")):
        paths = [path for path in layout.files if path.startswith(folder) and path not in said]
        if paths:
            links = ", ".join(f"[{path}]({path})" for path in paths)
            items.append(Made(f"list of {folder}", (f"{lead}: {links}.",)))
    return raw


def _open_points(brief: Brief, facts: About, written: Written) -> Sequence[str]:
    found = facts.found
    points: list[str] = []
    if facts.subjects:
        commands = "; ".join(f"`{command}`" for command in facts.subjects)
        points.append(
            f"The source holds {1 + len(found.others)} documents on several subjects. One of each: {commands}."
        )
    name = found.main.matter.get("name", "")
    if name and name != brief.name:
        points.append(f"The front matter calls it `{name}`, the folder `{brief.name}`: `--path CATEGORY/NAME` decides.")
    points += open_placeholders(written.files)
    spot = _spots(written.placed)
    pages = (found.main, *found.others)
    for page in pages:
        points += cuts(page, spot)
        points += twice_imported(page, spot)
        points += damages(page, found.damaged.get(page.part.document, ()), spot)
    for page in pages:
        points += other_tools(page, spot)
    unread = [document.name for document in found.documents if document.unread]
    if unread:
        some = ", ".join(unread[:6]) + (", …" if unread[6:] else "")
        points.append(f"Not carried over, for they are no text: {some}. Copy to assets/ what the skill needs.")
    points += missing_links(written.missing)
    points += missing_files(pages, facts.title, written.files)
    for path, text in written.files.items():
        if text.count("\n") > LONGEST and PurePosixPath(path).suffix == ".md":
            points.append(f"{path} has {text.count(chr(10))} lines: a list, table or fence in it cannot be cut.")
    return points


def _spots(placed: Sequence[Placed]) -> Spots:
    spans: dict[int, list[tuple[int, int, str, int]]] = {}
    for one in placed:
        spans.setdefault(id(one.page), []).append((one.first, one.last, one.file, one.line))
    return Spots({page: sorted(found) for page, found in spans.items()})
