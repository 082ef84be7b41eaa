"""The wire: a step as messages, the language model behind the budget, the tape and the clock of a run, and its reply as
fields, read strictly.

DSPy's ChatAdapter accepts a reply that was cut off, drops the text after a line that looks like a field, and asks again
in another format on its own. A skill about DSPy has such lines in it.
"""

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
from itertools import count
from typing import Annotated, Any, Literal, get_args, get_origin
from urllib.parse import urlsplit

import dspy  # type: ignore[import-untyped]
import pydantic
from dspy.utils.exceptions import is_retryable_lm_error  # type: ignore[import-untyped]

from skill_fleet.errors import UserError
from skill_fleet.fleet import ADDRESS, MODEL, ModelSettings
from skill_fleet.markdown import tidy
from skill_fleet.model.run import ModelFailed, Reply, Run, Unreadable

# The library's name for an error, what it means, and what to do. Its own messages are advice for programmers.
_KNOWN = {
    "LMAuthError": ("it does not accept the key", "Check the provider's key in the environment."),
    "LMNotConfiguredError": ("it has no key", "Set the provider's key in the environment."),
    "LMBillingError": ("the account has no credit", "Check your account with the provider."),
    "LMRateLimitError": ("it accepts no more requests for now", "Wait; --record and --replay save what is paid."),
    "LMTimeoutError": ("it took too long", "Try again, or allow more: timeout = SECONDS in [tool.skill-fleet.lm]"),
    "LMTransportError": ("it cannot be reached", f"Is the server running? Check {ADDRESS}."),
    "ContextWindowExceededError": ("the text is too long for it", "Set context = TOKENS in [tool.skill-fleet.lm]."),
    "LMUnsupportedModelError": ("it has no such model", f"Check the model's name: {MODEL}=PROVIDER/NAME"),
    "LMServerError": ("it has an internal error", "Run again later, or draft without a model."),
}
_LATER = 5  # seconds by which the library's timeout, of one read, is longer than ours, of the whole answer
_PROVIDERS = {
    "openai", "anthropic", "gemini", "groq", "openrouter", "deepseek", "xai", "ollama", "ollama_chat",
    "hosted_vllm", "moonshot", "azure", "mistral", "bedrock", "vertex_ai", "together_ai", "fireworks_ai", "cohere",
}  # fmt: skip


def explained(problem: Exception, settings: ModelSettings, model: str) -> ModelFailed:
    """Return the error for people: our sentence for a known kind, else the first line of the provider's message, without
    the key, which a provider may repeat."""
    line = str(getattr(problem, "message", problem)).strip().partition("\n")[0]
    said = tidy(line.replace(settings.api_key, "[key]") if settings.api_key else line)[:300].rstrip(".")
    known = (_KNOWN[kind.__name__] for kind in type(problem).__mro__ if kind.__name__ in _KNOWN)
    reason, tip = next(known, (said or type(problem).__name__, "Run again, or draft without a model."))
    return ModelFailed(f"{model} did not answer: {reason}.", tip)


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
    request = urllib.request.Request(url := f"{settings.api_base}/models")
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
        super().__init__(name, cache=False, num_retries=0, **run.options, **where)

    def __call__(self, prompt: Any = None, *, messages: Any = None, **kwargs: Any) -> list[str]:
        """Return one answer, from the tape or from the model."""
        run = self.run
        messages[:] = [_without_key(message, run.settings.api_key) for message in messages]  # DSPy wants its own list
        asked = json.dumps(messages, ensure_ascii=False)
        reply = run.tape.find(run.step, messages, run.options)
        if reply is None and not run.settings.is_set:
            missing = (
                f"The recording has no answer to this question of the step {run.step!r}, and no model is configured."
            )
            raise UserError(missing, f"Name one to resume with: {MODEL}=PROVIDER/NAME")
        run.show(run.step)
        began, replayed = time.monotonic(), reply is not None
        if reply:
            run.meter.end(asked, reply, replayed=True)
        else:
            reply = self._live(messages, asked, kwargs)
            run.tape.keep(run.step, messages, run.options, reply)
        run.trace(reply, time.monotonic() - began, replayed=replayed)
        run.last = reply
        if reply.finish == "length":
            most = run.settings.max_tokens
            raise Unreadable(f"The reply was cut off: it is longer than the limit of {most} tokens; write less.")
        if reply.finish != "stop":
            raise Unreadable(f"The reply was cut off: it ended with {reply.finish!r}, not 'stop'.")
        if not reply.text.strip():
            raise Unreadable("The reply is empty.")
        return [reply.text]

    def _live(self, messages: Any, asked: str, kwargs: dict[str, Any]) -> Reply:
        run, settings = self.run, self.run.settings
        until = time.monotonic() + settings.timeout
        for attempt in count():
            most = {"max_tokens": run.meter.begin(asked, settings.max_tokens)}
            try:
                reply = _within(until - time.monotonic(), partial(self._once, messages, {**kwargs, **most}))
                break
            except TimeoutError:
                waited = f"{self.model} did not answer: it took longer than {settings.timeout:g} seconds."
                raise ModelFailed(waited, _KNOWN["LMTimeoutError"][1]) from None
            except dspy.utils.exceptions.DSPyError as problem:
                hint = getattr(problem, "retry_after", None)
                wait = min(2.0**attempt if hint is None else max(0.0, float(hint)), settings.longest_wait)
                last = attempt == settings.retries or time.monotonic() + wait >= until
                if last or not is_retryable_lm_error(problem):
                    raise explained(problem, settings, self.model) from None
                time.sleep(wait)
        run.meter.end(asked, reply)
        return reply

    def _once(self, messages: Any, kwargs: dict[str, Any]) -> Reply:
        outputs = super().__call__(messages=messages, **kwargs)
        entry = self.history[-1]
        usage, response = entry["usage"] or {}, entry["response"]
        text = outputs[0]["text"] if isinstance(outputs[0], dict) else outputs[0]
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


END = "[[ ## completed ## ]]"


def shape_text(annotation: Any, indent: str = "") -> str:
    """Return the form of a value of the type `annotation`: `text`, words to choose from, a list, or a table with comments."""
    inner, kind = f"{indent}  ", get_origin(annotation)
    if kind is Annotated:
        return shape_text(get_args(annotation)[0], indent)
    if kind is Literal:
        return " or ".join(f'"{each}"' for each in get_args(annotation))
    if kind is list:
        entry = shape_text(get_args(annotation)[0], inner)
        return f"[\n{inner}{entry},\n{inner}...\n{indent}]" if "\n" in entry else f"[{entry}, ...]"
    if annotation is str:
        return "text"
    rows = []
    for name, field in annotation.model_fields.items():
        note = f"{inner}// {field.description}\n" if field.description else ""
        rows.append(f'{note}{inner}"{name}": {shape_text(field.annotation, inner)}')
    return "{\n" + ",\n".join(rows) + f"\n{indent}}}"


class StrictAdapter(dspy.ChatAdapter):  # type: ignore[misc]
    """Fields between markers, each output exactly once and in order, JSON where it is not text, and an end mark."""

    def __init__(self) -> None:
        super().__init__(use_json_adapter_fallback=False)

    def format_system_message(self, signature: Any) -> str:
        """Return the docstring, unchanged, then the parts of the question, then the form of the reply and its JSON."""
        inputs = "\n".join(
            f"- `{name}`: {field.json_schema_extra['desc']}" for name, field in signature.input_fields.items()
        )
        outputs, shapes = [], []
        for name, field in signature.output_fields.items():
            form = "as it is, not as JSON, not in quotes" if field.annotation is str else "JSON"
            outputs.append(f"[[ ## {name} ## ]]\n({field.json_schema_extra['desc']}: {form})")
            if field.annotation is not str:
                shapes.append(f"\n\nThe form of `{name}`:\n\n{shape_text(field.annotation)}")
        return (
            f"{signature.instructions}\n\n# The question\n\nEach part follows a line with its name, like"
            f" `[[ ## NAME ## ]]`.\n\n{inputs}\n\n# Your reply\n\nExactly this, the lines in double brackets as they"
            " are, nothing before or after, no code fence around it:\n\n"
            + "\n\n".join([*outputs, END])
            + "\n\nWrite JSON itself: without comments, every field there and no other, line ends within a text as"
            " `\\n`." + "".join(shapes)
        )

    def user_message_output_requirements(self, signature: Any) -> str:
        """Return the reminder at the end of the question."""
        wanted = ", then ".join(f"`[[ ## {name} ## ]]`" for name in signature.output_fields)
        return f"Reply with {wanted}, then `{END}` as the last line."

    def parse(self, signature: Any, completion: str) -> dict[str, Any]:
        """Return the values of the output fields. Raises Unreadable if the reply is not of the requested form."""
        texts = split_fields(completion, list(signature.output_fields))
        return {name: _value(name, texts[name], field.annotation) for name, field in signature.output_fields.items()}


def split_fields(completion: str, names: list[str]) -> dict[str, str]:
    """Return the text of each field. Only the first marker of each, in order, and the last end mark count: others are text.

    Raises Unreadable if a marker is missing, or text precedes the first or follows the end mark.
    """
    text = completion.replace("\r\n", "\n").strip()
    if text.rpartition("\n")[2].strip() != END:
        raise Unreadable(f"The reply does not end with the line {END}, so it may not be whole.")
    fields = "".join(rf"^[ \t]*\[\[ ## {re.escape(name)} ## \]\][ \t]*\n(.*?)" for name in names)
    found = re.fullmatch(rf"{fields}^[ \t]*{re.escape(END)}", text, re.DOTALL | re.MULTILINE)
    if not found:
        lines = ", ".join(f"[[ ## {name} ## ]]" for name in (*names, "completed"))
        raise Unreadable(f"The reply has not the lines {lines} in this order, with nothing before the first.")
    # the indentation of the first line stays
    return {name: re.sub(r"\A([ \t]*\n)+", "", one).rstrip() for name, one in zip(names, found.groups(), strict=True)}


def _value(name: str, text: str, annotation: Any) -> Any:
    if not text.strip():
        raise Unreadable(f"The field {name} is empty.")
    if annotation is str:
        return text
    fenced = re.fullmatch(r"\s*```(?:json)?[ \t]*\n(.*)\n[ \t]*```\s*", text, re.DOTALL)
    try:
        # strict=False: an unescaped tab or line end in a string is unambiguous
        parsed = json.loads(fenced[1] if fenced else text, strict=False)
        return pydantic.TypeAdapter(annotation).validate_python(parsed)
    except pydantic.ValidationError as problem:
        wrong = "; ".join(f"{'.'.join(map(str, one['loc'])) or name}: {one['msg']}" for one in problem.errors()[:5])
        raise Unreadable(f"The field {name} is not what was asked for: {wrong}.") from None
    except (ValueError, RecursionError) as problem:
        raise Unreadable(f"The field {name} is not JSON: {problem}.") from None
