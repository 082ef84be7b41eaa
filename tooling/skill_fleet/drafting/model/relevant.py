"""The lines of the sources that bear on a request, where all of them would be too many to show."""

from __future__ import annotations

from collections import Counter

from skill_fleet.drafting.model.narrowing import words_of
from skill_fleet.drafting.model.numbered import Range, Sources
from skill_fleet.drafting.model.spending import estimated

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
