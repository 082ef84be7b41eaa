"""The meter: what was spent on a model, and the line that is not crossed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from skill_fleet.errors import UserError


class ModelFailed(UserError):
    """The model could not do it: nothing was changed, and the person can try again, or without a model."""


class Unsafe(ModelFailed):
    """What it wrote may not be committed; the same replies would end in this again."""


class OutOfBudget(BaseException):
    """The budget is spent. Not an Exception: libraries retry those, and a retry is what must not happen here."""


class Unreadable(Exception):
    """A reply that is not in the form that was asked for, or not whole; the message says what is wrong with it.

    The message goes back to the model with the same question, once.
    """


# What may be spent before repair begins, so that a draft that is all written can still be mended.
BEFORE_REPAIR = 0.8


def estimated(text: str) -> int:
    """How many tokens a text is, roughly: for servers that do not say."""
    return -(-len(text) // 4)


@dataclass(frozen=True)
class Usage:
    """What a server says it took. None: it does not say."""

    prompt: int | None = None
    completion: int | None = None
    cost: float | None = None


@dataclass(frozen=True)
class Spent:
    """What was spent. `exact` is False when any server kept quiet; `cost` is None when any price is unknown."""

    calls: int
    prompt: int
    completion: int
    exact: bool
    cost: float | None
    replayed: int

    def words(self) -> str:
        """For the pull request."""
        tokens = f"{'' if self.exact else 'about '}{self.prompt + self.completion:,} tokens"
        cost = "cost unknown" if self.cost is None else f"${self.cost:.4f}"
        again = f", {self.replayed} of them replayed" if self.replayed else ""
        return f"{self.calls} calls{again}, {tokens}, {cost}"


class Meter:
    """Counts calls and tokens, and stops the call that could go beyond the budget before it is made."""

    def __init__(self, calls: int, tokens: int) -> None:
        self.most_calls, self.most_tokens = calls, tokens
        self.share = 1.0
        self._live = 0
        self._tokens = 0
        self._prompt = self._completion = self._replayed = 0
        self._exact = True
        self._costs: list[float | None] = []

    def begin(self, prompt: str, longest_reply: int) -> None:
        """Count a call that is about to be made; OutOfBudget when it may not be."""
        if self._live + 1 > self.most_calls * self.share:
            raise OutOfBudget(f"{self._live} of {self.most_calls} calls are made")
        if self._tokens + estimated(prompt) + longest_reply > self.most_tokens * self.share:
            raise OutOfBudget(f"about {self._tokens:,} of {self.most_tokens:,} tokens are spent")
        self._live += 1

    def end(self, prompt: str, reply: str, usage: Usage, *, replayed: bool = False) -> None:
        """Count what a call took. A replayed one is in the account and not in the budget: it costs nothing now."""
        known = usage.prompt is not None and usage.completion is not None
        into, out = (usage.prompt, usage.completion) if known else (estimated(prompt), estimated(reply))
        self._prompt += into or 0
        self._completion += out or 0
        self._exact = self._exact and known
        self._costs.append(usage.cost)
        if replayed:
            self._replayed += 1
        else:
            # a server's own count may be wrong or hostile: never less than half of what we see
            self._tokens += max((into or 0) + (out or 0), (estimated(prompt) + estimated(reply)) // 2)

    @property
    def left(self) -> int:
        """The tokens that are left."""
        return max(0, self.most_tokens - self._tokens)

    @property
    def spent(self) -> Spent:
        """The account so far. Tries that failed are calls too."""
        calls = self._live + self._replayed
        return Spent(calls, self._prompt, self._completion, self._exact, _sum(self._costs), self._replayed)


def _sum(costs: Sequence[float | None]) -> float | None:
    known = [cost for cost in costs if cost is not None]
    return sum(known) if known and len(known) == len(costs) else None
