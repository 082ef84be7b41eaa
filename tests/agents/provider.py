"""A provider of models on loopback: OpenAI's chat completions and Responses, Anthropic's Messages; whole and streamed.

A script answers: it is given what the model is shown, and returns a text, or a call of a tool.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

INPUT, OUTPUT = 100, 10
"""The tokens that each call is said to have."""


@dataclass(frozen=True)
class Call:
    """The model's wish to use a tool."""

    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Shown:
    """What a model is shown by one request: all of its text, the names of the tools, and how many results of tools."""

    text: str
    tools: tuple[str, ...]
    results: int
    model: str


Script = Callable[[Shown], str | Call]


@dataclass
class Provider:
    """The running server, what it was asked, and by which keys."""

    script: Script
    address: str = ""
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    status: int = 200
    served: str = ""
    """The name of the model that is said to have answered; "" for the one that was asked for."""


def shown_by(request: dict[str, Any]) -> Shown:
    """The same facts of a request in any of the three protocols."""
    items = request.get("input", request.get("messages", ()))
    results = sum(
        each.get("role") == "tool" or str(each.get("type", "")).endswith("_call_output") or
        any(isinstance(part, dict) and part.get("type") == "tool_result" for part in each.get("content") or ())
        for each in items if isinstance(each, dict)
    )  # fmt: skip
    tools = tuple(each.get("name") or each.get("function", {}).get("name", "") for each in request.get("tools") or ())
    return Shown("\n".join(_texts(request)), tools, results, request["model"])


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(each)


def chat(said: str | Call, model: str, stream: bool) -> Any:
    """OpenAI's chat completions."""
    message: dict[str, Any] = {"role": "assistant", "content": said if isinstance(said, str) else None}
    if isinstance(said, Call):
        function = {"name": said.name, "arguments": json.dumps(said.arguments)}
        message["tool_calls"] = [{"index": 0, "id": "call_1", "type": "function", "function": function}]
    usage = {"prompt_tokens": INPUT, "completion_tokens": OUTPUT, "total_tokens": INPUT + OUTPUT}
    facts = {"id": "c1", "created": 1, "model": model}
    reason = "stop" if isinstance(said, str) else "tool_calls"
    if not stream:
        choice = {"index": 0, "message": message, "finish_reason": reason}
        return {**facts, "object": "chat.completion", "choices": [choice], "usage": usage}
    chunk = {**facts, "object": "chat.completion.chunk"}
    return [
        (None, {**chunk, "choices": [{"index": 0, "delta": message, "finish_reason": None}]}),
        (None, {**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}),
        (None, {**chunk, "choices": [], "usage": usage}),
        (None, None),
    ]


def messages(said: str | Call, model: str, stream: bool) -> Any:
    """Anthropic's Messages."""
    block: dict[str, Any] = {"type": "text", "text": said}
    if isinstance(said, Call):
        block = {"type": "tool_use", "id": "toolu_1", "name": said.name, "input": said.arguments}
    reason = "end_turn" if isinstance(said, str) else "tool_use"
    usage = {"input_tokens": INPUT, "output_tokens": OUTPUT}
    whole = {"id": "m1", "type": "message", "role": "assistant", "model": model, "content": [block],
             "stop_reason": reason, "stop_sequence": None, "usage": usage}  # fmt: skip
    if not stream:
        return whole
    if isinstance(said, str):
        empty, delta = {"type": "text", "text": ""}, {"type": "text_delta", "text": said}
    else:
        empty, delta = {**block, "input": {}}, {"type": "input_json_delta", "partial_json": json.dumps(said.arguments)}
    begin = {**whole, "content": [], "stop_reason": None, "usage": {**usage, "output_tokens": 1}}
    events = [
        {"type": "message_start", "message": begin},
        {"type": "content_block_start", "index": 0, "content_block": empty},
        {"type": "content_block_delta", "index": 0, "delta": delta},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": None}, "usage": {"output_tokens": OUTPUT}},
        {"type": "message_stop"},
    ]  # fmt: skip
    return [(event["type"], event) for event in events]


def responses(said: str | Call, model: str, stream: bool) -> Any:
    """OpenAI's Responses."""
    content = [{"type": "output_text", "text": said, "annotations": []}]
    item: dict[str, Any] = {
        "type": "message",
        "id": "i1",
        "role": "assistant",
        "status": "completed",
        "content": content,
    }
    if isinstance(said, Call):
        item = {"type": "function_call", "id": "i1", "call_id": "call_1", "name": said.name,
                "arguments": json.dumps(said.arguments), "status": "completed"}  # fmt: skip
    usage = {"input_tokens": INPUT, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": OUTPUT,
             "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": INPUT + OUTPUT}  # fmt: skip
    whole = {"id": "r1", "object": "response", "created_at": 1, "status": "completed", "model": model, "output": [item],
             "usage": usage}  # fmt: skip
    if not stream:
        return whole
    begin = {**whole, "status": "in_progress", "output": [], "usage": None}
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": begin},
        {"type": "response.output_item.added", "output_index": 0, "item": {**item, "status": "in_progress"}},
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": "response.completed", "response": whole},
    ]
    if isinstance(said, str):
        place = {"item_id": "i1", "output_index": 0, "content_index": 0}
        events[2:2] = [
            {"type": "response.content_part.added", **place, "part": {"type": "output_text", "text": "", "annotations": []}},
            {"type": "response.output_text.delta", **place, "delta": said},
            {"type": "response.output_text.done", **place, "text": said},
        ]  # fmt: skip
    return [(event["type"], {**event, "sequence_number": number}) for number, event in enumerate(events)]


_WIRES = {"/chat/completions": chat, "/messages": messages, "/responses": responses}


@contextmanager
def serving(script: Script) -> Iterator[Provider]:
    """A provider on a free port of this machine."""
    provider = Provider(script)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            self._send(404, "application/json", b"{}")

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            provider.requests.append((self.path, request))
            provider.keys.append(self.headers.get("x-api-key") or self.headers.get("Authorization") or "")
            path = self.path.partition("?")[0]
            wire = next((wire for end, wire in _WIRES.items() if path.endswith(end)), None)
            if provider.status != 200 or wire is None:
                body = json.dumps({"error": {"type": "error", "message": "no"}}).encode()
                self._send(404 if wire is None else provider.status, "application/json", body)
                return
            stream = bool(request.get("stream"))
            said = wire(provider.script(shown_by(request)), provider.served or request["model"], stream)
            if not stream:
                self._send(200, "application/json", json.dumps(said).encode())
                return
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Connection", "close")
            self.end_headers()
            for name, event in said:
                head = f"event: {name}\n" if name else ""
                self.wfile.write(f"{head}data: {json.dumps(event) if event else '[DONE]'}\n\n".encode())
                self.wfile.flush()
            self.close_connection = True

        def _send(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            if not isinstance(sys.exc_info()[1], ConnectionError):
                super().handle_error(request, client_address)

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    provider.address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
