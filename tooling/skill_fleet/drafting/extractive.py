"""The drafter that needs no model: it restructures what the documents say and adds no claim of its own."""

from __future__ import annotations

from collections.abc import Sequence

from skill_fleet.drafting.files import write_files
from skill_fleet.drafting.frontmatter import write_front_matter
from skill_fleet.drafting.gather import gather, title_of
from skill_fleet.drafting.items import Made
from skill_fleet.drafting.layout import lay_out
from skill_fleet.drafting.ledger import account, set_aside
from skill_fleet.drafting.page import Used
from skill_fleet.drafting.plan import plan_reference, plan_skill
from skill_fleet.drafting.sections import tree
from skill_fleet.drafting.types import Brief, Document, Draft
from skill_fleet.drafting.words import describe


class ExtractiveDrafter:
    """Makes a skill of documents without a model; `neighbours` are the descriptions of the fleet's other skills."""

    name = "extractive"

    def __init__(self, neighbours: Sequence[str] = ()) -> None:
        self.neighbours = tuple(neighbours)

    def draft(self, brief: Brief, sources: tuple[Document, ...]) -> Draft:
        """The skill that `brief` asks for: SKILL.md, references, and the ledger of every source line."""
        found = gather(sources)
        main = plan_skill(found.main)
        others = [plan_reference(page) for page in found.others]
        root = tree(found.main)
        front = write_front_matter(
            brief.name,
            describe(found.main, root, found.title, self.neighbours),
            found.main.matter,
            {"version": "0.1.0"},
        )
        head = [Made("front matter", front)]
        if not any(section.level == 1 for section in root.walk()):
            head.append(Made("title", (f"# {found.title}",)))
        layout = lay_out(main, others, head, [title_of(page, tree(page)) for page in found.others])
        written = write_files(layout.files)
        used: dict[int, list[Used]] = {}
        pages = [found.main, *found.others]
        ledger = account([(page, [*page.used, *used.get(id(page), [])]) for page in pages], written.placed)
        return Draft(
            brief=brief,
            files=written.files,
            ledger=(*ledger, *(set_aside(part, reason) for part, reason in found.aside if part.lines)),
            drafted_by=self.name,
            generated=written.generated,
        )
