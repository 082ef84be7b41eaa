"""The seam to the model: one LM whose every call is counted, timed, recorded, and refused when it was cut off."""

from __future__ import annotations

import json
import os
import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field
from functools import cache
from types import ModuleType
from typing import Any, TypeVar

import dspy  # type: ignore[import-untyped]
from dspy.utils.exceptions import is_retryable_lm_error  # type: ignore[import-untyped]

from skill_fleet.errors import UserError
from skill_fleet.model.settings import ADDRESS, MODEL, ModelSettings, model_name
from skill_fleet.model.spending import Meter, ModelFailed, Unreadable, Usage
from skill_fleet.model.tape import Reply, Tape


@cache
def load_dspy() -> ModuleType:
    """The library, set up; UserError when it is not installed."""
    # Without it the first call fetches a price list, and waits five seconds where there is no network.
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "true")
    try:
        import dspy
    except ImportError as problem:
        raise UserError(
            "Drafting with a model needs the package dspy.", "Install it: python -m pip install 'dspy>=3.4.1,<3.5'"
        ) from problem
    # Its cache is on by default, 30 GB in the home folder, and does not look at the address of the server.
    dspy.configure_cache(enable_disk_cache=False, enable_memory_cache=False)
    dspy.disable_logging()
    library: ModuleType = dspy
    return library


def reach_this_machine() -> None:
    """Let nothing that goes to this machine go through a proxy, which would look for the server on its own."""
    known = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    missing = [host for host in ("127.0.0.1", "localhost", "::1") if host not in known.split(",") and known != "*"]
    if missing:
        os.environ["NO_PROXY"] = os.environ["no_proxy"] = ",".join([*filter(None, [known]), *missing])


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


TIMED_OUT = "Try again, or allow more: timeout = SECONDS in [tool.skill-fleet.lm]"
# What the library calls a refusal, what that means, and what to do. Its own words are several lines of advice for
# programmers around what the provider said.
_KNOWN = {
    "LMAuthError": ("it does not take the key", "Check the provider's key in the environment."),
    "LMNotConfiguredError": ("it has no key", "Set the provider's key in the environment."),
    "LMBillingError": ("the account there may not be charged", "Look at your account with the provider."),
    "LMRateLimitError": (
        "it takes no more requests for now",
        "Wait a while and run again; with --record and --replay nothing is paid twice.",
    ),
    "LMTimeoutError": ("its time is up", TIMED_OUT),
    "LMTransportError": ("it cannot be reached", f"Is the server running? Check {ADDRESS}."),
    "ContextWindowExceededError": (
        "it cannot take so much text at once",
        "Give fewer or shorter documents, or set context = TOKENS in [tool.skill-fleet.lm].",
    ),
    "LMUnsupportedModelError": ("it has no such model", f"Check the model's name: {MODEL}=PROVIDER/NAME"),
    "LMServerError": ("it has an error of its own", "Run again in a while, or draft without a model."),
}


def explained(problem: Exception, settings: ModelSettings, model: str) -> ModelFailed:
    """The error for the person: a sentence of ours for each kind that is known, else the first line of what was said.

    A provider repeats parts of the key when it refuses one, and other than that line nothing of it is shown.
    """
    for kind in type(problem).__mro__:
        if kind.__name__ in _KNOWN:
            reason, tip = _KNOWN[kind.__name__]
            return ModelFailed(f"{model} did not answer: {reason}.", tip)
    lines = str(getattr(problem, "message", problem)).strip().splitlines()
    said = " ".join(lines[0].split())[:300] if lines else ""
    if settings.api_key:
        said = said.replace(settings.api_key, "[key]")
    reason = said.rstrip(".") or type(problem).__name__
    return ModelFailed(f"{model} did not answer: {reason}.", "Run again, or draft without a model.")


def timed_out(settings: ModelSettings, model: str) -> ModelFailed:
    """The error for an answer that does not come."""
    return ModelFailed(f"{model} gave no answer in {settings.timeout:g} seconds.", TIMED_OUT)


T = TypeVar("T")
_LATER = (
    5  # so that our clock, which bounds the whole answer, is the one that says so, and not the library's for one read
)


class FleetLM(dspy.LM):  # type: ignore[misc]
    """A model behind the budget, the tape and the clock of the current run. Its retries are ours: DSPy's have no cap."""

    def __init__(self, settings: ModelSettings, *, offline: bool = False) -> None:
        self._offline = offline
        where: dict[str, Any] = {"api_base": settings.api_base} if settings.api_base else {}
        if settings.api_key or settings.api_base:  # a server of one's own wants some key to be sent, not which
            where["api_key"] = settings.api_key or "none"
        super().__init__(
            model_name(settings, offline=offline),
            temperature=settings.temperature,
            max_tokens=settings.max_tokens,
            cache=False,
            num_retries=0,
            timeout=settings.timeout + _LATER,
            # LiteLLM would be taken instead, in silence, where OPENAI_BASE_URL is set
            engine="lm15" if settings.api_base else "auto",
            **where,
        )

    def __call__(self, prompt: Any = None, *, messages: Any = None, **kwargs: Any) -> list[str]:
        """One answer, from the tape or from the model."""
        traffic = current()
        settings = traffic.settings
        options = {"temperature": settings.temperature, "max_tokens": settings.max_tokens}
        asked = json.dumps(messages, ensure_ascii=False)
        reply = traffic.tape.find(traffic.step, messages, options)
        if reply is None and self._offline:
            raise UserError(
                f"The record holds no answer to this question of the step {traffic.step!r}, and no model is set up.",
                f"Name one to go on with: {MODEL}=PROVIDER/NAME",
            )
        if reply:
            traffic.meter.end(asked, reply.text, reply.usage, replayed=True)
        else:
            reply = self._live(messages, asked, kwargs)
            traffic.tape.keep(traffic.step, messages, options, reply)
        traffic.last = reply
        if reply.finish != "stop":
            why = f"its end is {reply.finish!r}, not 'stop'"
            if reply.finish == "length":
                why = f"it is longer than {settings.max_tokens} tokens, the most that is allowed; write less"
            raise Unreadable(f"The reply was cut off: {why}.")
        if not reply.text.strip():
            raise Unreadable("The reply is empty.")
        return [reply.text]

    def _live(self, messages: Any, asked: str, kwargs: dict[str, Any]) -> Reply:
        traffic = current()
        settings = traffic.settings
        until = time.monotonic() + settings.timeout
        for attempt in range(settings.retries + 1):
            traffic.meter.begin(asked, settings.max_tokens)
            try:
                reply = _within(until - time.monotonic(), lambda: self._once(messages, kwargs))
            except dspy.utils.exceptions.DSPyError as problem:
                hint = getattr(problem, "retry_after", None)
                wait = min(2.0**attempt if hint is None else max(0.0, float(hint)), settings.longest_wait)
                last = attempt == settings.retries or time.monotonic() + wait >= until
                if last or not is_retryable_lm_error(problem):
                    raise explained(problem, settings, self.model) from None
                time.sleep(wait)
                continue
            except TimeoutError:
                raise timed_out(settings, self.model) from None
            traffic.meter.end(asked, reply.text, reply.usage)
            return reply
        raise AssertionError("the last attempt returns or raises")

    def _once(self, messages: Any, kwargs: dict[str, Any]) -> Reply:
        outputs = super().__call__(messages=messages, **kwargs)
        entry = self.history[-1]
        usage = entry["usage"] or {}
        text = outputs[0]["text"] if isinstance(outputs[0], dict) else outputs[0]
        used = Usage(usage.get("prompt_tokens"), usage.get("completion_tokens"), entry["cost"])
        return Reply(text or "", _finish(entry["response"]), str(entry["response_model"] or self.model), used)


def _finish(response: Any) -> str:
    """How the reply ended, in the server's own word where there is one: DSPy reads none, and any odd one, as `stop`."""
    raw = getattr(response, "provider_data", None)
    choices = raw.get("choices") if isinstance(raw, dict) else getattr(response, "choices", None)
    if choices:
        first = choices[0]
        said = first.get("finish_reason") if isinstance(first, dict) else getattr(first, "finish_reason", None)
        return str(said)
    return str(getattr(response, "finish_reason", None))


def _within(seconds: float, call: Callable[[], T]) -> T:
    """What `call` gives, or TimeoutError: the library's own limit is one for each read, and a slow drip has no end."""
    box: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()
    context = copy_context()

    def run() -> None:
        try:
            box.put((context.run(call), None))
        except BaseException as problem:
            box.put((None, problem))

    threading.Thread(target=run, daemon=True, name="model").start()
    try:
        value, problem = box.get(timeout=max(seconds, 0.001))
    except queue.Empty:
        raise TimeoutError from None
    if problem:
        raise problem
    return value  # type: ignore[return-value]
