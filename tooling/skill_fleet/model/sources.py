"""Sources as numbered lines: shown, narrowed to what a task is about, cited by number, and put into files by number."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from skill_fleet.drafting import Brief, Document
from skill_fleet.errors import UserError
from skill_fleet.markdown import Block, Markdown, estimated_tokens, shortened, tidy


@dataclass(frozen=True, order=True)
class Range:
    """Lines `first` to `last` (from 1, inclusive) of source `source` (from 1)."""

    source: int
    first: int
    last: int

    def __str__(self) -> str:
        return f"S{self.source}:{self.first}" + (f"-{self.last}" if self.last > self.first else "")


@dataclass(frozen=True)
class Source:
    """One source. `shown` are the numbers of the lines that the model may see, `markdown` is the text, parsed once."""

    number: int
    name: str
    lines: tuple[str, ...]
    shown: frozenset[int]
    markdown: Markdown

    def piece(self, first: int, last: int) -> tuple[int, list[str], Block | None]:
        """Return what a reference puts into a file: the number of its first line, the lines, and their code block.

        In a code block that is what of it the lines hold, without the fence, whole statements; else all blocks that
        they touch.
        """
        held = [one for one in self.markdown.fences if one.start < last and first - 1 < one.end]
        if fence := max(held, key=lambda one: min(last, one.end) - max(first - 1, one.start), default=None):
            rows = fence.content.removesuffix("\n").split("\n")
            top = fence.start + 2  # the number of its first line of code
            start, end = max(0, first - top), min(len(rows), max(last - top + 1, 1))
            start, end = _whole_statements(rows, min(start, len(rows) - 1), end)
            return top + start, rows[start:end], fence
        touched = [one for one in self.markdown.blocks if one.start < last and first - 1 < one.end]
        start = min([first - 1, *(one.start for one in touched)])
        end = max([last, *(one.end for one in touched)])
        while end > start + 1 and not self.lines[end - 1].strip():
            end -= 1
        return start + 1, list(self.lines[start:end]), None


def _whole_statements(rows: Sequence[str], start: int, end: int) -> tuple[int, int]:
    """Extend lines of code to whole statements, as far as indentation, brackets and backslashes tell."""
    least = min((len(row) - len(row.lstrip()) for row in rows if row.strip()), default=0)

    def goes_on(at: int) -> bool:  # whether the line, or the first after blank ones, continues what is before it
        at = next((each for each in range(at, len(rows)) if rows[each].strip()), at)
        return (
            rows[at][: least + 1].isspace() or rows[at].lstrip()[:1] in (")", "]", "}") or rows[at - 1].endswith("\\")
        )

    while start > 0 and goes_on(start):
        start -= 1
    while end < len(rows) and any(map(str.strip, rows[end:])) and goes_on(end):
        end += 1
    return start, end


@dataclass(frozen=True)
class Sources:
    """All sources, `notes` on how they were narrowed, and why lines are not shown."""

    all: tuple[Source, ...] = ()
    notes: tuple[str, ...] = ()

    def text(self) -> str:
        """Return all shown lines, each source under a line that introduces it, with gaps marked."""
        shown = (one for one in self.all if one.shown)
        return "\n\n".join(numbered(f"S{one.number} = {one.name}", one.lines, one.shown) for one in shown)

    def only(self, lines: Collection[tuple[int, int]]) -> Sources:
        """Return the sources with nothing shown but these lines (source and number)."""
        chosen = ({at for at in one.shown if (one.number, at) in lines} for one in self.all)
        return Sources(tuple(replace(one, shown=frozenset(each)) for one, each in zip(self.all, chosen, strict=True)))

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
        if not any(number in source.shown for number in range(one.first, one.last + 1)):
            return f"{one} is a range of lines that are not shown."
        return ""

    def lines(self, one: Range) -> tuple[str, ...]:
        """Return the lines of a range."""
        return self.all[one.source - 1].lines[one.first - 1 : one.last]

    def ranges_in(self, text: str) -> tuple[Range, ...]:
        """Return the ranges that a text names, such as `S1:12-18, S2:7`, if they can be cited."""
        return tuple(one for one in _ranges(text) if not self.wrong(one))


_HEADING = re.compile(r"#{1,6}[ \t]+\S")
_BELOW_TITLE = re.compile(r"#{2,6}[ \t]+\S")  # one sign may be a comment in code
_MOST_OUTLINE = 300  # characters of headings that are named for lines that are not shown


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
    return Sources(
        tuple(
            Source(number, one.name, lines, frozenset(range(1, len(lines) + 1)), Markdown("\n".join(lines)))
            for number, one in enumerate(documents, 1)
            for lines in [tuple(one.text.removesuffix("\n").split("\n")) if one.text else ()]
        )
    )


def brief_text(brief: Brief) -> str:
    """Return a brief as the model reads it; of a skill without one, its id alone."""
    lines = [f"Task: {' '.join(brief.task.split())}"] if brief.task else []
    lines.append(f"Skill: {brief.path}")
    lines += [f"Audience: {brief.audience or 'developers'}"] if brief.audience or brief.task else []
    lines += [f"K{number}: {text}" for number, text in enumerate(brief.capabilities, 1)]
    for head, entries in (
        ("Load when", brief.triggers), ("Not for", brief.non_goals), ("Agreed", brief.agreed),
        ("Assumed", brief.assumptions),
    ):  # fmt: skip
        lines += [f"{head}: {entry}" for entry in entries]
    return "\n".join(lines)


MOST_PASSAGES = 12_000  # tokens of sources for a revision
_AROUND = 5  # lines around those that a problem names
_SHARE = 0.9  # of the limit: line numbers and marks of gaps are added
_OPENING, _LONGEST = 40, 120  # lines of the first part of a document, which is always shown, and of others
_WORD = re.compile(r"[^\W\d_][\w.+-]+[\w+]")  # without the full stop of a sentence
_COMMON = {
    "the", "and", "for", "with", "that", "this", "from", "into", "use", "using", "how", "what", "when", "make", "write",
    "skill", "skills", "create", "about", "draft", "build", "new", "all", "are", "our", "your", "should", "agent", "agents",
}  # fmt: skip


@dataclass(frozen=True)
class _Part:
    """Whole blocks of one source: their lines (source and number), tokens and words."""

    lines: tuple[tuple[int, int], ...]
    tokens: int
    words: frozenset[str]


def narrowed(sources: Sources, asked: str, most: int) -> Sources:
    """Return the sources with at most about `most` tokens shown: the parts with the rarest words of `asked`.

    Raises UserError if no part that fits has any of these words.
    """
    size = estimated_tokens(sources.text())
    if size <= most:
        return sources
    parts = [part for source in sources.all for part in _parts(source)]
    shared = _rarity([part.words for part in parts], words_of(asked))
    weight = {part: rare / math.sqrt(200 + part.tokens) for part, rare in zip(parts, shared, strict=True)}
    openings = [part for part in parts if part.lines[0][1] == 1]
    chosen, room = set[tuple[int, int]](), most * _SHARE
    for part in dict.fromkeys([*openings, *sorted(filter(weight.get, parts), key=weight.__getitem__, reverse=True)]):
        if part.tokens <= room:
            chosen.update(part.lines)
            room -= part.tokens
    if not any(shared) or not chosen:
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
    for part in (part for source in sources.all for part in _parts(source)):
        if part.tokens > room or not groups:
            groups.append(set())
            room = most * _SHARE
        groups[-1].update(part.lines)
        room -= part.tokens
    return tuple(map(sources.only, groups))


def words_of(text: str) -> frozenset[str]:
    """Return the words that say what a text is about, in lower case."""
    return frozenset(_WORD.findall(text.casefold())) - _COMMON


def _rarity(texts: Sequence[frozenset[str]], asked: frozenset[str]) -> list[float]:
    """How many words each text shares with what is asked: the rarer among the texts, the more one counts."""
    count = Counter(word for words in texts for word in words & asked)
    return [sum(1 / count[word] for word in words & asked) for words in texts]


def nearest(entries: Mapping[str, str], asked: str, most: int) -> dict[str, str]:
    """Return the `most` entries (a description by name) that share the rarest words with `asked`, in their order."""
    texts = [words_of(f"{name.replace('/', ' ').replace('-', ' ')} {text}") for name, text in entries.items()]
    rare = dict(zip(entries, _rarity(texts, words_of(asked)), strict=True))
    return {name: entries[name] for name in sorted(filter(rare.get, entries), key=lambda name: -rare[name])[:most]}


def _parts(source: Source) -> Iterator[_Part]:
    """The parts of a source: it is cut at headings, and at other blocks where a part would get too long."""
    cuts = [0]
    for block in source.markdown.blocks:
        length = block.start - cuts[-1]
        if length > 0 and (block.kind == "heading" or length >= (_LONGEST if cuts[-1] else _OPENING)):
            cuts.append(block.start)
    for first, last in pairwise([*cuts, len(source.lines)] if source.lines else []):
        rows = source.lines[first:last]
        tokens = estimated_tokens("".join(f"{last}| {row}\n" for row in rows))
        lines = tuple((source.number, at) for at in range(first + 1, last + 1))
        yield _Part(lines, tokens, words_of("\n".join(rows)))


_ONE = r"S\d+:\d+(?:\s*[-\u2013]\s*(?:S\d+:)?\d+)?"
_MARK = re.compile(rf"[ \t]*(?<!\[)\[({_ONE}(?:\s*[,;]\s*{_ONE})*)\](?!\])")
_PART = re.compile(r"S(\d+):(\d+)(?:\s*[-\u2013]\s*(?:S\d+:)?(\d+))?")
_REFERENCE = re.compile(rf"([ \t]*)\[\[({_ONE})\]\][ \t]*\Z")
_FENCE = re.compile(r"((?:[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t])?[ \t]*)(`{3,}|~{3,})([^`]*)\Z")


def _ranges(text: str) -> Iterator[Range]:
    for source, first, last in _PART.findall(text):
        yield Range(int(source), int(first), int(last or first))


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
    markdown = Markdown(text if whole_code else _indented(text))
    fences, lines = ([], text.split("\n")) if whole_code else (list(markdown.fences), markdown.lines)
    inside = {number: fence for fence in fences for number in range(fence.start, fence.end)}
    kept: list[str] = []
    opened: dict[Block, int] = {}  # where the opening line of a fence is in `kept`
    placed: list[Placed] = []
    cited: list[tuple[str, Range]] = []
    lost, wrong = list[str](), list[str]()
    heading = ""
    for number, line in enumerate(lines):
        fence = inside.get(number)
        if fence and fence.start == number:
            opened[fence] = len(kept)
        if reference := _REFERENCE.match(line):
            found = next(_ranges(reference[2]))
            if why := sources.wrong(found):
                lost.append(why)
                continue
            first, rows, block = sources.all[found.source - 1].piece(found.first, found.last)
            shown = [f"{reference[1]}{row}" if row else row for row in rows]
            alone = fence is None and block is not None and not whole_code
            if Placed(found.source, first, tuple(shown)) in placed and fence and number - 1 in inside:
                continue  # two references to one statement
            placed.append(Placed(found.source, first, tuple(shown)))
            marks = "`" * max([3, *(len(run) + 1 for row in rows for run in re.findall(r"^\s*(`{3,})", row))])
            if alone and block:
                kept += [f"{reference[1]}{marks}{block.info}", *shown, f"{reference[1]}{marks}"]
            else:
                kept += shown
            if fence and len(marks) > 3:  # what is put in must not end the block
                kept[opened[fence]] = re.sub(r"[`~]{3,}", marks, kept[opened[fence]], count=1)
                lines[fence.end - 1] = re.sub(r"[`~]{3,}", marks, lines[fence.end - 1], count=1)
            continue
        if fence or whole_code:
            kept.append(line)
            continue
        if _HEADING.match(line):
            heading = tidy(line.lstrip("# "))
        marks_found = _MARK.findall(line)
        named = [one for mark in marks_found for one in _ranges(mark)]
        cited += ((heading, one) for one in named if not sources.wrong(one))
        wrong += filter(None, map(sources.wrong, named))
        bare = _MARK.sub("", line).rstrip() if marks_found else line
        if not marks_found or bare.strip():
            kept.append(bare)
        elif kept and not kept[-1].strip():
            kept.pop()  # it was between two blank lines, of which one remains
    done = "\n".join(kept).strip("\n")
    each = () if whole_code else (markdown, Markdown(done))  # the first has the line numbers of the reply
    unclosed = next(
        (f"line {one.start + 1}, {it.lines[one.start]!r}" for it in each for one in it.fences if not one.closed), ""
    )
    return Filled(done, tuple(placed), tuple(dict.fromkeys(cited)), tuple(lost), tuple(dict.fromkeys(wrong)), unclosed)
