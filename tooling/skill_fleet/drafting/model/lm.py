"""The seam to the model: one LM whose every call is counted, timed, recorded, and refused when it was cut off."""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Callable
from contextvars import copy_context
from typing import Any, TypeVar

import dspy  # type: ignore[import-untyped]
from dspy.utils.exceptions import is_retryable_lm_error  # type: ignore[import-untyped]

from skill_fleet.drafting.model.failure import Unreadable
from skill_fleet.drafting.model.server import model_name
from skill_fleet.drafting.model.settings import MODEL, ModelSettings
from skill_fleet.drafting.model.spending import Usage
from skill_fleet.drafting.model.tape import Reply
from skill_fleet.drafting.model.traffic import current
from skill_fleet.drafting.model.trouble import explained, timed_out
from skill_fleet.errors import UserError

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
