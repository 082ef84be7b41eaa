"""From facts to written files: plan, fit, lay out, write."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from skill_fleet.drafting.about import About
from skill_fleet.drafting.pages.opening import raw_page
from skill_fleet.drafting.pages.page import Page, Used
from skill_fleet.drafting.placing.extraction import extract
from skill_fleet.drafting.placing.files import Written, write_files
from skill_fleet.drafting.placing.footnotes import follow_footnotes
from skill_fleet.drafting.placing.items import Made, Piece
from skill_fleet.drafting.placing.layout import Layout, Place, lay_out
from skill_fleet.drafting.planning.housing import house_other
from skill_fleet.drafting.planning.joining import gather_kin
from skill_fleet.drafting.planning.kept import inside, kept_whole
from skill_fleet.drafting.planning.places import place_of, raw_place, shared_words
from skill_fleet.drafting.planning.plan import AS_IT_CAME, WHOLE, plan_skill
from skill_fleet.drafting.planning.room import LINES, TABLE_LINES, fit, refill
from skill_fleet.drafting.planning.steps import bind_steps
from skill_fleet.drafting.planning.templates import templates
from skill_fleet.drafting.planning.toc import replaced_contents
from skill_fleet.drafting.sources.shelf import name_of

MOST_LISTED = 30
_TRIES = 5


@dataclass(frozen=True)
class Assembled:
    """The files, the pages that they are made of, and the lines that were used up in making them."""

    written: Written
    pages: tuple[Page, ...]
    used: tuple[tuple[Page, Used], ...]


def assemble(facts: About, front: tuple[str, ...]) -> Assembled:
    """Write the skill; what seams and tables take is known only then, so a second try may move a section more."""
    over = 0
    for last in range(_TRIES):
        layout = _laid_out(facts, front, over)
        raw = _add_raw(layout, facts)
        written = write_files(layout.files, {page.part.path: path for path, page in raw.items()})
        excess = written.files["SKILL.md"].count("\n") - LINES
        if excess <= 0 or last == _TRIES - 1:
            break
        over += 2 * excess + 4
    return Assembled(written, (facts.found.main, *facts.found.others, *raw.values()), tuple(layout.used))


def _laid_out(facts: About, front: tuple[str, ...], over: int) -> Layout:
    found = facts.found
    head = [Made("front matter", front)]
    if not _titled(facts):
        head.append(Made("title", (f"# {facts.title}",)))
    ours = over + sum(len(made.lines) + 1 for made in head)
    others = [house_other(page, found.main) for page in found.others]
    rows = sum(not slot.named for plan in others for slot in plan.walk() if slot.fate == "file")
    came = PurePosixPath(name_of(found.main.part)).name.lower() == "skill.md"
    main = plan_skill(found.main, ours + (rows + TABLE_LINES if rows else 0), AS_IT_CAME if came else WHOLE)
    plans = [main, *others]
    for plan in plans[:1]:
        bind_steps(plan)
        gather_kin(plan)
    fit(plans, ours)
    refill(plans, ours)
    shared, stems, named = shared_words(found.parts), set[str](), dict[int, Place]()
    for page in sorted(found.others, key=lambda page: not inside(page.part, found.main.part)):
        place = named[id(page)] = place_of(page, found.main.part, shared, stems)
        stems |= {place.stem.casefold(), (place.path or f"references/{place.stem}.md").casefold()}
    places = [Place(facts.title, "text"), *(named[id(page)] for page in found.others)]
    layout = lay_out(list(zip(plans, places, strict=True)), head, replaced_contents(main), sorted(stems))
    moved = {id(one.page) for one in layout.references}
    whole = {id(page) for page in found.others if kept_whole(page.part, found.main.part)}
    pages = [page for page in (found.main, *found.others) if id(page) in moved - whole]
    extract(layout, templates(pages))
    follow_footnotes(layout)
    return layout


def _titled(facts: About) -> bool:
    """Whether the document has a heading that is its title: one of level one, or a lone one on top."""
    root = facts.root
    main = facts.found.main
    alone = len(root.children) == 1 and main.top == root.children[0].first and not main.beheaded
    return alone or any(section.level == 1 and not section.made for section in root.walk())


def _add_raw(layout: Layout, facts: About) -> dict[str, Page]:
    """Put the files that are no pages where they belong, and name them all, and the templates, in SKILL.md."""
    found = facts.found
    raw: dict[str, Page] = {}
    taken = {path.casefold() for path in layout.files}
    for part in found.raw:
        path = raw_place(part, found.main.part, taken)
        taken.add(path.casefold())
        raw[path] = raw_page(part)
        layout.files[path] = [Piece(raw[path], 0, len(part.lines), exact=True)]
    items = layout.files["SKILL.md"]
    tables = [at for at, item in enumerate(items) if isinstance(item, Made) and item.name == "table"]
    at = tables[-1] + 1 if tables else len(items)
    for folder, lead in (("assets/", "Files to copy"), ("scripts/", "Scripts to run")):
        paths = [path for path in layout.files if path.startswith(folder) and path not in layout.said]
        if paths:
            links = ", ".join(f"[{path}]({path}){layout.hints.get(path, '')}" for path in paths[:MOST_LISTED])
            more = f" and {len(paths) - MOST_LISTED} more in `{folder}`" if len(paths) > MOST_LISTED else ""
            items.insert(at, Made(f"list of {folder}", (f"{lead}: {links}{more}.",)))
            at += 1
    return raw
