"""Sources as numbered lines, `S2:118| text`: shown, narrowed to what a task is about, and cited by number."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from skill_fleet.drafting import Brief, Document
from skill_fleet.errors import UserError
from skill_fleet.markdown import Markdown
from skill_fleet.model.spending import estimated


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
    """One source. `shown` are the numbers of the lines that the model may see."""

    number: int
    name: str
    lines: tuple[str, ...]
    shown: frozenset[int]


@dataclass(frozen=True)
class Sources:
    """All sources. S0 is the request of the user, which may be cited like a document.

    `aside` are runs of lines that are not shown: source, first and last line, reason.
    """

    documents: tuple[Document, ...]
    all: tuple[Source, ...]
    aside: tuple[tuple[str, int, int, str], ...] = ()
    notes: tuple[str, ...] = ()

    def text(self) -> str:
        """Return all shown lines, each source under a line that introduces it, with gaps marked."""
        return "\n\n".join(self._block(source, source.shown) for source in self.all)

    def passages(self, ranges: Iterable[Range]) -> str:
        """Return the shown lines of `ranges`, each once, in the order of the sources, with gaps marked."""
        wanted: dict[int, set[int]] = {}
        for one in ranges:
            wanted.setdefault(one.source, set()).update(range(one.first, one.last + 1))
        chosen = ((source, wanted.get(source.number, set()) & source.shown) for source in self.all)
        return "\n\n".join(self._block(source, lines) for source, lines in chosen if lines)

    def plain(self, ranges: Iterable[Range]) -> str:
        """Return the shown lines of `ranges` without numbers."""
        by_number = {source.number: source for source in self.all}
        return "\n".join(
            by_number[one.source].lines[number - 1]
            for one in ranges
            for number in range(one.first, one.last + 1)
            if one.source in by_number and number in by_number[one.source].shown
        )

    def wrong(self, one: Range) -> str:
        """Return the reason why a range cannot be cited; "" if it can."""
        source = next((each for each in self.all if each.number == one.source), None)
        if source is None:
            return f"There is no source S{one.source}."
        if one.first > one.last or one.first < 1 or one.last > len(source.lines):
            return f"{one} is not a range of S{one.source}, which has lines 1 to {len(source.lines)}."
        if not any(number in source.shown for number in range(one.first, one.last + 1)):
            return f"{one} is a range of lines that are not shown."
        return ""

    @staticmethod
    def _block(source: Source, lines: Collection[int]) -> str:
        rows = [f"S{source.number} = {source.name}"]
        before = None
        for number in sorted(lines):
            if before is not None and number > before + 1:
                rows.append("...")
            rows.append(f"S{source.number}:{number}| {source.lines[number - 1]}")
            before = number
        return "\n".join(rows)


def number_sources(task: str, documents: Sequence[Document], answers: Sequence[str] = ()) -> Sources:
    """Return the task and the `answers` to earlier questions as S0, then the documents. Raises UserError without any."""
    request = tuple(line for line in [*task.split("\n"), *answers] if line.strip()) or ("Make a skill of the sources.",)
    first = Source(0, "the request", request, frozenset(range(1, len(request) + 1)))
    if not documents:
        if not task.strip():
            raise UserError("There is neither a task nor a document.", "Say what the skill is for.")
        return Sources((), (first,))
    numbered = [first]
    for number, document in enumerate(documents, 1):
        lines = tuple(document.text.removesuffix("\n").split("\n")) if document.text else ()
        numbered.append(Source(number, document.name, lines, frozenset(range(1, len(lines) + 1))))
    return Sources(tuple(documents), tuple(numbered))


def brief_text(brief: Brief) -> str:
    """Return a brief as the model reads it; of a skill without one, its id alone."""
    lines = [f"Task: {' '.join(brief.task.split())}"] if brief.task else []
    lines.append(f"Skill: {brief.path}")
    lines += [f"Audience: {brief.audience or 'developers'}"] if brief.audience or brief.task else []
    lines += [f"K{number}: {text}" for number, text in enumerate(brief.capabilities, 1)]
    for head, entries in (("Load when", brief.triggers), ("Not for", brief.non_goals), ("Agreed", brief.assumptions)):
        lines += [f"{head}: {entry}" for entry in entries]
    return "\n".join(lines)


REASON = "not shown to the model: the sources are too long, and other parts have more words of the task"
_SHARE = 0.9  # of the limit: line numbers and marks of gaps are added
_OPENING = 40  # lines of each document that are always shown
_LONGEST = 120  # lines of a part
_NEAR = 2  # parts before and after a chosen one that are shown if there is room
_WORD = re.compile(r"[^\W\d_][\w.+-]+[\w+]")  # without the full stop of a sentence
_HEADING = re.compile(r"#{1,6}[ \t]+\S")
_FENCE = re.compile(r"[ \t]*(?:```|~~~)")
_COMMON = {
    "the", "and", "for", "with", "that", "this", "from", "into", "use", "using", "how", "what", "when", "make", "write",
    "skill", "skills", "create", "about", "draft", "build", "new", "all", "are", "our", "your", "should", "agent", "agents",
}  # fmt: skip


@dataclass(frozen=True)
class _Part:
    """Lines `first` to `last` of one source, their number of tokens, and their words."""

    source: int
    first: int
    last: int
    tokens: int
    words: frozenset[str]


def narrowed(sources: Sources, asked: str, most: int) -> Sources:
    """Return the sources with at most about `most` tokens shown: the parts with the rarest words of `asked`.

    Raises UserError if no part that fits has any of these words.
    """
    size = estimated(sources.text())
    if size <= most:
        return sources
    words = words_of(asked)
    parts = [part for source in sources.all[1:] for part in _parts(source)]
    count = Counter(word for part in parts for word in part.words & words)
    room = most * _SHARE - sum(estimated(line) for line in sources.all[0].lines)

    def weight(part: _Part) -> float:
        return sum(1 / count[word] for word in part.words & words) / math.sqrt(200 + part.tokens)

    openings = [part for part in parts if part.first == 1]
    ranked = sorted((one for one in parts if one.words & words), key=lambda one: (-weight(one), one.source, one.first))
    chosen: dict[int, set[int]] = {}
    for part in dict.fromkeys([*openings, *ranked, *_around(parts, ranked)]):
        if part.tokens <= room:
            chosen.setdefault(part.source, set()).update(range(part.first, part.last + 1))
            room -= part.tokens
    if not count or not chosen:
        raise UserError(
            f"The sources have about {size:,} tokens; the model is shown {most:,} at most.",
            "Say in the task what it is about, so that the relevant parts can be chosen, or restructure all of it "
            "without a model: --no-model",
        )
    shown = tuple(
        replace(source, shown=source.shown & chosen.get(source.number, set())) if source.number else source
        for source in sources.all
    )
    aside = [gap for old, new in zip(sources.all, shown, strict=True) for gap in _left_out(old, new)]
    note = (
        f"Of about {size:,} tokens of sources, the model was shown {estimated(replace(sources, all=shown).text()):,}."
    )
    return replace(sources, all=shown, aside=(*sources.aside, *aside), notes=(*sources.notes, note))


def words_of(text: str) -> frozenset[str]:
    """Return the words that say what a text is about, in lower case."""
    return frozenset(_WORD.findall(text.casefold())) - _COMMON


def _around(parts: Sequence[_Part], ranked: Sequence[_Part]) -> Iterator[_Part]:
    """The parts beside the chosen ones, the nearest first: they often explain what those assume."""
    places = {part: at for at, part in enumerate(parts)}
    for distance in range(1, _NEAR + 1):
        for part in ranked:
            for at in (places[part] - distance, places[part] + distance):
                if 0 <= at < len(parts) and parts[at].source == part.source:
                    yield parts[at]


def _parts(source: Source) -> Iterator[_Part]:
    """The shown lines of a source, cut at headings outside code, and where a part would get too long."""
    lines: list[int] = []
    fenced = False
    for number in sorted(source.shown):
        line = source.lines[number - 1]
        ends = _HEADING.match(line) is not None and not fenced
        limit = _OPENING if lines and lines[0] == 1 else _LONGEST
        if lines and (ends or number != lines[-1] + 1 or (len(lines) >= limit and not fenced)):
            yield _part(source, lines)
            lines = []
        lines.append(number)
        fenced ^= _FENCE.match(line) is not None
    if lines:
        yield _part(source, lines)


def _part(source: Source, lines: list[int]) -> _Part:
    rows = [source.lines[number - 1] for number in lines]
    tokens = estimated("".join(f"S{source.number}:{lines[-1]}| {row}\n" for row in rows))
    return _Part(source.number, lines[0], lines[-1], tokens, words_of("\n".join(rows)))


def _left_out(old: Source, new: Source) -> Iterator[tuple[str, int, int, str]]:
    """The runs of lines that `old` shows and `new` does not."""
    for _, run in groupby(enumerate(sorted(old.shown - new.shown)), key=lambda pair: pair[1] - pair[0]):
        numbers = [number for _, number in run]
        yield old.name, numbers[0], numbers[-1], REASON


MOST_PASSAGES = 12_000  # tokens


def relevant(sources: Sources, asked: str) -> str:
    """Return numbered lines of the documents: all if they are short, else the parts with the rarest words of `asked`."""
    ranges = [Range(one.number, 1, len(one.lines)) for one in sources.all[1:] if one.lines]
    if estimated(everything := sources.passages(ranges)) <= MOST_PASSAGES:
        return everything
    try:
        return narrowed(sources, asked, MOST_PASSAGES).passages(ranges)
    except UserError:  # no part has a word of the request
        return ""


_ONE = r"S\d+:\d+(?:\s*[-\u2013]\s*(?:S\d+:)?\d+)?"
_MARK = re.compile(rf"[ \t]*\[({_ONE}(?:\s*[,;]\s*{_ONE})*)\]")
_PART = re.compile(r"S(\d+):(\d+)(?:\s*[-\u2013]\s*(?:S\d+:)?(\d+))?")


@dataclass(frozen=True)
class Citations:
    """A text without its citations, the lines they name, why some are wrong, and the lines that rest on S0 alone."""

    text: str
    ranges: tuple[Range, ...]
    wrong: tuple[str, ...] = ()
    unbacked: tuple[str, ...] = ()


def _before(number: int, text: Markdown, kept: Sequence[str]) -> str:
    """The words before a citation on a line of its own, or the first line of the code before it."""
    last = next((at for at in range(number - 1, -1, -1) if text.lines[at].strip()), 0)
    for fence in text.fences:
        if fence.start <= last < fence.end:
            return next((line.strip() for line in fence.content.split("\n") if line.strip()), "")
    return next((line.strip() for line in reversed(kept) if line.strip(" `|-")), "")


def take_citations(markdown: str, sources: Sources, seen: Sequence[Range]) -> Citations:
    """Take the citations out of `markdown`, except in code. One that names a line outside `seen` is wrong."""
    text = Markdown(markdown)
    code = {number for fence in text.fences for number in range(fence.start, fence.end)}
    kept: list[str] = []
    found: list[Range] = []
    unbacked: list[str] = []
    for number, line in enumerate(text.lines):
        if number in code:
            kept.append(line)
            continue
        marks = _MARK.findall(line)
        bare = _MARK.sub("", line)
        found += (
            Range(int(source), int(first), int(last or first))
            for mark in marks
            for source, first, last in _PART.findall(mark)
        )
        if marks and all(source == "0" for mark in marks for source, _, _ in _PART.findall(mark)):
            unbacked.append(bare.strip() if bare.strip(" `|-") else _before(number, text, kept))
        if not marks or bare.strip():
            kept.append(bare.rstrip() if marks else line)
        elif kept and not kept[-1].strip():
            kept.pop()  # it was between two blank lines, of which one remains
    wrong = []
    for one in dict.fromkeys(found):
        if why := sources.wrong(one):
            wrong.append(why)
        elif not any(one.source == each.source and one.first <= each.last and each.first <= one.last for each in seen):
            wrong.append(f"{one} is not among the passages.")
    good = tuple(one for one in dict.fromkeys(found) if not sources.wrong(one))
    return Citations("\n".join(kept).strip("\n"), good, tuple(wrong), tuple(dict.fromkeys(unbacked)))
