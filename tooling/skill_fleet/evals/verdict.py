"""What the runs of two arms show: an exact test over tasks, and the verdict. Pure: no clock, no files, no Git.

The unit is the task. Its difference is the mean score of its runs in one arm less that in the other. If the arms do the
same, each difference is as likely to have the other sign; so the p-value is the share of all 2**n choices of signs whose
sum is at least as extreme as the one seen.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from operator import sub
from statistics import NormalDist, fmean
from typing import Any

ALPHA = 0.0125
"""The error allowed on each side."""
MIN_TASKS = 5
NO_ROOM_FROM = 0.95
"""The mean score from which on an arm passes nearly all."""
MIN_ACTIVATION = 0.5
POWER = 0.8

_STEPS = 600
"""Differences are counted in steps of 1/600, to which they are rounded alike on both sides of zero, so the test is exact."""
_POINT = _STEPS // 100
_MOST_EXACT = 60
"""The number of tasks up to which all choices of signs are counted."""

Scores = Mapping[Any, Sequence[float]]
"""The scores of an arm's runs, each from 0 to 1, by task."""


class Outcome(StrEnum):
    """What is said about an arm that is compared with a control."""

    HELPS = "helps"
    HURTS = "hurts"
    NO_EVIDENCE = "no evidence"
    NO_ROOM = "no room"
    TOO_FEW_TASKS = "too few tasks"
    NOT_ACTIVATED = "not activated"
    PLACEBO = "placebo"
    INVALID = "invalid"


class Flaw(StrEnum):
    """Why runs cannot be compared."""

    MODELS_DIFFER = "models differ"
    SKILL_IN_CONTROL = "the control read the skill"


@dataclass(frozen=True)
class Comparison:
    """The paired differences of tasks, in steps, and what can be said about their mean."""

    differences: tuple[int, ...]

    @property
    def mean(self) -> float:
        """The mean difference; 0 without tasks."""
        return fmean(self.differences) / _STEPS if self.differences else 0.0

    @cached_property
    def above(self) -> float:
        """The one-sided p-value against "not above zero"."""
        return _p_above(self.differences)

    @cached_property
    def below(self) -> float:
        """The one-sided p-value against "not below zero"."""
        return _p_above([-each for each in self.differences])

    @cached_property
    def interval(self) -> tuple[float, float]:
        """The shifts that the test does not reject, with both ends rounded outward to hundredths."""
        return 0 - _lowest_rejected([-each for each in self.differences]), _lowest_rejected(self.differences)

    @property
    def detectable(self) -> float | None:
        """The smallest mean difference that would be seen with a power of .8; None when no result could be significant."""
        count = len(self.differences)
        if 0.5**count > ALPHA:
            return None
        normal = NormalDist()
        reach = normal.inv_cdf(1 - ALPHA) + normal.inv_cdf(POWER)
        mean = fmean(self.differences)
        spread = math.sqrt(sum((each - mean) ** 2 for each in self.differences) / (count - 1)) / _STEPS
        return max(0.01, reach * spread / math.sqrt(count))


@dataclass(frozen=True)
class Verdict:
    """The outcome of one arm against a control, with the means of both and the share of runs that read the skill."""

    outcome: Outcome
    comparison: Comparison
    mean: float
    control: float
    activation: float | None = None
    flaw: Flaw | None = None


def compare_costs(arm: Scores, control: Scores) -> Comparison | None:
    """Compare what runs cost: differences are logarithms of ratios. None when no task has a cost in both arms.

    A ratio beyond 20 counts as 20, so that no figure in a file can make this take long.
    """
    costs, others = ({task: runs for task, runs in each.items() if sum(runs) > 0} for each in (arm, control))
    most = math.log(20)
    found = _compare(costs, others, lambda ours, other: max(-most, min(most, math.log(ours / other))))
    return found if found.differences else None


def judge(
    arm: Scores,
    control: Scores,
    activations: Sequence[bool] = (),
    sham: Scores | None = None,
    flaw: Flaw | None = None,
) -> Verdict:
    """Return the verdict on `arm`. `activations` says for each of its runs, where known, whether it read the skill."""
    comparison = _compare(arm, control)
    tasks = [task for task in arm if control.get(task)]
    means = [fmean([fmean(scores[task]) for task in tasks]) if tasks else 0.0 for scores in (arm, control)]
    activation = sum(activations) / len(activations) if activations else None
    outcome = Outcome.INVALID if flaw else _outcome(comparison, means[1], activation)
    if outcome is Outcome.HELPS and sham is not None and _compare(arm, sham).above > ALPHA:
        outcome = Outcome.PLACEBO
    return Verdict(outcome, comparison, means[0], means[1], activation, flaw)


def holm(p_values: Mapping[str, float]) -> set[str]:
    """Return the names whose p-value is significant, corrected by Holm for how many there are."""
    found: set[str] = set()
    for at, name in enumerate(sorted(p_values, key=lambda name: p_values[name])):
        if p_values[name] > ALPHA / (len(p_values) - at):
            break
        found.add(name)
    return found


def _outcome(comparison: Comparison, control: float, activation: float | None) -> Outcome:
    if len(comparison.differences) < MIN_TASKS:
        return Outcome.TOO_FEW_TASKS
    if comparison.below <= ALPHA:
        return Outcome.HURTS
    if comparison.above <= ALPHA and activation != 0:
        return Outcome.HELPS
    if activation is not None and activation < MIN_ACTIVATION:
        return Outcome.NOT_ACTIVATED
    return Outcome.NO_ROOM if control >= NO_ROOM_FROM else Outcome.NO_EVIDENCE


def _compare(arm: Scores, control: Scores, difference: Callable[[float, float], float] = sub) -> Comparison:
    """Compare the means of the tasks that both arms have."""
    tasks = [task for task, runs in arm.items() if runs and control.get(task)]
    return Comparison(tuple(round(difference(fmean(arm[task]), fmean(control[task])) * _STEPS) for task in tasks))


def _p_above(differences: Sequence[int]) -> float:
    """The share of all choices of signs whose sum is at least that of `differences`.

    So their negative terms add up to no more. `counts` is a polynomial in one number: its digit k, of `width` bits, is how
    many choices have negative terms that add up to k. So one shift and one sum convolve it with another task, and a
    remainder adds up digits. For each choice the opposite one is counted, too, so the rarer side is enough.

    The time of that grows with the cube of the number of tasks; where there are many, the sum is all but normal.
    """
    sizes = [abs(each) for each in differences]
    if len(sizes) > _MOST_EXACT and any(sizes):
        return 1 - NormalDist().cdf(sum(differences) / math.hypot(*sizes))
    step, width, choices = math.gcd(*sizes) or 1, len(sizes) + 1, 1 << len(sizes)
    seen = sum(-each for each in differences if each < 0) // step
    most = min(seen, sum(sizes) // step - seen - 1)
    counts, mask = int(most >= 0), (1 << (most + 1) * width) - 1
    for size in sizes:
        if size // step <= most:
            counts += (counts << size // step * width) & mask
    found = counts % ((1 << width) - 1)
    return (found if most == seen else choices - found) / choices


def _lowest_rejected(differences: Sequence[int]) -> float:
    """The lowest shift, in hundredths, that is rejected for being above the mean of `differences`; the largest if none is.

    It is looked for first where it would be if the sum were normal.
    """
    if not differences:
        return 1.0
    low, high = math.floor(min(differences) / _POINT), math.ceil(max(differences) / _POINT)

    def rejected(point: int) -> bool:
        return _p_above([point * _POINT - each for each in differences]) <= ALPHA

    count, mean, z = len(differences), fmean(differences), NormalDist().inv_cdf(1 - ALPHA)
    spread = math.sqrt(sum((each - mean) ** 2 for each in differences) / max(1, count - z * z) / count)
    guess = math.floor((mean + z * spread) / _POINT)
    for point in (guess, guess - 1, guess + 1):
        if low <= point < high:
            low, high = (low, point) if rejected(point) else (point + 1, high)
    return (low + bisect_left(range(low, high), True, key=rejected)) / 100


def share_interval(seen: int, of: int) -> tuple[float, float]:
    """Return Wilson's interval of 95 % for a share of at least one."""
    z, share = NormalDist().inv_cdf(0.975), seen / of
    reach = z * math.sqrt(share * (1 - share) / of + (z / of) ** 2 / 4)
    low, high = ((share + z * z / of / 2 + way * reach) / (1 + z * z / of) for way in (-1, 1))
    return max(0.0, round(low, 4)), min(1.0, round(high, 4))
