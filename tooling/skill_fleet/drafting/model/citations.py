"""Citations in what the model wrote: found, checked, taken out, and kept beside the text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from skill_fleet.checks.markdown import Markdown
from skill_fleet.drafting.model.numbered import Range, Sources

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
