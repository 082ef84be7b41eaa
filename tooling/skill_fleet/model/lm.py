"""The language model of DSPy, behind the budget, the tape and the clock of a run. A reply that was cut off is an error."""

from __future__ import annotations

import http.client
import json
import os
import re
import threading
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import dspy  # type: ignore[import-untyped]
from dspy.utils.exceptions import is_retryable_lm_error  # type: ignore[import-untyped]

from skill_fleet.errors import UserError
from skill_fleet.model.run import ModelFailed, Run, Unreadable
from skill_fleet.model.settings import ADDRESS, MODEL, ModelSettings
from skill_fleet.model.tape import Reply

TIMED_OUT = "Try again, or allow more: timeout = SECONDS in [tool.skill-fleet.lm]"
# The library's name for an error, what it means, and what to do. Its own messages are advice for programmers.
_KNOWN = {
    "LMAuthError": ("it does not accept the key", "Check the provider's key in the environment."),
    "LMNotConfiguredError": ("it has no key", "Set the provider's key in the environment."),
    "LMBillingError": ("the account has no credit", "Check your account with the provider."),
    "LMRateLimitError": ("it accepts no more requests for now", "Wait; --record and --replay save what is paid."),
    "LMTimeoutError": ("it took too long", TIMED_OUT),
    "LMTransportError": ("it cannot be reached", f"Is the server running? Check {ADDRESS}."),
    "ContextWindowExceededError": ("the text is too long for it", "Set context = TOKENS in [tool.skill-fleet.lm]."),
    "LMUnsupportedModelError": ("it has no such model", f"Check the model's name: {MODEL}=PROVIDER/NAME"),
    "LMServerError": ("it has an internal error", "Run again later, or draft without a model."),
}


def explained(problem: Exception, settings: ModelSettings, model: str) -> ModelFailed:
    """Return the error for people: our sentence for a known kind, else the first line of the provider's message.

    No other line is shown, and no key: a provider may repeat the key that it refuses.
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


_PROVIDERS = {
    "openai", "anthropic", "gemini", "groq", "openrouter", "deepseek", "xai", "ollama", "ollama_chat",
    "hosted_vllm", "moonshot", "azure", "mistral", "bedrock", "vertex_ai", "together_ai", "fireworks_ai", "cohere",
}  # fmt: skip


def model_name(settings: ModelSettings, *, offline: bool = False) -> str:
    """Return PROVIDER/NAME. Without a name, ask the server for its first model, unless `offline` (a replay).

    A server at `api_base` is addressed as vLLM is: to OpenAI itself DSPy sends `max_completion_tokens`, which smaller
    servers do not know, and then the reply has no limit.
    """
    if not settings.model:
        return f"hosted_vllm/{'recorded' if offline else _first_model(settings)}"
    provider = settings.model.partition("/")[0] if "/" in settings.model else ""
    if settings.api_base:
        return settings.model if provider in _PROVIDERS else f"hosted_vllm/{settings.model}"
    return settings.model if provider else f"openai/{settings.model}"


def _first_model(settings: ModelSettings) -> str:
    url = f"{settings.api_base}/models"
    request = urllib.request.Request(url)
    # unredirected, because a redirect to another host would carry the key there
    request.add_unredirected_header("Authorization", f"Bearer {settings.api_key or 'none'}")
    try:
        with urllib.request.urlopen(request, timeout=min(settings.timeout, 10)) as answer:
            return str(json.loads(answer.read(1_000_000))["data"][0]["id"])
    except (OSError, http.client.HTTPException) as problem:
        reason = str(getattr(problem, "reason", problem))
    except (ValueError, LookupError, TypeError):
        reason = "the server lists none"
    tip = f"Is the server running? Check {ADDRESS}, or name the model: {MODEL}=NAME"
    raise ModelFailed(f"{url} names no model: {reason}.", tip)


def _bypass_proxy(address: str) -> None:
    """Let no request to a server on this machine go through a proxy, which would look for it on its own machine."""
    host, known = urlsplit(address).hostname or "", os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    if re.fullmatch(r"localhost|::1|127(\.\d+){3}", host) and known != "*" and host not in known.split(","):
        os.environ["NO_PROXY"] = os.environ["no_proxy"] = f"{known},{host}".lstrip(",")


_SHORTEST = 8  # characters of a key; a shorter one may be in any text by chance


def _without_key(message: Any, key: str) -> Any:
    """Return a message without the key, which a document or a comment may contain."""
    content = message["content"] if isinstance(message, dict) else None
    if len(key) < _SHORTEST or not isinstance(content, str) or key not in content:
        return message
    return {**message, "content": content.replace(key, "[key]")}


_LATER = 5  # seconds by which the library's timeout, of one read, is longer than ours, of the whole answer


class FleetLM(dspy.LM):  # type: ignore[misc]
    """A model behind the budget, the tape and the clock of a run. It retries itself: DSPy's retries have no limit."""

    def __init__(self, run: Run) -> None:
        settings = run.settings
        self.run = run
        _bypass_proxy(settings.api_base)
        where: dict[str, Any] = {"api_base": settings.api_base} if settings.api_base else {}
        if settings.api_key or settings.api_base:  # a local server wants some key, whichever
            where["api_key"] = settings.api_key or "none"
        name = model_name(settings, offline=run.tape.is_offline or not settings.is_set)
        # with OPENAI_BASE_URL set, "auto" would silently choose LiteLLM
        where |= {"engine": "lm15" if settings.api_base else "auto", "timeout": settings.timeout + _LATER}
        limits = {"temperature": settings.temperature, "max_tokens": settings.max_tokens}
        super().__init__(name, cache=False, num_retries=0, **limits, **where)

    def __call__(self, prompt: Any = None, *, messages: Any = None, **kwargs: Any) -> list[str]:
        """Return one answer, from the tape or from the model."""
        run, settings = self.run, self.run.settings
        options = {"temperature": settings.temperature, "max_tokens": settings.max_tokens}
        messages = [_without_key(message, settings.api_key) for message in messages]
        asked = json.dumps(messages, ensure_ascii=False)
        if run.optional is not None:
            run.meter.spare(asked, run.optional)
        run.show(run.step)
        reply = run.tape.find(run.step, messages, options)
        if reply is None and not settings.is_set:
            missing = (
                f"The recording has no answer to this question of the step {run.step!r}, and no model is configured."
            )
            raise UserError(missing, f"Name a model to resume with: {MODEL}=PROVIDER/NAME")
        if reply:
            run.meter.end(asked, reply, replayed=True)
        else:
            reply = self._live(messages, asked, kwargs)
            run.tape.keep(run.step, messages, options, reply)
        run.last = reply
        if reply.finish != "stop":
            why = f"it ended with {reply.finish!r}, not 'stop'"
            if reply.finish == "length":
                why = f"it is longer than the limit of {settings.max_tokens} tokens; write less"
            raise Unreadable(f"The reply was cut off: {why}.")
        if not reply.text.strip():
            raise Unreadable("The reply is empty.")
        return [reply.text]

    def _live(self, messages: Any, asked: str, kwargs: dict[str, Any]) -> Reply:
        run, settings = self.run, self.run.settings
        until = time.monotonic() + settings.timeout
        for attempt in range(settings.retries + 1):
            most = {"max_tokens": run.meter.begin(asked, settings.max_tokens)}
            try:
                reply = _within(until - time.monotonic(), partial(self._once, messages, {**kwargs, **most}))
            except TimeoutError:
                waited = f"{self.model} did not answer: it took longer than {settings.timeout:g} seconds."
                raise ModelFailed(waited, TIMED_OUT) from None
            except dspy.utils.exceptions.DSPyError as problem:
                hint = getattr(problem, "retry_after", None)
                wait = min(2.0**attempt if hint is None else max(0.0, float(hint)), settings.longest_wait)
                last = attempt == settings.retries or time.monotonic() + wait >= until
                if last or not is_retryable_lm_error(problem):
                    raise explained(problem, settings, self.model) from None
                time.sleep(wait)
                continue
            run.meter.end(asked, reply)
            return reply
        raise AssertionError("the last attempt returns or raises")

    def _once(self, messages: Any, kwargs: dict[str, Any]) -> Reply:
        outputs = super().__call__(messages=messages, **kwargs)
        entry = self.history[-1]
        usage = entry["usage"] or {}
        text = outputs[0]["text"] if isinstance(outputs[0], dict) else outputs[0]
        response = entry["response"]
        ended = response.choices[0] if hasattr(response, "choices") else response  # LiteLLM has choices
        tokens = usage.get("prompt_tokens"), usage.get("completion_tokens")
        name = str(entry["response_model"] or self.model)
        return Reply(text or "", str(ended.finish_reason), name, *tokens, entry["cost"])


def _within(seconds: float, call: Callable[[], Reply]) -> Reply:
    """Return the result of `call`, or raise TimeoutError: the library limits only each read, and a slow drip never ends."""
    result: Future[Reply] = Future()

    def run() -> None:
        try:
            result.set_result(call())
        except BaseException as problem:
            result.set_exception(problem)

    threading.Thread(target=copy_context().run, args=(run,), daemon=True, name="model").start()
    return result.result(timeout=max(seconds, 0))
