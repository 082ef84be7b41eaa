"""Sources as numbered lines: shown, narrowed to what a task is about, cited by number, and put into files by number."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from skill_fleet.drafting import Document
from skill_fleet.errors import UserError
from skill_fleet.markdown import Block, Markdown, estimated_tokens, shortened, tidy

MOST_PASSAGES = 12_000  # tokens of sources for a revision
_AROUND = 5  # lines around those that a problem names
_SHARE = 0.9  # of the limit: line numbers and marks of gaps are added
_OPENING, _LONGEST = 40, 120  # lines of the first part of a document, which is always shown, and of others
_MOST_OUTLINE = 300  # characters of headings that are named for lines that are not shown
_WORD = re.compile(r"[^\W\d_][\w.+-]+[\w+]")  # without the full stop of a sentence
_COMMON = {
    "the", "and", "for", "with", "that", "this", "from", "into", "use", "using", "how", "what", "when", "make", "write",
    "skill", "skills", "create", "about", "draft", "build", "new", "all", "are", "our", "your", "should", "agent", "agents",
}  # fmt: skip
_HEADING = re.compile(r"#{1,6}[ \t]+\S")
_BELOW_TITLE = re.compile(r"#{2,6}[ \t]+\S")  # one sign may be a comment in code
_ONE = r"S\d+:\d+(?:\s*[-\u2013]\s*(?:S\d+:)?\d+)?"
_MARK = re.compile(rf"[ \t]*(?<!\[)\[({_ONE}(?:\s*[,;]\s*{_ONE})*)\](?!\])")
_RANGE = re.compile(r"S(\d+):(\d+)(?:\s*[-\u2013]\s*(?:S\d+:)?(\d+))?")
_REFERENCE = re.compile(rf"([ \t]*)\[\[({_ONE})\]\][ \t]*\Z")
_FENCE = re.compile(r"((?:[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t])?[ \t]*)(`{3,}|~{3,})([^`]*)\Z")


@dataclass(frozen=True)
class Range:
    """Lines `first` to `last` (from 1, inclusive) of source `source` (from 1)."""

    source: int
    first: int
    last: int

    def __str__(self) -> str:
        return f"S{self.source}:{self.first}" + (f"-{self.last}" if self.last > self.first else "")


def _ranges(text: str) -> Iterator[Range]:
    for source, first, last in _RANGE.findall(text):
        yield Range(int(source), int(first), int(last or first))


@dataclass(frozen=True)
class Source:
    """One source. `shown` are the numbers of the lines that the model may see, `markdown` is the text, parsed once."""

    number: int
    name: str
    lines: tuple[str, ...]
    shown: frozenset[int]
    markdown: Markdown

    def piece(self, one: Range) -> tuple[int, list[str], Block | None]:
        """Return what a reference puts into a file: the number of its first line, the lines, and their code block.

        In a code block that is what of it the lines hold, without the fence, in whole statements; else all blocks that
        they touch.
        """
        start, end = one.first - 1, one.last
        held = [each for each in self.markdown.fences if each.start < end and start < each.end]
        if fence := max(held, key=lambda each: min(end, each.end) - max(start, each.start), default=None):
            rows = fence.content.removesuffix("\n").split("\n")
            top = fence.start + 1  # the index of its first line of code
            start, end = _whole_statements(rows, min(max(0, start - top), len(rows) - 1), max(1, end - top))
            return top + start + 1, rows[start:end], fence
        touched = [each for each in self.markdown.blocks if each.start < end and start < each.end]
        start = min([start, *(each.start for each in touched)])
        rows = [*self.lines[start : max([end, *(each.end for each in touched)])]]
        while len(rows) > 1 and not rows[-1].strip():
            rows.pop()
        return start + 1, rows, None


def _whole_statements(rows: Sequence[str], start: int, end: int) -> tuple[int, int]:
    """Extend lines of code to whole statements, as far as indentation, brackets and backslashes tell."""
    least = min((len(row) - len(row.lstrip()) for row in rows if row.strip()), default=0)

    def goes_on(at: int) -> bool:  # whether the line, or the first after blank ones, continues what is before it
        row = next((each for each in rows[at:] if each.strip()), "")
        return row[: least + 1].isspace() or row.lstrip()[:1] in (*")]}",) or rows[at - 1].endswith("\\")

    while start > 0 and goes_on(start):
        start -= 1
    while end < len(rows) and goes_on(end):
        end += 1
    return start, end


@dataclass(frozen=True)
class Sources:
    """All sources, and `notes` on how they were narrowed."""

    all: tuple[Source, ...] = ()
    notes: tuple[str, ...] = ()

    def text(self) -> str:
        """Return all shown lines, each source under a line that introduces it, with gaps marked."""
        shown = (one for one in self.all if one.shown)
        return "\n\n".join(numbered(f"S{one.number} = {one.name}", one.lines, one.shown) for one in shown)

    def only(self, lines: Collection[tuple[int, int]]) -> Sources:
        """Return the sources with nothing shown but these lines (source and number)."""
        chosen = (frozenset(at for at in one.shown if (one.number, at) in lines) for one in self.all)
        return Sources(tuple(replace(one, shown=each) for one, each in zip(self.all, chosen, strict=True)))

    def passages(self, ranges: Sequence[Range], most: int) -> str:
        """Return all shown lines if they have at most `most` tokens, else those around `ranges`."""
        if estimated_tokens(everything := self.text()) <= most:
            return everything
        around = ((one.source, range(one.first - _AROUND, one.last + _AROUND + 1)) for one in ranges)
        return self.only({(source, at) for source, lines in around for at in lines}).text()

    def wrong(self, one: Range) -> str:
        """Return the reason why a range cannot be cited; "" if it can."""
        if not 0 < one.source <= len(self.all):
            return f"There is no source S{one.source}."
        source = self.all[one.source - 1]
        if one.first > one.last or one.first < 1 or one.last > len(source.lines):
            return f"{one} is not a range of S{one.source}, which has lines 1 to {len(source.lines)}."
        return (
            "" if source.shown & {*range(one.first, one.last + 1)} else f"{one} is a range of lines that are not shown."
        )

    def lines(self, one: Range) -> tuple[str, ...]:
        """Return the lines of a range."""
        return self.all[one.source - 1].lines[one.first - 1 : one.last]

    def ranges_in(self, text: str) -> tuple[Range, ...]:
        """Return the ranges that a text names, such as `S1:12-18, S2:7`, if they can be cited."""
        return tuple(one for one in _ranges(text) if not self.wrong(one))


def numbered(head: str, lines: Sequence[str], shown: Collection[int]) -> str:
    """Return the shown lines (by number, from 1) as `12| text` under `head`, so that none can pass for one of ours. For
    those between them is a line with their headings."""
    rows, before = [head], 0
    for number in sorted(shown):
        if number > before + 1:
            headings = (line.lstrip("# ") for line in lines[before : number - 1] if _BELOW_TITLE.match(line))
            outline = shortened(tidy("; ".join(headings)), _MOST_OUTLINE)
            rows.append(f"... (lines {before + 1}-{number - 1}: {outline})" if outline else "...")
        rows.append(f"{number}| {lines[number - 1]}")
        before = number
    return "\n".join(rows)


def number_sources(documents: Sequence[Document]) -> Sources:
    """Return the documents with their lines numbered."""
    texts = [tuple(one.text.removesuffix("\n").split("\n")) if one.text else () for one in documents]
    return Sources(
        tuple(
            Source(number, one.name, lines, frozenset(range(1, len(lines) + 1)), Markdown("\n".join(lines)))
            for number, (one, lines) in enumerate(zip(documents, texts, strict=True), 1)
        )
    )


@dataclass(frozen=True)
class _Part:
    """Whole blocks of one source: their lines (source and number), tokens and words."""

    lines: tuple[tuple[int, int], ...]
    tokens: int
    words: frozenset[str]


def _parts(sources: Sources) -> Iterator[_Part]:
    """The parts of all sources, cut at headings, and at other blocks where a part would get too long."""
    for source in sources.all:
        cuts = [0]
        for block in source.markdown.blocks:
            length = block.start - cuts[-1]
            if length > 0 and (block.kind == "heading" or length >= (_LONGEST if cuts[-1] else _OPENING)):
                cuts.append(block.start)
        for first, last in pairwise([*cuts, len(source.lines)] if source.lines else []):
            rows = source.lines[first:last]
            lines = tuple((source.number, at) for at in range(first + 1, last + 1))
            yield _Part(lines, estimated_tokens("".join(f"{last}| {row}\n" for row in rows)), words_of("\n".join(rows)))


def narrowed(sources: Sources, asked: str, most: int) -> Sources:
    """Return the sources with at most about `most` tokens shown: the parts with the rarest words of `asked`.

    Raises UserError if no part that fits has any of these words.
    """
    size = estimated_tokens(sources.text())
    if size <= most:
        return sources
    parts = [*_parts(sources)]
    rarity = _rarity([part.words for part in parts], words_of(asked))
    weight = {part: rare / math.sqrt(200 + part.tokens) for part, rare in zip(parts, rarity, strict=True) if rare}
    openings = [part for part in parts if part.lines[0][1] == 1]
    chosen, room = set[tuple[int, int]](), most * _SHARE
    for part in dict.fromkeys([*openings, *sorted(weight, key=weight.__getitem__, reverse=True)]):
        if part.tokens <= room:
            chosen.update(part.lines)
            room -= part.tokens
    if not weight or not chosen:
        raise UserError(
            f"The sources have about {size:,} tokens; the model is shown {most:,} at most.",
            "Say in the task what it is about, so that the relevant parts can be chosen, or restructure all of it "
            "without a model: --no-model",
        )
    shown = sources.only(chosen)
    note = f"Of about {size:,} tokens of sources, the model was shown {estimated_tokens(shown.text()):,}."
    return replace(shown, notes=(note,))


def in_groups(sources: Sources, most: int) -> tuple[Sources, ...]:
    """Return the sources in groups of whole parts, each with at most about `most` tokens shown."""
    groups, room = list[set[tuple[int, int]]](), 0.0
    for part in _parts(sources):
        if part.tokens > room or not groups:
            groups.append(set())
            room = most * _SHARE
        groups[-1].update(part.lines)
        room -= part.tokens
    return tuple(map(sources.only, groups))


def nearest(entries: Mapping[str, str], asked: str, most: int) -> dict[str, str]:
    """Return the `most` entries (a description by name) that share the rarest words with `asked`, the nearest first."""
    texts = [words_of(f"{name.replace('/', ' ').replace('-', ' ')} {text}") for name, text in entries.items()]
    rare = dict(zip(entries, _rarity(texts, words_of(asked)), strict=True))
    return {name: entries[name] for name in sorted(filter(rare.get, entries), key=lambda name: -rare[name])[:most]}


def words_of(text: str) -> frozenset[str]:
    """Return the words that say what a text is about, in lower case."""
    return frozenset(_WORD.findall(text.casefold())) - _COMMON


def _rarity(texts: Sequence[frozenset[str]], asked: frozenset[str]) -> list[float]:
    """How many words each text shares with what is asked: the rarer among the texts, the more one counts."""
    count = Counter(word for words in texts for word in words & asked)
    return [sum(1 / count[word] for word in words & asked) for words in texts]


@dataclass(frozen=True)
class Placed:
    """Lines from `first` on of source `source` that were put into a file, as they are written there."""

    source: int
    first: int
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Filled:
    """A text with its references filled in and its citations taken out. `cited` are ranges by heading ("" before the
    first). `lost` and `wrong` are the reasons why references and citations name no lines. `unclosed` is where a code block
    opens that is not closed, "" if each is."""

    text: str
    placed: tuple[Placed, ...] = ()
    cited: tuple[tuple[str, Range], ...] = ()
    lost: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    unclosed: str = ""


def _indented(text: str) -> str:
    """Indent references, and lines that close a fence, as their fence is: in a list, one at the margin would end it."""
    rows, margin, marks = list[str](), "", ""
    for line in text.split("\n"):
        fence = _FENCE.match(line)
        closes = bool(fence and marks and fence[2].startswith(marks) and not fence[3].strip())
        if marks and (closes or _REFERENCE.match(line)) and not line.startswith(margin):
            line = margin + line.lstrip()
        if closes:
            marks = ""
        elif fence and not marks:
            margin, marks = re.sub(r"\S", " ", fence[1]), fence[2]
        rows.append(line)
    return "\n".join(rows)


def fill_in(text: str, sources: Sources, *, whole_code: bool = False) -> Filled:
    """Put the lines that `text` refers to into it, and take its citations out. `whole_code`: the file is no Markdown, and
    a code block that some models put around all of it goes."""
    if whole_code and (whole := re.fullmatch(r"```\w*\n(.*)\n```", text, re.DOTALL)):
        text = whole[1]
    markdown = Markdown("" if whole_code else _indented(text))
    lines, fences = text.split("\n") if whole_code else markdown.lines, markdown.fences
    inside = {number: fence for fence in fences for number in range(fence.start, fence.end)}
    kept: list[str] = []
    placed: list[Placed] = []
    cited: list[tuple[str, Range]] = []
    lost, wrong = list[str](), list[str]()
    heading, opened = "", 0  # `opened` is where the opening line of the fence is in `kept`
    for number, line in enumerate(lines):
        fence = inside.get(number)
        if fence and fence.start == number:
            opened = len(kept)
        if reference := _REFERENCE.match(line):
            found = next(_ranges(reference[2]))
            if why := sources.wrong(found):
                lost.append(why)
                continue
            first, rows, block = sources.all[found.source - 1].piece(found)
            shown = [f"{reference[1]}{row}" if row else row for row in rows]
            piece = Placed(found.source, first, tuple(shown))
            if piece in placed and fence and number - 1 in inside:
                continue  # two references to one statement
            placed.append(piece)
            marks = "`" * max([3, *(len(run) + 1 for row in rows for run in re.findall(r"^\s*(`{3,})", row))])
            if block and not fence and not whole_code:
                shown = [f"{reference[1]}{marks}{block.info}", *shown, f"{reference[1]}{marks}"]
            kept += shown
            if fence and len(marks) > 3:  # what is put in must not end the block
                for at, each in ((opened, kept), (fence.end - 1, lines)):
                    each[at] = re.sub(r"[`~]{3,}", marks, each[at], count=1)
            continue
        marked = [] if fence or whole_code else [one for mark in _MARK.findall(line) for one in _ranges(mark)]
        if not fence and _HEADING.match(line):
            heading = tidy(line.lstrip("# "))
        cited += ((heading, one) for one in marked if not sources.wrong(one))
        wrong += filter(None, map(sources.wrong, marked))
        bare = _MARK.sub("", line).rstrip() if marked else line
        if not marked or bare.strip():
            kept.append(bare)
        elif kept and not kept[-1].strip():
            kept.pop()  # it was between two blank lines, of which one remains
    done = "\n".join(kept).strip("\n")
    result = Markdown("" if whole_code else done)
    unclosed = next(
        (f"line {one.start + 1}, {result.lines[one.start]!r}" for one in result.fences if not one.closed), ""
    )
    return Filled(done, tuple(placed), tuple(dict.fromkeys(cited)), tuple(lost), tuple(dict.fromkeys(wrong)), unclosed)
