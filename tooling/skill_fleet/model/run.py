"""One run with one model: its step, its exchanges, its budget. The library is loaded here, and only when it is needed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from types import ModuleType
from typing import Any

from skill_fleet.errors import UserError
from skill_fleet.model.settings import ModelSettings
from skill_fleet.model.spending import Meter
from skill_fleet.model.tape import Reply, Tape

Progress = Callable[[str, float, int], None]
"""Called with a step's name when it begins, the seconds since the run began, and the tokens that are left."""


@dataclass(frozen=True)
class Call:
    """One exchange, as it is recorded for learning. `refused` is the reason why the reply was not used, if so."""

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
            self.progress(step, time.monotonic() - self.began, self.meter.left)


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
