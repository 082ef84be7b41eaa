"""The plan of a run: which optimiser, on which examples, and how many calls of the model that takes. Nothing is asked."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from skill_fleet.learning.examples import Parts
from skill_fleet.learning.scoring import tokens_of

LEAST_TEST = 60
"""Examples of the test set from which on the sign-flip test may accept a program. With "strictly better" alone, a useless
optimiser is accepted in four of ten cases."""
MINIBATCH = 3  # examples that one reflection is about


class Optimiser(StrEnum):
    """What makes a better program."""

    NONE = "none"
    BOOTSTRAP = "BootstrapFewShot"  # successful answers become demonstrations
    GEPA = "GEPA"  # a model rewrites the instructions, by what is said about answers


LEAST = {Optimiser.BOOTSTRAP: 10, Optimiser.GEPA: 30}
"""The number of examples, without those of the test, from which on an optimiser is chosen."""


@dataclass(frozen=True)
class Plan:
    """A run for one step. `metric_calls` limit the optimiser."""

    step: str
    optimiser: Optimiser
    parts: Parts
    metric_calls: int

    @property
    def calls(self) -> dict[str, int]:
        """The most calls of the model, by what they are for: an optimiser looks at its limit only now and then."""
        validation, test = len(self.parts.validation), len(self.parts.test)
        if self.optimiser is Optimiser.NONE:
            return {}
        learning = len(self.parts.train)
        if self.optimiser is Optimiser.GEPA:
            learning = self.metric_calls + validation + 2 * MINIBATCH + math.ceil(self.metric_calls / MINIBATCH)
        same = math.ceil(learning / max(validation, 1)) * validation
        return {
            self.optimiser: learning,
            "validation of its program": validation,
            "best of k, at equal cost": same,
            "test, as it is": test,
            "test, with its program": test,
        }

    @property
    def tokens(self) -> int:
        """About how many tokens that takes."""
        shown = [*self.parts.train, *self.parts.validation, *self.parts.test]
        return sum(self.calls.values()) * tokens_of(shown) // max(len(shown), 1)

    @property
    def missing(self) -> dict[str, int]:
        """How many examples are missing for what."""
        have = len(self.parts.train) + len(self.parts.validation)
        needs = {f"training, for {name}": least - have for name, least in LEAST.items()}
        needs["test, to accept a program"] = LEAST_TEST - len(self.parts.test)
        return {name: count for name, count in needs.items() if count > 0}


def plan_of(step: str, parts: Parts, metric_calls: int = 0) -> Plan:
    """Return the plan for a step. Without `metric_calls`, eight for each example of the validation, at least 40."""
    have = len(parts.train) + len(parts.validation)
    chosen = [name for name, least in LEAST.items() if have >= least and parts.validation]
    optimiser = chosen[-1] if chosen else Optimiser.NONE
    return Plan(step, optimiser, parts, metric_calls or max(40, 8 * len(parts.validation)))
