"""Sources that are longer than a model is shown: the parts that the task speaks of, and the beginning of each document.

What is left out is set aside like anything else, with the reason, so that the account of every line stays whole.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from skill_fleet.drafting.model.numbered import Source, Sources
from skill_fleet.drafting.model.spending import estimated
from skill_fleet.errors import UserError

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
