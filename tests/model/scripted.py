"""A server that speaks OpenAI's protocol over real HTTP and answers by signature, well or badly, as it is told.

Told nothing it behaves: it plans and writes from what it is shown, so that any document can be drafted.
"""

from __future__ import annotations

import json
import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from model.answers import ANSWERS, OUTPUTS

Misbehaviour = Callable[["Exchange"], None]


@dataclass
class Exchange:
    """One question and what will be answered; a misbehaviour changes the answer."""

    step: str
    fields: dict[str, str]
    text: str = ""
    finish: str | None = "stop"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    usage: dict[str, int] | None = field(
        default_factory=lambda: {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150}
    )
    body: bytes | None = None
    delay: float = 0
    drip: float = 0
    hang_up: bool = False

    def say(self, *values: object) -> None:
        """Answer with these values of the output fields, in the right form."""
        shown = [value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for value in values]
        parts = [f"[[ ## {name} ## ]]\n{text}\n\n" for name, text in zip(OUTPUTS[self.step], shown, strict=True)]
        self.text = "".join(parts) + "[[ ## completed ## ]]\n"


@dataclass
class Scripted:
    """The running server. `script` names what to do, by step and by the how-many-th question of that step (from 1)."""

    address: str = ""
    script: dict[tuple[str, int], Misbehaviour] = field(default_factory=dict)
    always: dict[str, Misbehaviour] = field(default_factory=dict)
    asked: list[Exchange] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    authorizations: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, request: dict[str, Any]) -> Exchange:
        """What to answer to one request."""
        system, user = request["messages"][0]["content"], request["messages"][-1]["content"]
        step = next(step for step, names in OUTPUTS.items() if f"[[ ## {names[0]} ## ]]" in system)
        exchange = Exchange(step, fields_of(user))
        with self.lock:
            self.requests.append(request)
            self.counts[step] += 1
            number = self.counts[step]
            self.asked.append(exchange)
        answer = ANSWERS[step](exchange.fields)
        exchange.say(*(answer if len(OUTPUTS[step]) > 1 else (answer,)))
        for misbehave in (self.always.get(step), self.script.get((step, number))):
            if misbehave:
                misbehave(exchange)
        return exchange


def fields_of(user: str) -> dict[str, str]:
    """The input fields of a question."""
    question = user.rpartition("\n\nReply with `[[ ## ")[0]
    pieces = re.split(r"^\[\[ ## (\w+) ## \]\]\n", question, flags=re.MULTILINE)
    return {name: text.strip("\n") for name, text in zip(pieces[1::2], pieces[2::2], strict=True)}


@contextmanager
def serving() -> Iterator[Scripted]:
    """A server on a free port of this machine."""
    scripted = Scripted()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            scripted.paths.append(self.path)
            self._send(200, {}, json.dumps({"data": [{"id": "small-model"}]}).encode())

        def do_POST(self) -> None:
            scripted.paths.append(self.path)
            scripted.authorizations.append(self.headers.get("Authorization", ""))
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            exchange = scripted.answer(request)
            time.sleep(exchange.delay)
            if exchange.hang_up:
                self.close_connection = True
                return
            if exchange.body is None:
                choice = {
                    "index": 0,
                    "message": {"role": "assistant", "content": exchange.text},
                    "finish_reason": exchange.finish,
                }
                answer = {"id": "1", "object": "chat.completion", "model": request["model"], "choices": [choice]}
                if exchange.status != 200:
                    answer = {"error": {"message": exchange.text, "type": "error"}}
                elif exchange.usage:
                    answer["usage"] = exchange.usage
                exchange.body = json.dumps(answer).encode()
            self._send(exchange.status, exchange.headers, exchange.body, exchange.drip)

        def _send(self, status: int, headers: dict[str, str], body: bytes, drip: float = 0) -> None:
            try:
                self.send_response(status)
                for name, value in {
                    "Content-Type": "application/json",
                    "Content-Length": str(len(body)),
                    **headers,
                }.items():
                    self.send_header(name, value)
                self.end_headers()
                if drip:
                    for at in range(0, len(body), 8):
                        self.wfile.write(body[at : at + 8])
                        self.wfile.flush()
                        time.sleep(drip)
                else:
                    self.wfile.write(body)
            except OSError:
                self.close_connection = True  # whoever asked has gone

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            if not isinstance(sys.exc_info()[1], ConnectionError):  # whoever asked may go, between two questions too
                super().handle_error(request, client_address)

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    scripted.address = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield scripted
    finally:
        server.shutdown()
        server.server_close()
