"""The plan of a run: which optimiser, on which examples, and how many calls of the model that takes. Nothing is asked."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

from skill_fleet.errors import UserError
from skill_fleet.fleet import Fleet
from skill_fleet.learning.examples import Example, planted_examples
from skill_fleet.learning.scoring import tokens_of

LEAST_TEST = 60
"""Examples of the test set from which on the sign-flip test may accept a program. With "strictly better" alone, a useless
optimiser is accepted in four of ten cases."""
MINIBATCH = 3  # examples that one reflection is about
MOST_VALIDATION = 20
_SHARE = 0.3  # of the skills, or pull requests, that are for the test


class Optimiser(StrEnum):
    """What makes a better program."""

    NONE = "none"
    BOOTSTRAP = "BootstrapFewShot"  # successful answers become demonstrations
    GEPA = "GEPA"  # a model rewrites the instructions, by what is said about answers


LEAST = {Optimiser.BOOTSTRAP: 10, Optimiser.GEPA: 30}
"""The number of examples, without those of the test, from which on an optimiser is chosen."""


@dataclass(frozen=True)
class Parts:
    """Examples to learn from, to choose by, and to test with. No skill is in two of them."""

    train: tuple[Example, ...]
    validation: tuple[Example, ...]
    test: tuple[Example, ...]

    @property
    def digest(self) -> str:
        """The digest of the test set."""
        rows = sorted(json.dumps(asdict(one), sort_keys=True) for one in self.test)
        return hashlib.sha256("\n".join(rows).encode()).hexdigest()[:16]


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
            return {"test, as it is": test}
        learning = len(self.parts.train)
        if self.optimiser is Optimiser.GEPA:
            over = validation + 2 * MINIBATCH
            learning = self.metric_calls + over + math.ceil(self.metric_calls / MINIBATCH)
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
    chosen = [name for name, least in LEAST.items() if have >= least]
    return Plan(
        step,
        chosen[-1] if chosen else Optimiser.NONE,
        parts,
        metric_calls or max(40, 8 * len(parts.validation)),
    )


def planted_parts(step: str, fleet: Fleet, seed: int, context: int, errors: int, learning: int, test: int) -> Parts:
    """Return about `learning` and `test` planted examples for a step, of different skills of a fleet.

    UserError when there are fewer than three skills.
    """
    skills = sorted(fleet.skills, key=lambda one: hashlib.sha256(one.id.encode()).digest())
    count = math.ceil(len(skills) * _SHARE)
    if len(skills) < 3:
        raise UserError("There are fewer than three skills, so that they cannot be split.", "See: skill-fleet list")
    groups = skills[:count], skills[count : count + max(1, (len(skills) - count) // 3)], skills[count:]
    groups = groups[0], groups[1], [one for one in groups[2] if one not in groups[1]]
    wanted = (
        test,
        min(MOST_VALIDATION, math.ceil(learning / 3)),
        learning - min(MOST_VALIDATION, math.ceil(learning / 3)),
    )

    def made(part: int) -> tuple[Example, ...]:
        variants = math.ceil(wanted[part] / len(groups[part])) - 1
        found = [[*planted_examples(fleet, skill, variants, seed, context, errors, step)] for skill in groups[part]]
        return tuple(_in_turn(found))[: wanted[part]]

    return Parts(made(2), made(1), made(0))


def recorded_parts(examples: Sequence[Example]) -> Parts:
    """Return the parts of examples from pull requests: the newest are for the test, and what is older and of one of their
    skills is for nothing."""
    numbers = sorted({one.number for one in examples})
    newest = set(numbers[len(numbers) - math.ceil(len(numbers) * _SHARE) :])
    test = [one for one in examples if one.number in newest]
    tested = {one.skill for one in test}
    rest = [one for one in examples if one.number not in newest and one.skill not in tested]
    skills = list(dict.fromkeys(one.skill for one in sorted(rest, key=lambda one: one.number)))
    chosen = {*skills[len(skills) - len(skills) // 3 :]}
    validation = [one for one in rest if one.skill in chosen][:MOST_VALIDATION]
    return Parts(tuple(one for one in rest if one.skill not in chosen), tuple(validation), tuple(test))


def _in_turn(groups: Iterable[Sequence[Example]]) -> Iterable[Example]:
    """The first of each group, the second of each, and so on."""
    rows = list(groups)
    for at in range(max(map(len, rows), default=0)):
        yield from (row[at] for row in rows if at < len(row))
