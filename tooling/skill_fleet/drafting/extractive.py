"""The drafter that needs no model: it restructures what the documents say and adds no claim of its own."""

from __future__ import annotations

from collections.abc import Sequence

from skill_fleet.drafting.about import about
from skill_fleet.drafting.open_points.doubts import open_points
from skill_fleet.drafting.placing.assembly import assemble
from skill_fleet.drafting.placing.ledger import account
from skill_fleet.drafting.sources.gather import gather
from skill_fleet.drafting.types import Brief, Document, Draft
from skill_fleet.drafting.wording.fields import fields_of
from skill_fleet.drafting.wording.frontmatter import write_front_matter
from skill_fleet.drafting.wording.words import describe


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
        called = found.main.matter.get("name", "")
        metadata = {**fields.metadata, **({"source-name": called} if called and called != brief.name else {})}
        front = write_front_matter(brief.name, description, fields.fields, metadata)
        made = assemble(facts, front)
        ledger = account(found, made.pages, made.used, made.written.placed)
        return Draft(
            brief=brief,
            files=made.written.files,
            ledger=ledger,
            open_points=open_points(brief, facts, made.written, ledger),
            drafted_by=self.name,
            notes=fields.notes,
            generated=tuple(made.written.generated),
        )
