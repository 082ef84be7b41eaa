"""Sources as numbered lines, which the model cites by number and code can look up: `S2:118| text`."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

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
    said: Sequence[str] = (),
) -> Sources:
    """The sources of a skill: the task and what was `said` as S0, then the documents."""
    request = tuple(line for line in [*task.split("\n"), *said] if line.strip()) or ("Make a skill of the sources.",)
    first = Source(0, "the request", request, frozenset(range(1, len(request) + 1)))
    if not documents:
        if not task.strip():
            raise UserError("There is neither a task nor a document to draft from.", "Say what the skill is for.")
        return Sources((), (first,))
    numbered = [first]
    for number, document in enumerate(documents, 1):
        lines = tuple(document.text.removesuffix("\n").split("\n")) if document.text else ()
        numbered.append(Source(number, document.name, lines, frozenset(range(1, len(lines) + 1))))
    return Sources(tuple(documents), tuple(numbered))


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


REASON = "not shown to the model: too long, and other parts have more words of the task"
_SHARE = 0.9  # of what may be shown: numbers of lines and gaps come on top
_OPENING = 40  # lines of each document that are shown whatever they say
_LONGEST = 120  # lines of a part
_NEAR = 2  # parts before and after one that is shown
_WORD = re.compile(r"[^\W\d_][\w.+-]+[\w+]")  # a full stop at its end is that of the sentence
_HEADING = re.compile(r"#{1,6}[ \t]+\S")
_FENCE = re.compile(r"[ \t]*(?:```|~~~)")
_COMMON = {
    "the", "and", "for", "with", "that", "this", "from", "into", "use", "using", "how", "what", "when", "make", "write",
    "skill", "skills", "create", "about", "draft", "build", "new", "all", "are", "our", "your", "should", "agent", "agents",
}  # fmt: skip


@dataclass(frozen=True)
class _Part:
    """Lines `first` to `last` of one source, what they cost, and the words in them."""

    source: int
    first: int
    last: int
    tokens: int
    words: frozenset[str]


def narrowed(sources: Sources, asked: str, most: int) -> Sources:
    """The same sources with at most about `most` tokens of them shown. UserError when `asked` says nothing to choose by."""
    size = estimated(sources.text())
    if size <= most:
        return sources
    words = words_of(asked)
    parts = [part for source in sources.all[1:] for part in _parts(source)]
    count = Counter(word for part in parts for word in part.words & words)
    room = most * _SHARE - sum(estimated(line) for line in sources.all[0].lines)

    def weight(part: _Part) -> float:
        """The rarer the words of the task that a part has, the more it bears on it; and the longer it is, the less."""
        return sum(1 / count[word] for word in part.words & words) / math.sqrt(200 + part.tokens)

    first = [part for part in parts if part.first == 1]
    ranked = sorted(
        (part for part in parts if part.words & words), key=lambda part: (-weight(part), part.source, part.first)
    )
    chosen: dict[int, set[int]] = {}
    for part in dict.fromkeys([*first, *ranked, *_around(parts, ranked)]):
        if part.tokens <= room:
            chosen.setdefault(part.source, set()).update(range(part.first, part.last + 1))
            room -= part.tokens
    if not count or not chosen:
        raise UserError(
            f"The sources have about {size:,} tokens; the model is shown {most:,} at most.",
            "Say in the task what it is about, so that the parts on that can be chosen, or restructure all of it "
            "without a model: --no-model",
        )
    shown = tuple(
        replace(source, shown=source.shown & chosen.get(source.number, set())) if source.number else source
        for source in sources.all
    )
    aside = [gap for old, new in zip(sources.all, shown, strict=True) for gap in _left_out(old, new)]
    note = f"Of about {size:,} tokens of sources the model was shown {estimated(replace(sources, all=shown).text()):,}."
    return replace(sources, all=shown, aside=(*sources.aside, *aside), notes=(*sources.notes, note))


def words_of(text: str) -> frozenset[str]:
    """The words that say what a text is about, in lower case."""
    return frozenset(_WORD.findall(text.casefold())) - _COMMON


def _around(parts: Sequence[_Part], ranked: Sequence[_Part]) -> Iterator[_Part]:
    """What stands beside the parts in question, the nearest first: it often says what they take for known."""
    places = {part: at for at, part in enumerate(parts)}
    for distance in range(1, _NEAR + 1):
        for part in ranked:
            for at in (places[part] - distance, places[part] + distance):
                if 0 <= at < len(parts) and parts[at].source == part.source:
                    yield parts[at]


def _parts(source: Source) -> Iterator[_Part]:
    """The shown lines of a source, cut at headings outside of code, and where a part would get too long."""
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
    """The runs of lines that were shown and are not any more."""
    gone = sorted(old.shown - new.shown)
    start = 0
    for at, number in enumerate(gone):
        if at + 1 == len(gone) or gone[at + 1] != number + 1:
            yield old.name, gone[start], number, REASON
            start = at + 1


MOST_TOKENS = 12_000
_AROUND = 4


def relevant(sources: Sources, asked: str) -> str:
    """Numbered lines: all of the documents if they are short, else those around the rarest words of the request."""
    everything = [Range(one.number, 1, len(one.lines)) for one in sources.all[1:] if one.lines]
    if estimated(whole := sources.passages(everything)) <= MOST_TOKENS:
        return whole
    words = words_of(asked)
    rows = [
        (source.number, number, words_of(source.lines[number - 1]))
        for source in sources.all[1:]
        for number in sorted(source.shown)
    ]
    count = Counter(word for _, _, found in rows for word in found & words)
    heavy = sorted(rows, key=lambda row: (-sum(1 / count[word] for word in row[2] & words), row[0], row[1]))
    last = {source.number: len(source.lines) for source in sources.all}
    ranges: list[Range] = []
    tokens = 0
    for source, number, found in heavy:
        if not found & words or tokens > MOST_TOKENS:
            break
        one = Range(source, max(1, number - _AROUND), min(last[source], number + _AROUND))
        ranges.append(one)
        tokens += estimated(sources.plain([one]))
    return sources.passages(ranges)


_ONE = r"S\d+:\d+(?:\s*[-\u2013]\s*(?:S\d+:)?\d+)?"
_MARK = re.compile(rf"[ \t]*\[({_ONE}(?:\s*[,;]\s*{_ONE})*)\]")
_PART = re.compile(r"S(\d+):(\d+)(?:\s*[-\u2013]\s*(?:S\d+:)?(\d+))?")


@dataclass(frozen=True)
class Cited:
    """A text without its citations, the lines they named, what is wrong with them, and the lines of the text that rest
    on the request alone."""

    text: str
    ranges: tuple[Range, ...]
    wrong: tuple[str, ...]
    unbacked: tuple[str, ...]


def _before(number: int, text: Markdown, kept: Sequence[str]) -> str:
    """What a citation on a line of its own is for: the words before it, or the beginning of the code before it."""
    last = next((at for at in range(number - 1, -1, -1) if text.lines[at].strip()), 0)
    for fence in text.fences:
        if fence.start <= last < fence.end:
            return next((line.strip() for line in fence.content.split("\n") if line.strip()), "")
    return next((line.strip() for line in reversed(kept) if line.strip(" `|-")), "")


def take_out(markdown: str, sources: Sources, seen: Sequence[Range]) -> Cited:
    """`markdown` without citations. One that names a line outside of `seen` is wrong. Code blocks are left alone."""
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
            kept.pop()  # the citation stood between two blank lines, of which one remains
    wrong = []
    for one in dict.fromkeys(found):
        if why := sources.wrong(one):
            wrong.append(why)
        elif not any(one.source == each.source and one.first <= each.last and each.first <= one.last for each in seen):
            wrong.append(f"{one} is not among the passages.")
    good = tuple(one for one in dict.fromkeys(found) if not sources.wrong(one))
    return Cited("\n".join(kept).strip("\n"), good, tuple(wrong), tuple(dict.fromkeys(unbacked)))
