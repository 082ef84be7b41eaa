"""One run with one model: its budget, its step, its exchanges. The library is loaded here, and only when it is needed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from types import ModuleType

from skill_fleet.drafting import Call
from skill_fleet.errors import UserError
from skill_fleet.markdown import estimated_tokens
from skill_fleet.model.settings import ModelSettings
from skill_fleet.model.tape import Reply, Tape, Usage


class ModelFailed(UserError):
    """The model failed. Nothing was changed; the user can try again, or without a model."""


class Unsafe(ModelFailed):
    """The model wrote something that may not be committed. The same replies would fail again."""


class OutOfBudget(BaseException):
    """The budget is spent. Not an Exception: libraries retry those, and this must not be retried."""


class Unreadable(Exception):
    """A reply that is incomplete or not of the requested form. The message goes back to the model, once."""


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
        self._calls = self._tokens = self._replayed = 0
        self._prompt = self._completion = 0
        self._exact = True
        self._costs: list[float | None] = []

    def begin(self, prompt: str, longest_reply: int) -> None:
        """Count a call that is about to be made. Raises OutOfBudget if it may not be."""
        if self._calls + 1 > self.most_calls:
            raise OutOfBudget(f"{self._calls} of {self.most_calls} calls are made")
        if self._tokens + estimated_tokens(prompt) + longest_reply > self.most_tokens:
            raise OutOfBudget(f"about {self._tokens:,} of {self.most_tokens:,} tokens are spent")
        self._calls += 1

    def end(self, prompt: str, reply: str, usage: Usage, *, replayed: bool = False) -> None:
        """Count the tokens of a call. A replayed one costs nothing now, so it counts only in the totals."""
        asked, answered = estimated_tokens(prompt), estimated_tokens(reply)
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


Progress = Callable[[str, float, int], None]
"""Called with a step's name when it begins, the seconds since the run began, and the tokens that are left."""


@dataclass
class Run:
    """The state of a run. `last` is the last reply of the present step."""

    settings: ModelSettings
    tape: Tape
    meter: Meter
    progress: Progress | None = None
    step: str = ""
    began: float = field(default_factory=time.monotonic)
    last: Reply | None = None
    calls: list[Call] = field(default_factory=list)

    def enter(self, step: str) -> None:
        """Begin a step."""
        self.step, self.last = step, None
        if self.progress:
            self.progress(step.removesuffix("_task"), time.monotonic() - self.began, self.meter.left)


_CURRENT: ContextVar[Run] = ContextVar("skill_fleet_model_run")


def current_run() -> Run:
    """Return the current run. Raises LookupError outside of one, where no model may be asked."""
    return _CURRENT.get()


@contextmanager
def entered(run: Run) -> Iterator[Run]:
    """Make `run` the current one."""
    token = _CURRENT.set(run)
    try:
        yield run
    finally:
        _CURRENT.reset(token)


@cache
def load_dspy() -> ModuleType:
    """Return the library, set up. Raises UserError if it is not installed."""
    # Without it the first call fetches a price list, and waits five seconds where there is no network.
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "true")
    try:
        import dspy  # type: ignore[import-untyped]
    except ImportError as problem:
        raise UserError(
            "A model needs the package dspy.", "Install it: python -m pip install 'dspy>=3.4.1,<3.5'"
        ) from problem
    # Its cache is on by default, 30 GB in the home folder, and ignores the address of the server.
    dspy.configure_cache(enable_disk_cache=False, enable_memory_cache=False)
    dspy.disable_logging()
    library: ModuleType = dspy
    return library


def bypass_proxy() -> None:
    """Let no request to this machine go through a proxy, which would look for the server on its own machine."""
    known = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    missing = [host for host in ("127.0.0.1", "localhost", "::1") if host not in known.split(",") and known != "*"]
    if missing:
        os.environ["NO_PROXY"] = os.environ["no_proxy"] = ",".join([*filter(None, [known]), *missing])
