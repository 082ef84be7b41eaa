"""The metering proxy between one run of an agent and the provider of its model.

It holds the key, and gives the agent a token that is good for this run alone. It asks for the model that is measured,
counts calls, tokens and money, refuses what is beyond the limits, and keeps what was asked and answered; a kept run can be
replayed without a provider. What the agent was shown, which skills it read and which tools it used, is read here too, in
one way for all clients: from the requests, where a client repeats the conversation.
"""

from __future__ import annotations

import hmac
import json
import re
import secrets
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any

from skill_fleet.agents.sandbox import PORT
from skill_fleet.errors import UserError
from skill_fleet.fleet import ModelSettings
from skill_fleet.model import load_dspy

_MOST_BYTES = 100_000_000
_TRANSIENT = {401, 402, 403, 404, 408, 409, 429}
"""The answers below 500 that say nothing about what the agent asked."""
_FORWARDED = ("accept", "anthropic-beta", "anthropic-version", "content-type", "openai-beta", "user-agent")


class Wire(StrEnum):
    """A protocol by which clients ask for an answer; the value is the end of its path."""

    CHAT = "/chat/completions"
    MESSAGES = "/messages"
    RESPONSES = "/responses"


_HOMES = {Wire.MESSAGES: "https://api.anthropic.com/v1", Wire.RESPONSES: "https://api.openai.com/v1"}


class Refusal(StrEnum):
    """Why a call was not passed on."""

    TURNS = "the limit of turns is reached"
    MONEY = "the limit of money is reached"


@dataclass(frozen=True)
class Price:
    """What a model costs: money for each token, by kind. `cached` are those read from a cache, `written` those put there."""

    input: float
    output: float
    cached: float
    written: float


@dataclass(frozen=True)
class Provider:
    """Where models are, with the key; `price` overrides the price list."""

    settings: ModelSettings
    price: Price | None = None

    @property
    def name(self) -> str:
        """The model's name as the provider has it."""
        known, _, name = self.settings.model.partition("/")
        return name if known in ("anthropic", "openai") else self.settings.model


@dataclass
class Meter:
    """What one run asked for, and what became of it. Two calls of one agent may be made at once."""

    provider: Provider
    turns_limit: int
    limit: float | None = None
    """The most that the run may cost. A call is refused when one like the dearest so far would go beyond it."""
    replay: Sequence[Mapping[str, Any]] | None = None
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    address: str = f"http://127.0.0.1:{PORT}"
    calls: list[dict[str, Any]] = field(default_factory=list)
    """What was asked and answered: the path, the parts of the conversation that are new, the status, the reply."""
    tokens: int | None = 0
    cost: float | None = 0.0
    """What all calls took; None when the provider does not say, or nobody knows the price."""
    turns: int = 0
    models: Counter[str] = field(default_factory=Counter)
    """The tokens of each model as served."""
    tools: list[dict[str, Any]] = field(default_factory=list)
    """The uses of tools: name and input."""
    first: str = ""
    """All text of the first request that has tools."""
    seen: set[str] = field(default_factory=set)
    """All texts that the agent was shown, without those that the model wrote."""
    refused: Refusal | None = None
    failed: str = ""
    """What the provider said when it could not answer the last call."""
    _dearest: float = 0.0
    _waited: float = 0.0
    _open: int = 0
    _since: float = 0.0
    _known: set[str] = field(default_factory=set)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def begin(self, path: str, request: dict[str, Any]) -> dict[str, Any] | None:
        """Take note of a request, and return the record that its answer belongs to; None when it is refused."""
        with self._lock:
            if request.get("tools"):
                self.turns += 1
                self.first = self.first or "\n".join(_texts(request))
            new = []
            for item in request.get("messages") or request.get("input") or ():
                if (key := json.dumps(item, sort_keys=True)) not in self._known:
                    self._known.add(key)
                    new.append(item)
                    self._look_at(item)
            if self.turns > self.turns_limit:
                self.refused = Refusal.TURNS
            elif self.limit is not None and (self.cost or 0.0) + self._dearest > self.limit:
                self.refused = Refusal.MONEY
            if self.refused:
                return None
            self._since = self._since if self._open else time.monotonic()
            self._open += 1
            call = {"path": path, "asked": new, "status": 0, "reply": ""}
            self.calls.append(call)
            return call

    def _look_at(self, item: Any) -> None:
        """Take note of the uses of tools in a part of a conversation, or else of its texts."""
        whole = _object(item)
        content = whole.get("content")
        parts = map(_object, content if isinstance(content, list) else ())
        used = [each for each in (whole, *parts) if each.get("name") and "type" in each]
        used += [_object(each, "function") for each in whole.get("tool_calls") or ()]
        for each in used:
            given = each.get("input", each.get("arguments", ""))
            with suppress(ValueError, TypeError):
                given = json.loads(given)
            self.tools.append({"name": each.get("name"), "input": given})
        if whole.get("role") != "assistant" and not used:
            self.seen.update(_texts(item))

    def end(self, call: dict[str, Any], status: int, reply: bytes) -> None:
        """Take note of an answer."""
        with self._lock:
            self._open -= 1
            self._waited += 0.0 if self._open else time.monotonic() - self._since
            call |= {"status": status, "reply": reply.decode("utf-8", "replace")}
            failed = status >= 500 or status in _TRANSIENT
            self.failed = f"status {status} of the model's provider: {call['reply'][:300]}" if failed else ""
            if status >= 400:
                return
            usage, model = _usage_of(call["reply"])
            whole = sum(usage.values())
            self.models[model or self.provider.name] += whole
            price = self.provider.price or price_of(model, self.provider.settings.model)
            self.tokens = None if self.tokens is None or not whole else self.tokens + whole
            if self.tokens is None or self.cost is None or price is None:
                self.cost = None
            else:
                paid = sum(count * getattr(price, kind) for kind, count in usage.items())
                self.cost, self._dearest = self.cost + paid, max(self._dearest, paid)

    def waited(self) -> float:
        """Return for how many seconds the agent has waited for a model."""
        with self._lock:
            return self._waited + (time.monotonic() - self._since if self._open else 0.0)

    def listed(self, section: str, name: str) -> set[str]:
        """Return the skills that the agent was told of: the names by one pattern in the parts that match the other."""
        parts = re.findall(section, self.first, re.DOTALL)
        return {found for part in parts for found in re.findall(name, part, re.MULTILINE)}

    def showed(self, lines: Sequence[str]) -> bool:
        """Whether the agent was shown most of these lines."""
        text = "\n".join(self.seen)
        return sum(line in text for line in lines) * 2 > len(lines)

    @property
    def model(self) -> str:
        """The model as served; of several, that with the most tokens."""
        return self.models.most_common(1)[0][0] if self.models else ""


def _texts(value: Any) -> Iterator[str]:
    """All strings in a JSON value."""
    todo = [value]
    while todo:
        each = todo.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict):
            todo += each.values()
        elif isinstance(each, list):
            todo += each


def _usage_of(reply: str) -> tuple[dict[str, int], str]:
    """The tokens of an answer by kind, and the model as served, in any of the protocols; streamed or whole."""
    events = [line[5:] for line in reply.splitlines() if line.startswith("data:")] or [reply]
    found: dict[str, int] = {}
    model = ""
    for text in events:
        event: Any = None
        with suppress(ValueError, RecursionError):
            event = json.loads(text)
        for each in (_object(event), _object(event, "message"), _object(event, "response")):
            model = str(each.get("model") or model)
            usage = _object(each, "usage")
            details = (_object(usage, name) for name in ("prompt_tokens_details", "input_tokens_details"))
            for row in (usage, *details):
                found |= {name: count for name, count in row.items() if type(count) is int and count >= 0}
    cached, written = found.get("cache_read_input_tokens", 0), found.get("cache_creation_input_tokens", 0)
    whole = found.get("input_tokens", found.get("prompt_tokens", 0))
    if "cache_read_input_tokens" not in found:  # the others count it among the input
        cached = min(found.get("cached_tokens", 0), whole)
        whole -= cached
    output = found.get("output_tokens", found.get("completion_tokens", 0))
    return {"input": whole, "cached": cached, "written": written, "output": output}, model


def _object(value: Any, *path: str) -> dict[str, Any]:
    """The object at a path of keys in a JSON value; an empty one when there is none."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


@cache
def price_of(*names: str) -> Price | None:
    """Return what the first of these models costs that LiteLLM's list has; None when none is there, or no LiteLLM."""
    try:
        load_dspy()
        from litellm import model_cost
    except (UserError, ImportError):
        return None
    for name in names:
        row = model_cost.get(name) or model_cost.get(name.partition("/")[2]) or {}
        if row.get("output_cost_per_token") is not None:
            plain = row.get("input_cost_per_token") or 0.0
            cached, written = (row.get(f"cache_{kind}_input_token_cost") for kind in ("read", "creation"))
            return Price(plain, row["output_cost_per_token"], plain if cached is None else cached, written or plain)
    return None


@contextmanager
def serving(meter: Meter, gate: socket.socket | None) -> Iterator[None]:
    """Answer the calls of one run: on a port of this machine, or on the socket that comes out of a sandbox by `gate`."""
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer  # 30 ms, and who reads evidence serves nothing

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            self._refuse(404, "Only calls of a model are answered.")

        do_HEAD = do_GET

        def do_POST(self) -> None:
            given = self.headers.get("x-api-key") or self.headers.get("authorization", "").removeprefix("Bearer ")
            path = self.path.partition("?")[0]
            wire = next((wire for wire in Wire if path.endswith(wire)), None)
            length = self.headers.get("content-length", "")
            if not hmac.compare_digest(given.encode(), meter.token.encode()):
                return self._refuse(401, "The token is wrong.")
            if wire is None or not length.isdecimal() or int(length) > _MOST_BYTES:
                return self._refuse(404, "Only calls of a model are answered.")
            try:
                request = json.loads(self.rfile.read(int(length)))
                call = meter.begin(path, request)
            except (ValueError, RecursionError, AttributeError, TypeError):
                return self._refuse(400, "It is not a call of a model.")
            if call is None:
                return self._refuse(400, str(meter.refused))
            reply, status = list[bytes](), 502
            try:
                status, kind, pieces = _answer(meter, wire, request, self.headers)
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("connection", "close")
                self.end_headers()
                for piece in pieces:
                    reply.append(piece)
                    with suppress(OSError):  # when the agent has gone, what it asked for is counted all the same
                        self.wfile.write(piece)
            except Exception as problem:  # whatever a provider or its library does
                status, reply = 502, [str(problem).encode()]
            finally:
                self.close_connection = True
                meter.end(call, status, b"".join(reply))

        def _refuse(self, status: int, why: str) -> None:
            error = {"type": "invalid_request_error", "message": why}
            body = json.dumps({"type": "error", "error": error}).encode()
            self.send_response(status)
            for name, value in (
                ("content-type", "application/json"),
                ("content-length", len(body)),
                ("connection", "close"),
            ):
                self.send_header(name, str(value))
            self.end_headers()
            self.close_connection = True
            self.wfile.write(body)

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """Say nothing: the agent has gone, or sent what is no HTTP."""

    server = Server(("127.0.0.1", 0), Handler, bind_and_activate=gate is None)
    if gate is None:
        meter.address = f"http://127.0.0.1:{server.server_address[1]}"

    def serve() -> None:
        if gate is not None:
            server.socket.close()
            received = socket.recv_fds(gate, 1, 1)[1]
            if not received:  # the sandbox ended before it had a network
                return
            server.socket = socket.socket(fileno=received[0])
        server.serve_forever(poll_interval=0.02)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield
    finally:
        if gate is not None:
            with suppress(OSError):
                gate.shutdown(socket.SHUT_RDWR)
        if gate is None or server.socket.fileno() >= 0:
            server.shutdown()
        thread.join()
        server.server_close()


def complete(meter: Meter, request: dict[str, Any]) -> tuple[int, bytes]:
    """Ask for one chat completion from this process: the status and the whole reply."""
    call = meter.begin(Wire.CHAT, request)
    if call is None:
        return 400, b""
    status, _, pieces = _through_litellm(meter.provider.settings, request)
    reply = b"".join(pieces)
    meter.end(call, status, reply)
    return status, reply


def _answer(meter: Meter, wire: Wire, request: dict[str, Any], headers: Any) -> tuple[int, str, Iterator[bytes]]:
    """The status, the type and the pieces of the answer to one request."""
    import urllib.error  # as above
    import urllib.request

    if meter.replay is not None:
        kept = next((each for each in meter.replay[len(meter.calls) - 1 :]), None)
        if kept is None:
            return _failure(502, "The recording has no further answer.")
        streamed = kept["reply"].lstrip().startswith(("data:", "event:"))
        kind = "text/event-stream" if streamed else "application/json"
        return kept["status"], kind, iter([kept["reply"].encode()])
    if wire is Wire.CHAT:
        return _through_litellm(meter.provider.settings, request)
    settings = meter.provider.settings
    body = json.dumps({**request, "model": meter.provider.name}).encode()
    asked = urllib.request.Request(f"{settings.api_base or _HOMES[wire]}{wire}", body, method="POST")
    for name in _FORWARDED:
        if value := headers.get(name):
            asked.add_header(name, value)
    # unredirected, because a redirect to another host would carry the key there
    asked.add_unredirected_header("x-api-key", settings.api_key)
    if wire is not Wire.MESSAGES:
        asked.add_unredirected_header("authorization", f"Bearer {settings.api_key}")
    try:
        reply = urllib.request.urlopen(asked, timeout=settings.timeout)
    except urllib.error.HTTPError as problem:
        reply = problem
    except OSError as problem:
        return _failure(502, str(getattr(problem, "reason", problem)))
    kind = reply.headers.get("content-type", "application/json")
    return reply.status, kind, iter(lambda: reply.read1(65536), b"")


def _failure(status: int, why: str) -> tuple[int, str, Iterator[bytes]]:
    body = {"type": "error", "error": {"type": "api_error", "message": why}}
    return status, "application/json", iter([json.dumps(body).encode()])


def _through_litellm(settings: ModelSettings, request: dict[str, Any]) -> tuple[int, str, Iterator[bytes]]:
    """Ask any provider that LiteLLM knows for chat completions."""
    load_dspy()
    import litellm

    from skill_fleet.model import model_name  # loads dspy, which nobody needs who only reads evidence

    where = {"api_base": settings.api_base} if settings.api_base else {}
    limits: dict[str, Any] = {"timeout": settings.timeout, "num_retries": settings.retries, "drop_params": True}
    limits["_skip_mcp_handler"] = True  # with tools, LiteLLM 1.106 else imports a package that it does not install
    if settings.temperature is not None:
        limits["temperature"] = settings.temperature
    asked: dict[str, Any] = {
        **request,
        **limits,
        **where,
        "model": model_name(settings),
        "api_key": settings.api_key or "none",
    }
    if asked.get("stream"):
        asked["stream_options"] = {"include_usage": True}
    try:
        reply = litellm.completion(**asked)
    except Exception as problem:
        said = str(problem).replace(settings.api_key, "[key]") if settings.api_key else str(problem)
        return _failure(getattr(problem, "status_code", None) or 502, said[:1000])
    if not asked.get("stream"):
        return 200, "application/json", iter([reply.model_dump_json().encode()])
    chunks = (f"data: {chunk.model_dump_json()}\n\n".encode() for chunk in reply)
    return 200, "text/event-stream", (piece for some in (chunks, [b"data: [DONE]\n\n"]) for piece in some)
