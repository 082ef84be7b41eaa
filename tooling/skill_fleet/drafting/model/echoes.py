"""Long runs of words that a draft shares with the prompts or with other skills: a sign that it was copied, not written."""

from __future__ import annotations

import re
from collections.abc import Iterable

RUN = 12
_WORD = re.compile(r"[a-z0-9]+")


def runs_of(texts: Iterable[str]) -> frozenset[tuple[str, ...]]:
    """Every run of twelve words in `texts`."""
    return frozenset(run for text in texts for run in _runs(text))


def echo(text: str, runs: frozenset[tuple[str, ...]], allowed: str = "") -> str:
    """The first run of twelve words that `text` shares with `runs` and not with `allowed`; '' when there is none."""
    own = runs_of([allowed]) if allowed else frozenset()
    return next((" ".join(run) for run in _runs(text) if run in runs and run not in own), "")


def _runs(text: str) -> Iterable[tuple[str, ...]]:
    words = _WORD.findall(text.lower())
    return (tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1))
