"""Many equal sections in a row that are about one thing, by the words of their titles: the endpoints of one resource, the
methods of one class, the commands of one tool."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

LEAST = 12  # siblings from which on they are grouped at all
_RUN = 3
_MOST = 0.6  # the share of siblings that have to belong to a run, or the titles are not of that kind
_TOLD = 0.4  # a word in more of the titles than that tells nothing
_SPLIT = re.compile(r"\{[^{}]*\}|<[^<>]*>|\([^()]*\)|\[[^\[\]]*\]")
_WORD = re.compile(r"[^\W\d_]{3,}")
_VERBS = {
    "get", "post", "put", "patch", "delete", "head", "options", "the", "and", "for", "with", "from", "class", "event", "new",
    "how", "what", "why", "can", "you", "your", "does", "are", "when", "which", "not", "has", "all", "any", "other", "more",
}  # fmt: skip


@dataclass(frozen=True)
class Run:
    """Siblings `first` up to `last` (exclusive), and the words that their titles have in common."""

    first: int
    last: int
    label: str


def kin(titles: Sequence[str]) -> tuple[Run, ...]:
    """The runs of a list of titles, in order; none unless most titles are in one."""
    if len(titles) < LEAST:
        return ()
    words = [_words(title) for title in titles]
    counts = Counter(word for one in words for word in set(one))
    told = [{word for word in one if counts[word] <= max(_TOLD * len(titles), _RUN)} for one in words]
    runs: list[Run] = []
    at = 0
    while at < len(titles):
        common, end = told[at], at + 1
        while end < len(titles) and common & told[end]:
            common, end = common & told[end], end + 1
        if end - at >= _RUN:
            runs.append(Run(at, end, " ".join(word for word in dict.fromkeys(words[at]) if word in common)))
        at = end
    grouped = sum(run.last - run.first for run in runs)
    return tuple(runs) if len(runs) > 1 and grouped >= _MOST * len(titles) else ()


def _words(title: str) -> list[str]:
    return [word for word in _WORD.findall(_SPLIT.sub(" ", title).lower()) if word not in _VERBS]


def told(titles: Sequence[str]) -> list[str]:
    """The titles, with what the members of a run have in common in place of each run."""
    said: list[str] = []
    at = 0
    for run in kin(titles):
        said += [*titles[at : run.first], *([run.label] if run.label not in said else [])]
        at = run.last
    return [*said, *titles[at:]]
