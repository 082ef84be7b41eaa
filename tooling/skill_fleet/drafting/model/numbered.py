"""Sources as numbered lines, which the model cites by number and code can look up: `S2:118| text`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from skill_fleet.drafting.pages.page import lines_of
from skill_fleet.drafting.sources.gather import gather
from skill_fleet.drafting.types import Brief, Document
from skill_fleet.errors import UserError


@dataclass(frozen=True, order=True)
class Range:
    """Lines `first` to `last` (from 1, inclusive) of source `source`."""

    source: int
    first: int
    last: int

    def __str__(self) -> str:
        return f"S{self.source}:{self.first}" + (f"-{self.last}" if self.last > self.first else "")


@dataclass(frozen=True)
class Source:
    """One source. `shown` are the numbers of the lines that the model sees; the others are set aside."""

    number: int
    name: str
    lines: tuple[str, ...]
    shown: frozenset[int]


@dataclass(frozen=True)
class Sources:
    """All sources. S0 is the request: what people said, which may be cited like a document."""

    documents: tuple[Document, ...]
    all: tuple[Source, ...]
    aside: tuple[tuple[str, int, int, str], ...] = ()
    notes: tuple[str, ...] = ()

    def text(self) -> str:
        """Everything that is shown, under a line that introduces each source; gaps are marked."""
        return "\n\n".join(self._block(source, source.shown) for source in self.all)

    def passages(self, ranges: Iterable[Range]) -> str:
        """Only the lines of `ranges`, each once, in the order of the sources; gaps are marked."""
        wanted: dict[int, set[int]] = {}
        for one in ranges:
            wanted.setdefault(one.source, set()).update(range(one.first, one.last + 1))
        chosen = ((source, wanted.get(source.number, set()) & source.shown) for source in self.all)
        return "\n\n".join(self._block(source, lines) for source, lines in chosen if lines)

    def plain(self, ranges: Iterable[Range]) -> str:
        """The words of the lines of `ranges`, without numbers."""
        by_number = {source.number: source for source in self.all}
        return "\n".join(
            by_number[one.source].lines[number - 1]
            for one in ranges
            for number in range(one.first, one.last + 1)
            if one.source in by_number and number in by_number[one.source].shown
        )

    def wrong(self, one: Range) -> str:
        """Why there is no such range; '' when there is."""
        source = next((each for each in self.all if each.number == one.source), None)
        if source is None:
            return f"There is no source S{one.source}."
        if one.first > one.last or one.first < 1 or one.last > len(source.lines):
            return f"{one} is not a range of S{one.source}, which has lines 1 to {len(source.lines)}."
        if not any(number in source.shown for number in range(one.first, one.last + 1)):
            return f"{one} is a range of lines that are set aside."
        return ""

    @staticmethod
    def _block(source: Source, lines: Collection[int]) -> str:
        """These lines of a source, under its name."""
        rows = [f"S{source.number} = {source.name}"]
        before = None
        for number in sorted(lines):
            if before is not None and number > before + 1:
                rows.append("...")
            rows.append(f"S{source.number}:{number}| {source.lines[number - 1]}")
            before = number
        return "\n".join(rows)


def number_sources(
    task: str,
    documents: Sequence[Document],
    only: Sequence[str] = (),
    everything: bool = False,
    said: Sequence[str] = (),
) -> Sources:
    """The sources of a skill: the task and what was `said` as S0, then the documents, repaired and chosen as always."""
    request = tuple(line for line in [*task.split("\n"), *said] if line.strip()) or ("Make a skill of the sources.",)
    first = Source(0, "the request", request, frozenset(range(1, len(request) + 1)))
    if not documents:
        if not task.strip():
            raise UserError("There is neither a task nor a document to draft from.", "Say what the skill is for.")
        return Sources((), (first,))
    found = gather(documents, only, everything)
    aside = tuple(
        (part.document, part.offset + 1, part.offset + len(part.lines), why) for part, why in found.aside if part.lines
    )
    hidden: dict[str, set[int]] = {}
    for name, start, end, _ in aside:
        hidden.setdefault(name, set()).update(range(start, end + 1))
    numbered = [first]
    for number, document in enumerate(found.documents, 1):
        lines = lines_of(document.text)
        shown = frozenset(range(1, len(lines) + 1)) - hidden.get(document.name, set())
        numbered.append(Source(number, document.name, lines, shown))
    return Sources(found.documents, tuple(numbered), aside, found.notes)


def brief_text(brief: Brief) -> str:
    """A brief as the model reads it: without what only people need, and of a skill that has none its id alone."""
    lines = [f"Task: {' '.join(brief.task.split())}"] if brief.task else []
    lines.append(f"Skill: {brief.path}")
    lines += [f"Audience: {brief.audience or 'developers'}"] if brief.audience or brief.task else []
    lines += [f"K{number}: {text}" for number, text in enumerate(brief.capabilities, 1)]
    for head, entries in (("Load when", brief.triggers), ("Not for", brief.non_goals), ("Agreed", brief.assumptions)):
        lines += [f"{head}: {entry}" for entry in entries]
    return "\n".join(lines)


def quoted_brief(brief: Brief) -> str:
    """A brief of long ago as the model reads it: each line marked, so that none can pose as ours."""
    return "\n".join(f"> {line}" for line in brief_text(brief).split("\n"))


def with_answers(brief: Brief, answers: Sequence[str]) -> Brief:
    """The brief once people have answered: an answer is agreed on like an assumption, and the question is gone.

    `answers` are in the order of the questions; an empty one takes the default.
    """
    given = [*answers, *[""] * len(brief.questions)]
    settled = tuple(
        f"{question.text} {answer or question.default}"
        for question, answer in zip(brief.questions, given, strict=False)
        if answer or question.default
    )
    return replace(brief, assumptions=(*brief.assumptions, *settled), questions=())
