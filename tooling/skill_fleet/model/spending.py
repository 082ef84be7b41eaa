"""The budget: calls and tokens that were spent, and the errors of a model that cannot go on."""

from __future__ import annotations

from dataclasses import dataclass

from skill_fleet.errors import UserError


class ModelFailed(UserError):
    """The model failed. Nothing was changed; the user can try again, or without a model."""


class Unsafe(ModelFailed):
    """The model wrote something that may not be committed. The same replies would fail again."""


class OutOfBudget(BaseException):
    """The budget is spent. Not an Exception: libraries retry those, and this must not be retried."""


class Unreadable(Exception):
    """A reply that is incomplete or not of the requested form. The message goes back to the model, once."""


BEFORE_REPAIR = 0.8
"""The share of the budget that may be spent before repair, so that a finished draft can still be repaired."""


def estimated(text: str) -> int:
    """Estimate the number of tokens of a text, for servers that do not report it."""
    return -(-len(text) // 4)


@dataclass(frozen=True)
class Usage:
    """Tokens and cost as the server reports them; None if it does not."""

    prompt: int | None = None
    completion: int | None = None
    cost: float | None = None


@dataclass(frozen=True)
class Spent:
    """Totals of a run. `exact` is False if any server reported no usage; `cost` is None if any price is unknown."""

    calls: int
    prompt: int
    completion: int
    exact: bool
    cost: float | None
    replayed: int

    def words(self) -> str:
        """Return the totals as text for the pull request."""
        tokens = f"{'' if self.exact else 'about '}{self.prompt + self.completion:,} tokens"
        cost = "cost unknown" if self.cost is None else f"${self.cost:.4f}"
        again = f", {self.replayed} of them replayed" if self.replayed else ""
        return f"{self.calls} calls{again}, {tokens}, {cost}"


class Meter:
    """Counts calls and tokens, and refuses a call before it could exceed the budget."""

    def __init__(self, calls: int, tokens: int) -> None:
        self.most_calls, self.most_tokens = calls, tokens
        self.share = 1.0
        self._calls = self._tokens = self._replayed = 0
        self._prompt = self._completion = 0
        self._exact = True
        self._costs: list[float | None] = []

    def begin(self, prompt: str, longest_reply: int) -> None:
        """Count a call that is about to be made. Raises OutOfBudget if it may not be."""
        if self._calls + 1 > self.most_calls * self.share:
            raise OutOfBudget(f"{self._calls} of {self.most_calls} calls are made")
        if self._tokens + estimated(prompt) + longest_reply > self.most_tokens * self.share:
            raise OutOfBudget(f"about {self._tokens:,} of {self.most_tokens:,} tokens are spent")
        self._calls += 1

    def end(self, prompt: str, reply: str, usage: Usage, *, replayed: bool = False) -> None:
        """Count the tokens of a call. A replayed one costs nothing now, so it counts only in the totals."""
        asked, answered = estimated(prompt), estimated(reply)
        known = usage.prompt is not None and usage.completion is not None
        into, out = (usage.prompt or 0, usage.completion or 0) if known else (asked, answered)
        self._prompt += into
        self._completion += out
        self._exact = self._exact and known
        self._costs.append(usage.cost)
        if replayed:
            self._replayed += 1
        else:
            # a server's count may be wrong or hostile: never less than half of our estimate
            self._tokens += max(into + out, (asked + answered) // 2)

    @property
    def left(self) -> int:
        """The tokens that are left."""
        return max(0, self.most_tokens - self._tokens)

    @property
    def spent(self) -> Spent:
        """The totals so far, including calls that failed."""
        known = [cost for cost in self._costs if cost is not None]
        cost = sum(known) if known and len(known) == len(self._costs) else None
        calls = self._calls + self._replayed
        return Spent(calls, self._prompt, self._completion, self._exact, cost, self._replayed)
