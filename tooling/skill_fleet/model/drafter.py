"""The drafter with a model: understand, plan, write, describe, criticise, repair, and account for all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from skill_fleet.drafting import Brief, Document, Draft, Generated, Kind, Place, Point, Severity
from skill_fleet.errors import UserError
from skill_fleet.markdown import read_front_matter, shortened, tidy
from skill_fleet.model.client import ModelClient
from skill_fleet.model.compose import Section, compose, ledger
from skill_fleet.model.records import DraftRecord
from skill_fleet.model.repair import Fault, Repair
from skill_fleet.model.run import Progress
from skill_fleet.model.settings import ModelSettings
from skill_fleet.model.skill_text import Check
from skill_fleet.model.sources import Sources, brief_text, narrowed, number_sources
from skill_fleet.model.spending import BEFORE_REPAIR, Unsafe
from skill_fleet.model.tape import Tape
from skill_fleet.model.understanding import Understood, Writer, plan_skill, understand

MOST_TERM = 500  # characters of a licence or a compatibility
MOST_QUOTED = 60  # characters of words that an open point quotes
_NEVER = {"safety", "layout"}  # groups of rules whose errors may never be committed


class DspyDrafter:
    """Writes a skill from a task and documents with a model. One drafter is one run, with one budget and one tape.

    `categories` and `neighbours` are descriptions: of the fleet's categories by name, and of its skills by id. `check`
    returns the findings on the skill's files.
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
        self.client = ModelClient(settings, Tape(record, replay), progress)
        self.categories, self.neighbours, self.check = dict(categories), dict(neighbours), check
        self._understood: tuple[Understood, Sources] | None = None
        self.record: DraftRecord | None = None
        """The record of the last draft."""

    @property
    def name(self) -> str:
        """The value of the `Drafted-by:` trailer."""
        return f"dspy {self.client.model}"

    def understand(
        self, task: str, sources: tuple[Document, ...], path: str | None = None, answers: Sequence[str] = ()
    ) -> Understood:
        """Return what the skill would be, with at most four questions, to be agreed on before it is written.

        `answers` are what people answered or asked for when they saw an earlier brief.
        """
        numbered = self._shown(task, sources, answers)
        with self.client.connected():
            found = understand(self.client, task, numbered, self.categories, self.neighbours, path)
        self._understood = found, numbered
        return found

    def draft(self, brief: Brief, sources: tuple[Document, ...]) -> Draft:
        """Write the skill that `brief` asks for. Open questions take their defaults.

        A brief that was changed since it was understood is understood again, for the claims that it rests on. Raises
        Unsafe if the draft breaks a rule that no commit may break, ModelFailed if the model fails.
        """
        meter = self.client.run.meter
        meter.share = BEFORE_REPAIR
        with self.client.connected():
            understood, numbered = self._agreed(brief, sources)
            text = brief_text(brief)
            plan = plan_skill(self.client, understood, text, numbered)
            writer = Writer(self.client, understood, text, plan, numbered, self.neighbours)
            sections = writer.sections()
            description = writer.description(compose(brief.name, "", plan, sections)[0])
            first, generated = compose(brief.name, description, plan, sections, _terms(numbered))
            meter.share = 1.0
            repaired = Repair(self.client, text, sections, numbered, self.check).repair(first)
        unsafe = (fault for fault in repaired.left if fault.blocks and fault.rule.partition("/")[0] in _NEVER)
        if fault := next(unsafe, None):
            raise Unsafe(
                f"The draft of {self.client.model} is not safe to commit: {fault.why}",
                "Run again, or draft without a model.",
            )
        edited = {path: text for path, text in repaired.files.items() if text != first[path]}
        rewritten = [Generated(path, 1, text.count("\n"), "written, then repaired") for path, text in edited.items()]
        self.record = DraftRecord(  # without the words of the sources: the calls have those that the model was shown
            task=brief.task,
            sources=tuple(source.facts() for source in sources),
            brief=asdict(understood.brief),
            grounds=tuple({"text": one.text, "lines": str(one.lines)} for one in understood.grounds),
            plan=plan.model_dump(),
            first=first,
            files=repaired.files,
            faults=tuple(asdict(fault) for fault in repaired.left),
            rounds=repaired.rounds,
            calls=tuple(self.client.run.calls),
        )
        return Draft(
            brief=brief,
            files=repaired.files,
            ledger=ledger(numbered, sections),
            points=open_points(brief, understood, sections, repaired.left),
            drafted_by=self.name,
            notes=(*numbered.notes, *self._notes(repaired.rounds)),
            generated=(*(one for one in generated if one.file not in edited), *rewritten),
        )

    def _shown(self, task: str, sources: tuple[Document, ...], answers: Sequence[str]) -> Sources:
        """The sources; if they are too long, their parts on the task."""
        numbered = number_sources(task, sources, answers)
        return narrowed(numbered, " ".join([task, *answers]), self.client.settings.context)

    def _agreed(self, brief: Brief, sources: tuple[Document, ...]) -> tuple[Understood, Sources]:
        if self._understood:
            understood, numbered = self._understood
            if replace(understood.brief, questions=()) == replace(brief, questions=()):
                return understood, numbered
        numbered = self._shown(brief.task, sources, brief.assumptions)
        if not brief.capabilities:
            raise UserError("The brief does not say what the skill covers.", "Let the model understand the task first.")
        found = understand(self.client, brief.task, numbered, self.categories, self.neighbours, brief.path, brief)
        self._understood = found, numbered
        return found, numbered

    def _notes(self, rounds: int) -> tuple[str, ...]:
        """How it was written, for the pull request."""
        client, plural = self.client, "" if rounds == 1 else "s"
        return (
            *(program.note for program in client.programs.values() if program.note),
            f"Written by {client.model}: {client.run.meter.spent.words()}; {rounds} round{plural} of repair.",
            f"Programs: {', '.join(f'{program.step} {program.digest}' for program in client.programs.values())}.",
        )


def _terms(sources: Sources) -> dict[str, str]:
    """The licence and the requirements that the first document states: a draft is a work derived from it."""
    if not sources.documents:
        return {}
    front = read_front_matter(sources.documents[0].text.encode("utf-8", "replace"))
    found = {key: tidy(front.value(key) or "") for key in ("license", "compatibility")}
    return {key: shortened(value, MOST_TERM) for key, value in found.items() if value}


def open_points(
    brief: Brief, understood: Understood, sections: Sequence[Section], left: Sequence[Fault]
) -> tuple[Point, ...]:
    """Return what was assumed, what no document says, what was dropped, and the faults that are left."""
    points = [Point(Kind.ASSUMED, subject=one.text, detail=one.default) for one in brief.questions if one.default]
    if understood.covered_by:
        points.append(Point(Kind.COVERED, examples=(understood.covered_by,)))
    points += (Point(Kind.OTHER_TASK, Severity.NOTE, task) for task in understood.other_tasks)
    points += (
        Point(Kind.CITATION, Severity.NOTE, section.heading, why, (Place(section.file),))
        for section in sections
        for why in section.wrong
    )
    points += _unbacked(sections)
    points += (_problem(fault) for fault in left if not fault.name)
    for file in dict.fromkeys(fault.file for fault in left if fault.name):
        named = [fault for fault in left if fault.name and fault.file == file]
        places = tuple(Place(file, fault.line) for fault in named)
        points.append(Point(Kind.NOT_IN_SOURCES, places=places, examples=tuple(fault.name for fault in named)))
    return tuple(dict.fromkeys(points))


def _unbacked(sections: Sequence[Section]) -> list[Point]:
    """What rests on the request alone: one point if everything does, else one for each section with such lines."""
    if not any(one.source for section in sections for one in section.seen):
        return [Point(Kind.NOT_IN_SOURCES)]
    points = []
    for section in (one for one in sections if one.unbacked):
        lines = tuple(shortened(tidy(line), MOST_QUOTED) for line in section.unbacked)
        examples = lines if any(one.source for one in section.cited) else (section.heading,)
        points.append(Point(Kind.NOT_IN_SOURCES, places=(Place(section.file),), examples=examples))
    return points


def _problem(fault: Fault) -> Point:
    words = shortened(tidy(fault.quote).replace("`", ""), MOST_QUOTED)
    origin = " (as in the source)" if fault.advisory else " (missing here)" if fault.missing else ""
    subject = f"`{words}`{origin}:" if words else ""
    return Point(Kind.PROBLEM, subject=subject, detail=fault.why, places=(Place(fault.file, fault.line),))
