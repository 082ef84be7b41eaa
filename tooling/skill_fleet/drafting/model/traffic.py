"""What goes on between us and the model at this moment: the meter, the tape, the step, and what was said so far.

It is in a ContextVar, because DSPy copies its language models with all that hangs on them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from skill_fleet.drafting.model.settings import ModelSettings
from skill_fleet.drafting.model.spending import Meter
from skill_fleet.drafting.model.tape import Reply, Tape

Progress = Callable[[str, float, int], None]
"""Told a step's name when it begins, the seconds since the run began, and the tokens left."""


@dataclass(frozen=True)
class Call:
    """One exchange, for the record that learning needs. `refused` is why the reply was not taken, if it was not."""

    step: str
    program: str
    inputs: Mapping[str, Any]
    output: Any
    reply: str
    finish: str
    model: str
    options: Mapping[str, Any]
    prompt_tokens: int | None
    completion_tokens: int | None
    refused: str = ""


@dataclass
class Traffic:
    """One run. `last` is the reply that came last, for whoever reads it next."""

    settings: ModelSettings
    tape: Tape
    meter: Meter
    progress: Progress | None = None
    step: str = ""
    began: float = field(default_factory=time.monotonic)
    last: Reply | None = None
    calls: list[Call] = field(default_factory=list)

    def enter(self, step: str) -> None:
        """A step begins."""
        self.step, self.last = step, None
        if self.progress:
            self.progress(step, time.monotonic() - self.began, self.meter.left)


_CURRENT: ContextVar[Traffic] = ContextVar("skill_fleet_model_traffic")


def current() -> Traffic:
    """The run that is on; LookupError outside of one, where no model may be asked."""
    return _CURRENT.get()


@contextmanager
def carrying(traffic: Traffic) -> Iterator[Traffic]:
    """Make `traffic` the current one."""
    token = _CURRENT.set(traffic)
    try:
        yield traffic
    finally:
        _CURRENT.reset(token)
