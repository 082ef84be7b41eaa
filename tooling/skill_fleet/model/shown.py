"""What the model is shown: sources as numbered lines, narrowed to what a task is about, files of a skill, and a brief."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from skill_fleet.drafting import Brief, Document
from skill_fleet.errors import UserError
from skill_fleet.markdown import Markdown, Part, estimated_tokens, part_at, parts_of, relevance, shortened, tidy

NONE = "(none)"
MOST_PASSAGES = 12_000  # tokens of sources for a revision
_AROUND = 5  # lines around those that a problem names
_SHARE = 0.9  # of the limit: line numbers and marks of gaps are added
_OPENING, _LONGEST = 40, 120  # lines of the first part of a document, which is always shown, and of others
_MOST_OUTLINE = 300  # characters of headings that are named for lines that are not shown
_HEADING = re.compile(r"#{2,6}[ \t]+\S")  # one sign may be a comment in code
RANGE = r"S\d+:\d+(?:\s*[-\u2013]\s*(?:S\d+:)?\d+)?"
_RANGE = re.compile(r"S(\d+):(\d+)(?:\s*[-\u2013]\s*(?:S\d+:)?(\d+))?")


@dataclass(frozen=True)
class Range:
    """Lines `first` to `last` (from 1, inclusive) of source `source` (from 1)."""

    source: int
    first: int
    last: int

    def __str__(self) -> str:
        return f"S{self.source}:{self.first}" + (f"-{self.last}" if self.last > self.first else "")


def ranges_in(text: str) -> Iterator[Range]:
    """Yield the ranges that a text names, such as `S1:12-18, S2:7`."""
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


@dataclass(frozen=True)
class Sources:
    """All sources, and `notes` on how they were narrowed."""

    all: tuple[Source, ...] = ()
    notes: tuple[str, ...] = ()

    def text(self) -> str:
        """Return all shown lines, each source under a line that introduces it, with gaps marked."""
        shown = (one for one in self.all if one.shown)
        return "\n\n".join(_numbered(f"S{one.number} = {one.name}", one.lines, one.shown) for one in shown)

    def tokens(self) -> int:
        """Return the tokens of the lines that are shown, without their numbers."""
        return sum(estimated_tokens("\n".join(one.lines[at - 1] for at in one.shown)) for one in self.all)

    def only(self, ranges: Collection[Range], *notes: str) -> Sources:
        """Return the sources with nothing shown but the lines in these ranges."""
        lines = {(one.source, at) for one in ranges for at in range(one.first, one.last + 1)}
        chosen = (frozenset(at for at in one.shown if (one.number, at) in lines) for one in self.all)
        return Sources(tuple(replace(one, shown=each) for one, each in zip(self.all, chosen, strict=True)), notes)

    def lines(self, one: Range) -> tuple[str, ...]:
        """Return the lines of a range."""
        return self.all[one.source - 1].lines[one.first - 1 : one.last]

    def passages(self, ranges: Iterable[Range], most: int) -> str:
        """Return all shown lines if they have at most `most` tokens, else those around `ranges`."""
        if estimated_tokens(everything := self.text()) <= most:
            return everything
        return self.only([self._around(one) for one in ranges]).text()

    def _around(self, one: Range) -> Range:
        """A range with some lines around it, and their blocks whole, unless they are long."""
        first, last = one.first - _AROUND, one.last + _AROUND
        for block in self.all[one.source - 1].markdown.blocks:
            if block.end - block.start <= _OPENING:
                first = block.start + 1 if block.start < first <= block.end else first
                last = block.end if block.start < last <= block.end else last
        return Range(one.source, first, last)

    def wrong(self, one: Range) -> str:
        """Return the reason why a range cannot be cited; "" if it can."""
        if not 0 < one.source <= len(self.all):
            return f"There is no source S{one.source}."
        source = self.all[one.source - 1]
        if not 0 < one.first <= one.last <= len(source.lines):
            return f"{one} is not a range of S{one.source}, which has lines 1 to {len(source.lines)}."
        return (
            "" if source.shown & {*range(one.first, one.last + 1)} else f"{one} is a range of lines that are not shown."
        )

    def ranges_in(self, text: str) -> tuple[Range, ...]:
        """Return the ranges that a text names and that can be cited."""
        return tuple(one for one in ranges_in(text) if not self.wrong(one))


def number_sources(documents: Iterable[Document]) -> Sources:
    """Return the documents with their lines numbered."""
    found = []
    for number, one in enumerate(documents, 1):
        lines = one.text.removesuffix("\n").split("\n") if one.text else ()
        found.append(_source(number, one.name, dict(enumerate(lines, 1))))
    return Sources(tuple(found))


def _source(number: int, name: str, shown: Mapping[int, str]) -> Source:
    """A source with these lines, by number; those between them are not known."""
    lines = tuple(shown.get(at, "") for at in range(1, max(shown, default=0) + 1))
    return Source(number, name, lines, frozenset(shown), Markdown("\n".join(lines)))


def sources_shown(text: str) -> Sources:
    """Return the sources of a text that `Sources.text` made, as far as it shows them."""
    _, *pieces = re.split(r"^S(\d{1,3}) = (.*)$", text, flags=re.MULTILINE)
    found = {
        int(number): (name, {int(at): line for at, line in re.findall(r"^(\d{1,6})\| ?(.*)", rest, re.MULTILINE)})
        for number, name, rest in zip(*[iter(pieces)] * 3, strict=True)
    }
    return Sources(tuple(_source(at, *found.get(at, ("", {}))) for at in range(1, max(found, default=0) + 1)))


def _parts(sources: Sources) -> Iterator[tuple[Range, int]]:
    """The parts of all sources with their tokens, cut at headings, and at other blocks where a part would get too long."""
    for source in sources.all:
        cuts = [0]
        for block in source.markdown.blocks:
            length = block.start - cuts[-1]
            if length > 0 and (block.kind == "heading" or length >= (_LONGEST if cuts[-1] else _OPENING)):
                cuts.append(block.start)
        for first, last in pairwise([*cuts, len(source.lines)] if source.lines else []):
            rows = (f"{last}| {row}\n" for row in source.lines[first:last])
            yield Range(source.number, first + 1, last), estimated_tokens("".join(rows))


def narrowed(sources: Sources, asked: str, most: int) -> Sources:
    """Return the sources with at most about `most` tokens shown: the parts with the rarest words of `asked`.

    Raises UserError if no part that fits has any of these words.
    """
    size = estimated_tokens(sources.text())
    if size <= most:
        return sources
    parts = dict(_parts(sources))
    found = relevance(["\n".join(sources.lines(part)) for part in parts], asked)
    weight = {part: each for part, each in zip(parts, found, strict=True) if each}
    chosen, room = list[Range](), most * _SHARE
    openings = (part for part in parts if part.first == 1)
    for part in dict.fromkeys([*openings, *sorted(weight, key=weight.__getitem__, reverse=True)]):
        if parts[part] <= room:
            chosen.append(part)
            room -= parts[part]
    if not weight or not chosen:
        raise UserError(
            f"The sources have about {size:,} tokens; the model is shown {most:,} at most.",
            "Say in the task what it is about, so that the relevant parts can be chosen, or restructure all of it "
            "without a model: --no-model",
        )
    left = estimated_tokens(sources.only(chosen).text())
    return sources.only(chosen, f"Of about {size:,} tokens of sources, the model was shown {left:,}.")


def nearest(entries: Mapping[str, str], asked: str, most: int) -> dict[str, str]:
    """Return the `most` entries (a description by name) that share the rarest words with `asked`, the nearest first."""
    texts = [f"{name.replace('/', ' ').replace('-', ' ')} {text}" for name, text in entries.items()]
    rank = dict(zip(entries, relevance(texts, asked), strict=True))
    return {name: entries[name] for name in sorted(filter(rank.get, entries), key=lambda name: -rank[name])[:most]}


def _numbered(head: str, lines: Sequence[str], shown: Iterable[int]) -> str:
    """The shown lines (by number, from 1) as `12| text` under `head`, so that none can pass for one of ours. For those
    between them is a line with their headings."""
    rows, before = [head], 0
    for number in sorted(shown):
        if number > before + 1:
            headings = (line.lstrip("# ") for line in lines[before : number - 1] if _HEADING.match(line))
            outline = shortened(tidy("; ".join(headings)), _MOST_OUTLINE)
            rows.append(f"... (lines {before + 1}-{number - 1}: {outline})" if outline else "...")
        rows.append(f"{number}| {lines[number - 1]}")
        before = number
    return "\n".join(rows)


def shown_files(files: Mapping[str, str], places: Iterable[tuple[str, int]] | None = None) -> str:
    """Return files as the model reads them: each after a line that names it, its lines as `12| text`. With `places` (a
    file and a line, 0 for all of it), only the parts that hold them."""
    shown: dict[str, set[int]] = {}
    for path, line in places or ((path, 0) for path in files):
        whole = Part("", 0, 1, len(files[path].removesuffix("\n").split("\n")))
        part = part_at(parts_of(path, files[path]), line) if line else whole
        shown.setdefault(path, set()).update(range(part.first, part.last + 1) if files[path] else ())
    blocks = (_numbered(f"=== FILE {path}", files[path].split("\n"), numbers) for path, numbers in shown.items())
    return "\n\n".join(block if "\n" in block else f"{block}\n(empty)" for block in blocks)


def files_shown(text: str) -> dict[str, str]:
    """Return the files of a text that `shown_files` made and that shows all of them."""
    _, *pieces = re.split(r"^=== FILE (\S+)$", text, flags=re.MULTILINE)
    rows = zip(pieces[::2], pieces[1::2], strict=True)
    return {
        path: "".join(f"{line}\n" for line in re.findall(r"^\d+\| (.*)", rest, re.MULTILINE)) for path, rest in rows
    }


def threads_said(text: str) -> dict[str, list[str]]:
    """Return the lines that people wrote in each thread of a question about threads, by its label."""
    _, *blocks = re.split(r"^Thread (T\d+) at ", text, flags=re.MULTILINE)
    return {name: re.findall(r"^    \| .*", rest, re.MULTILINE) for name, rest in zip(*[iter(blocks)] * 2, strict=True)}


def listed(entries: Mapping[str, str]) -> str:
    """Return names with their descriptions, a line each, as the model reads them."""
    return "\n".join(f"{name}: {tidy(text)}" for name, text in sorted(entries.items())) or NONE


def brief_text(brief: Brief) -> str:
    """Return a brief as the model reads it; of a skill without one, its id alone."""
    lines = [f"Task: {tidy(brief.task)}"] if brief.task else []
    lines.append(f"Skill: {brief.path}")
    lines += [f"Audience: {brief.audience or 'developers'}"] if brief.audience or brief.task else []
    lines += [f"K{number}: {text}" for number, text in enumerate(brief.capabilities, 1)]
    lines += [f"Load when: {each}" for each in brief.triggers]
    lines += [f"Not for: {each}" for each in brief.non_goals]
    lines += [f"Agreed: {each}" for each in brief.agreed]
    return "\n".join(lines + [f"Assumed: {each}" for each in brief.assumptions])
