"""The drafter that has a model: understand, plan, write, describe, critique, repair, and an account of all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from skill_fleet.drafting import Brief, Document, Draft, Generated, Kind, Place, Point, Severity
from skill_fleet.errors import UserError
from skill_fleet.markdown import read_front_matter, shortened, tidy
from skill_fleet.model.ask import Asker
from skill_fleet.model.compose import Section, account, compose
from skill_fleet.model.critic import repair
from skill_fleet.model.faults import Check, Fault
from skill_fleet.model.learning import DraftRecord, draft_record
from skill_fleet.model.lm import Progress
from skill_fleet.model.settings import ModelSettings
from skill_fleet.model.sources import Sources, brief_text, narrowed, number_sources
from skill_fleet.model.spending import BEFORE_REPAIR, Spent, Unsafe
from skill_fleet.model.tape import Tape
from skill_fleet.model.understanding import Understood, describe_skill, plan_skill, understand, write_sections


def open_points(
    brief: Brief, understood: Understood, sections: Sequence[Section], left: Sequence[Fault]
) -> tuple[Point, ...]:
    """What was assumed, what no document says, what was dropped, and what is still wrong with the files."""
    points = [
        Point(Kind.ASSUMED, subject=question.text, detail=question.default)
        for question in brief.questions
        if question.default
    ]
    if understood.covered_by:
        points.append(Point(Kind.COVERED, examples=(understood.covered_by,)))
    points += (Point(Kind.OTHER_TASK, Severity.NOTE, task) for task in understood.other_tasks)
    points += (
        Point(Kind.CITATION, Severity.NOTE, section.heading, why, (Place(section.file),))
        for section in sections
        for why in section.wrong
    )
    points += _unbacked(sections)
    names: dict[str, list[Fault]] = {}
    for fault in left:
        if fault.name:
            names.setdefault(fault.file, []).append(fault)
        else:
            points.append(_problem(fault))
    points += (
        Point(
            Kind.NOT_IN_SOURCES,
            places=tuple(Place(path, fault.line) for fault in found),
            examples=tuple(fault.name for fault in found),
        )
        for path, found in names.items()
    )
    return tuple(dict.fromkeys(points))


def _unbacked(sections: Sequence[Section]) -> list[Point]:
    """What rests on the request alone: one point where there is nothing else to rest on."""
    if not any(one.source for section in sections for one in section.seen):
        return [Point(Kind.NOT_IN_SOURCES)]
    return [
        Point(
            Kind.NOT_IN_SOURCES,
            places=(Place(section.file),),
            examples=tuple(shortened(tidy(each), 60) for each in section.unbacked)
            if any(one.source for one in section.cited)
            else (section.heading,),
        )
        for section in sections
        if section.unbacked
    ]


def _problem(fault: Fault) -> Point:
    """A fault that is left, with the words that it is about."""
    words = shortened(tidy(fault.quote).replace("`", ""), 60)
    origin = " (as in the source)" if fault.told else " (missing here)" if fault.missing else ""
    return Point(
        Kind.PROBLEM,
        subject=f"`{words}`{origin}:" if words else "",
        detail=fault.why,
        places=(Place(fault.file, fault.line),),
    )


MOST_TERM = 500  # characters of a licence or a compatibility
# What a draft must never be committed with, however often it was mended.
_NEVER = ("safety/", "layout/")


class DspyDrafter:
    """Writes a skill from a task and documents with a model. One of it is one run: one budget, one tape, one account.

    `neighbours` are the descriptions of the fleet's skills by id, `categories` those of its categories, and `check`
    says what the fleet's checks have against the files of the skill.
    """

    def __init__(
        self,
        settings: ModelSettings,
        categories: Mapping[str, str],
        neighbours: Mapping[str, str],
        check: Check,
        *,
        record: Path | None = None,
        replay: Path | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.asker = Asker(settings, Tape(record, replay), progress)
        self.categories, self.neighbours, self.check = dict(categories), dict(neighbours), check
        self._understood: tuple[Understood, Sources] | None = None
        self.record: DraftRecord | None = None
        """What a later optimiser needs of the draft that was made last."""

    @property
    def name(self) -> str:
        """What the `Drafted-by:` trailer says."""
        return f"dspy {self.asker.model}"

    @property
    def spent(self) -> Spent:
        """Calls, tokens and cost so far."""
        return self.asker.spent

    def understand(
        self, task: str, sources: tuple[Document, ...], path: str | None = None, said: Sequence[str] = ()
    ) -> Understood:
        """What the skill would be, with at most four questions: its Brief, to be agreed on before it is written.

        `said` is what people answered or asked for when they were shown an earlier one.
        """
        numbered = self._shown(task, sources, said)
        with self.asker.at_work():
            found = understand(self.asker, task, numbered, self.categories, self.neighbours, path)
        self._understood = found, numbered
        return found

    def draft(self, brief: Brief, sources: tuple[Document, ...]) -> Draft:
        """Write the skill that `brief` asks for. Open questions are taken as their defaults say.

        A brief that people have changed since it was understood is read again with the sources, for what it rests on.
        """
        self.asker.traffic.meter.share = BEFORE_REPAIR
        with self.asker.at_work():
            understood, numbered = self._agreed(brief, sources)
            text = brief_text(brief)
            plan = plan_skill(self.asker, understood, text, numbered)
            sections = write_sections(self.asker, understood, text, plan, numbered, self.neighbours)
            bodies = compose(brief.name, "", plan, sections).files
            description = describe_skill(self.asker, text, bodies, self.neighbours)
            first = compose(brief.name, description, plan, sections, self._terms(numbered))
            self.asker.traffic.meter.share = 1.0
            mended = repair(self.asker, text, first.files, sections, numbered, self.check)
        if worst := [fault for fault in mended.left if fault.blocks and fault.why.startswith(_NEVER)]:
            raise Unsafe(
                f"The draft of {self.asker.model} is not safe to commit: {worst[0].why}",
                "Run again, or draft without a model.",
            )
        generated = [one for one in first.generated if mended.files[one.file] == first.files[one.file]]
        for path, body in mended.files.items():
            if body != first.files[path]:
                generated.append(Generated(path, 1, body.count("\n"), "written from the sources, then mended"))
        self.record = draft_record(self.asker, understood, plan, first.files, mended, sources)
        return Draft(
            brief=brief,
            files=mended.files,
            ledger=account(numbered, sections),
            points=open_points(brief, understood, sections, mended.left),
            drafted_by=self.name,
            notes=(*numbered.notes, *self.asker.notes, *_credits(self.asker, mended.rounds)),
            generated=tuple(generated),
        )

    def _terms(self, numbered: Sources) -> dict[str, str]:
        """The licence and the requirements that the main document states: a draft is a work made of it."""
        if not numbered.documents:
            return {}
        front = read_front_matter(numbered.documents[0].text.encode("utf-8", "replace"))
        found = {key: tidy(front.value(key) or "") for key in ("license", "compatibility")}
        return {key: shortened(value, MOST_TERM) for key, value in found.items() if value}

    def _shown(self, task: str, sources: tuple[Document, ...], said: Sequence[str]) -> Sources:
        """The sources, and of those that are too long the parts that the task speaks of."""
        numbered = number_sources(task, sources, said)
        return narrowed(numbered, " ".join([task, *said]), self.asker.settings.context)

    def _agreed(self, brief: Brief, sources: tuple[Document, ...]) -> tuple[Understood, Sources]:
        if self._understood:
            understood, numbered = self._understood
            if replace(understood.brief, questions=()) == replace(brief, questions=()):
                return understood, numbered
        numbered = self._shown(brief.task, sources, brief.assumptions)
        if not brief.capabilities:
            raise UserError("The brief does not say what the skill covers.", "Let the model understand the task first.")
        found = understand(self.asker, brief.task, numbered, self.categories, self.neighbours, brief.path, brief)
        self._understood = found, numbered
        return found, numbered


def _credits(asker: Asker, rounds: int) -> tuple[str, ...]:
    digests = ", ".join(f"{step} {digest}" for step, digest in asker.digests.items())
    return (
        f"Written by {asker.model}: {asker.spent.words()}; {rounds} round{'' if rounds == 1 else 's'} of repair.",
        f"Programs: {digests}.",
    )
