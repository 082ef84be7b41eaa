"""How good the answer of a step is: a score from 0 to 1, the reason in words for an optimiser, and what was counted.

Code decides. No model is asked, and the words of a skill or a reply are never run.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Any

Counts = Mapping[str, tuple[int, int]]  # by name: how many, of how many


@dataclass(frozen=True)
class Score:
    """The score of one answer, what to say to an optimiser, and what was counted."""

    value: float
    feedback: str = ""
    counts: Counts = field(default_factory=dict)


Metric = Callable[[Mapping[str, Any], Any], Score]
"""Scores an answer by what is known about the right one."""


def critique_score(gold: Mapping[str, Any], problems: Sequence[Any]) -> Score:
    """Score findings by the errors that were planted. A finding counts when it quotes one of the lines of an error, or
    names what the error put there; `missing` may quote the line before."""
    errors, files = gold["errors"], gold["files"]
    named = [{at for at, error in enumerate(errors) if _names(one, error, files)} for one in problems]
    found = set[int]().union(*named)
    right = sum(map(bool, named))
    feedback = [f"Missed: {_described(error)}" for at, error in enumerate(errors) if at not in found]
    feedback += [
        f"Reported, and no error: {one.rule} in {one.file}, {one.quote!r}: {one.why}"
        for one, hits in zip(problems, named, strict=True)
        if not hits
    ]
    if not errors:
        counts = {"findings in skills as they are": (len(problems), 1)}
        return Score(1 / (1 + len(problems)), "\n".join(feedback), counts)
    counts = {"recall": (len(found), len(errors)), "precision": (right, len(problems))}
    for at, error in enumerate(errors):
        seen, of = counts.get(name := f"recall, {error['kind']}", (0, 0))
        counts[name] = (seen + (at in found), of + 1)
    return Score((len(found) + right) / (len(errors) + len(problems)), "\n".join(feedback), counts)


def _names(one: Any, error: Mapping[str, Any], files: Mapping[str, str]) -> bool:
    quote = one.quote.strip()
    new = error["new"].strip()
    if len(new) > 5 and new in f"{quote} {one.why}":
        return True
    if one.file != error["file"] or not quote:
        return False
    rows = enumerate(files.get(one.file, "").split("\n"), 1)
    first = error["first"] - (one.rule == "missing")
    return any(quote in line for at, line in rows if first <= at <= error["last"])


def _described(error: Mapping[str, Any]) -> str:
    place = f"{error['kind']} in {error['file']}, line {error['first']}"
    return f"{place}: {error['old']!r} became {error['new']!r}" if error["new"] else f"{place}: it was {error['old']!r}"


METRICS: Mapping[str, Metric] = {"critique_task": critique_score}


def total(counts: Iterable[Counts]) -> dict[str, tuple[int, int]]:
    """Return the sums of what was counted, by name."""
    found: dict[str, tuple[int, int]] = {}
    for each in counts:
        for name, (seen, of) in each.items():
            before = found.get(name, (0, 0))
            found[name] = (before[0] + seen, before[1] + of)
    return dict(sorted(found.items(), key=lambda one: (one[0].partition(",")[0] != one[0], one[0])))


def interval(seen: int, of: int) -> tuple[float, float]:
    """Return Wilson's interval of 95 % for a share."""
    if not of:
        return 0.0, 1.0
    z, share = NormalDist().inv_cdf(0.975), seen / of
    middle, reach = share + z * z / (2 * of), z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return max(0.0, (middle - reach) / (1 + z * z / of)), min(1.0, (middle + reach) / (1 + z * z / of))
