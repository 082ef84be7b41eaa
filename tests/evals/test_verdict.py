"""The verdict: an exact test, an interval that is its inverse, and what is said in each situation."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given, strategies as st

from simulation import BASELINES, simulate
from skill_fleet.evals import ALPHA, Comparison, Flaw, Outcome, compare_costs, judge

STEPS = st.lists(st.integers(-10, 10).map(lambda number: number * 60), min_size=1, max_size=9)


def every_sign(differences: list[int]) -> float:
    """The p-value by trying all choices of signs."""
    sums = [
        sum(sign * abs(each) for sign, each in zip(signs, differences, strict=True))
        for signs in itertools.product((1, -1), repeat=len(differences))
    ]
    return sum(each >= sum(differences) for each in sums) / len(sums)


@given(STEPS)
def test_the_test_is_exact(differences: list[int]) -> None:
    """The p-values are those of trying all signs."""
    found = Comparison(tuple(differences))

    assert found.above == pytest.approx(every_sign(differences), abs=1e-12)
    assert found.below == pytest.approx(every_sign([-each for each in differences]), abs=1e-12)


@given(STEPS)
def test_the_interval_inverts_the_test(differences: list[int]) -> None:
    """A shift by a little more than either end is rejected, one inside is not; the mean is inside."""
    found = Comparison(tuple(differences))
    low, high = found.interval
    point = 6  # steps

    def shifted(by: float) -> Comparison:
        return Comparison(tuple(each - round(by * 100) * point for each in differences))

    assert low <= found.mean + 0.01 and found.mean - 0.01 <= high
    if len(differences) >= 7:
        assert shifted(low).above <= ALPHA < shifted(low + 0.01).above or low * 600 <= min(differences)
        assert shifted(high).below <= ALPHA < shifted(high - 0.01).below or high * 600 >= max(differences)
    else:
        assert low * 600 <= min(differences) and max(differences) <= high * 600


def test_many_tasks_are_no_problem() -> None:
    """A stranger's evidence can list any number; where signs are no longer counted, the result is nearly the same."""
    chance = random.Random(1)
    differences = [chance.randint(-300, 330) for _ in range(60)]
    exact, many = Comparison(tuple(differences)), Comparison((*differences, 0))

    assert many.above == pytest.approx(exact.above, abs=0.01)
    assert many.interval == pytest.approx(exact.interval, abs=0.02)
    assert Comparison(tuple(differences * 300)).interval[0] > 0
    assert Comparison((0,) * 1000).above == 1


GOOD, BAD = {task: [1.0, 1.0] for task in range(8)}, {task: [0.0, 0.5] for task in range(8)}
FULL = {task: [1.0, 1.0] for task in range(8)}
MIXED = {task: [float(task % 2), 0.5] for task in range(8)}


@pytest.mark.parametrize(
    ("outcome", "arm", "control", "more"),
    [
        (Outcome.HELPS, GOOD, BAD, {}),
        (Outcome.HURTS, BAD, GOOD, {}),
        (Outcome.NO_EVIDENCE, MIXED, MIXED, {}),
        (Outcome.NO_ROOM, FULL, FULL, {}),
        (Outcome.TOO_FEW_TASKS, {task: GOOD[task] for task in range(4)}, BAD, {}),
        (Outcome.TOO_FEW_TASKS, {}, {}, {}),
        (Outcome.NOT_ACTIVATED, MIXED, MIXED, {"activations": [False, False, True]}),
        (Outcome.NOT_ACTIVATED, GOOD, BAD, {"activations": [False, False]}),
        (Outcome.NO_EVIDENCE, MIXED, MIXED, {"activations": [True, False]}),
        (Outcome.HURTS, BAD, GOOD, {"activations": [False]}),
        (Outcome.PLACEBO, GOOD, BAD, {"sham": GOOD}),
        (Outcome.HELPS, GOOD, BAD, {"sham": BAD}),
        (Outcome.INVALID, GOOD, BAD, {"flaw": Flaw.MODELS_DIFFER}),
    ],
)
def test_outcomes(outcome: Outcome, arm: dict, control: dict, more: dict) -> None:  # type: ignore[type-arg]
    """Each outcome, in the situation that it is for."""
    assert judge(arm, control, **more).outcome is outcome


def test_with_few_tasks_no_lift_can_be_seen() -> None:
    """Six tasks that all go up are not significant, so there is no smallest lift that could be seen."""
    assert Comparison((600,) * 6).detectable is None
    assert Comparison((600,) * 6).above > ALPHA >= Comparison((600,) * 7).above
    assert Comparison(tuple(range(0, 420, 60))).detectable is not None


def test_costs_are_compared_as_ratios() -> None:
    """Half as much again is that, whatever the tasks cost; unknown costs are left out."""
    control = {task: [100.0 * (task + 1)] for task in range(8)}
    found = compare_costs({task: [1.5 * each[0]] for task, each in control.items()}, control)

    assert found is not None and found.above <= ALPHA and found.mean == pytest.approx(0.405, abs=0.002)
    assert compare_costs({}, control) is None
    assert compare_costs({1: [0.0]}, {1: [0.0]}) is None


@pytest.mark.parametrize("name", BASELINES)
def test_the_verdict_is_right(name: str) -> None:
    """A short form of `make simulation`: 40 points either way are seen, none is not, and two measurements agree."""
    up, down, none = (simulate(BASELINES[name], points, draws=150) for points in (40, -40, 0))

    assert up.helps >= 0.96 and down.hurts >= 0.96
    assert none.helps <= 0.04 and none.hurts <= 0.04
    assert max(up.differ, down.differ, none.differ) <= 0.08
