"""`make simulation`: how often the verdict is right, by draws whose truth is known.

Runs are Bernoulli draws with a rate for each task: without the skill from a Beta distribution, with it shifted by the
effect, and cut off at 0 and 1. A shift of 40 points is a mean of less where the cut takes something away, so the mean that
is left is printed, too. Where the baseline has too little to lose, a skill that hurts is drawn in the mirror.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from evals import planted
from skill_fleet.evals import Outcome, judge

TASKS, RUNS, DRAWS = 20, 5, 2000
BASELINES: dict[str, Callable[[random.Random], float]] = {
    "Beta(1.2, 1.2)": lambda chance: chance.betavariate(1.2, 1.2),
    "Beta(1, 3)": lambda chance: chance.betavariate(1, 3),
}
CURVE = (0, 5, 10, 15, 20, 25, 27, 30, 35, 40)


@dataclass(frozen=True)
class Result:
    """The shares of outcomes over many measurements, of pairs of them that differ, and the mean effect that was left."""

    helps: float
    hurts: float
    differ: float
    mean: float


def simulate(baseline: Callable[[random.Random], float], points: float, draws: int = DRAWS, seed: int = 1) -> Result:
    """Measure an effect many times, twice each time."""
    chance = random.Random(f"{seed} {points}")
    outcomes: Counter[Outcome] = Counter()
    differ, left = 0, 0.0
    for _ in range(draws):
        low = [baseline(chance) for _ in range(TASKS)]
        high = [min(1.0, rate + abs(points) / 100) for rate in low]
        left += sum(high) - sum(low)
        control, skill = (high, low) if points < 0 else (low, high)
        first, second = (judge(_runs(chance, skill), _runs(chance, control)).outcome for _ in range(2))
        outcomes[first] += 1
        differ += first is not second
    sign = -1 if points < 0 else 1
    return Result(
        outcomes[Outcome.HELPS] / draws, outcomes[Outcome.HURTS] / draws, differ / draws, sign * left / draws / TASKS
    )


def _runs(chance: random.Random, rates: list[float]) -> dict[int, list[float]]:
    return {task: [float(chance.random() < rate) for _ in range(RUNS)] for task, rate in enumerate(rates)}


def end_to_end(mode: str, seed: int) -> str:
    """Measure a planted effect with real runs of the scripted agent, and return the outcome."""
    chance = random.Random(seed)
    rates = [BASELINES["Beta(1.2, 1.2)"](chance) for _ in range(TASKS)]
    with tempfile.TemporaryDirectory() as folder:
        cases = planted.cases(*(planted.case(task, round(rate, 2)) for task, rate in enumerate(rates, 1)))
        bed = planted.make_fleet(Path(folder), **{f"{planted.FOLDER}/evals/evals.json": cases})
        planted.measured(bed, mode, runs=RUNS)
        return str(planted.evidence(bed)[1]["verdicts"]["effect"]["outcome"])


def main() -> None:
    """Print the table."""
    draws = int(sys.argv[1]) if len(sys.argv) > 1 else DRAWS
    print(f"{TASKS} tasks, {RUNS} runs of each in both arms, {draws} draws")
    for name, baseline in BASELINES.items():
        print(f"\nbaseline {name}\neffect   mean left  helps  hurts  two measurements differ")
        for points in (-40, *CURVE):
            found = simulate(baseline, points, draws)
            print(
                f"{points:+6}   {100 * found.mean:+9.1f}  {found.helps:5.3f}  {found.hurts:5.3f}  {found.differ:5.3f}"
            )
    print("\nend to end, with a scripted agent")
    for seed, mode in enumerate(("follow", "ignore", "misled")):
        print(f"{mode:6}   {end_to_end(mode, seed)}")


if __name__ == "__main__":
    main()
