"""The server: one address for the API, for GraphQL and for Git."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from double import rest_pulls, rest_runs, rest_settings, rest_talk  # noqa: F401  (they register their routes)
from double.faults import Faults
from double.graph import execute
from double.rest import Request, serve
from double.rights import check_git, check_graphql, check_rest, graphql_refusal
from double.world import NAME, OWNER, Account, Refusal, World

API, GRAPHQL = "/api/rest", "/api/graphql"
ENTERPRISE_API = "/api/v3"  # where an enterprise server has it
GIT = f"/{OWNER}/{NAME}.git"


@dataclass
class Double:
    """A running double. `amiss` is what nobody may leave behind: requests or answers of the wrong shape, and bugs."""

    world: World
    faults: Faults = field(default_factory=Faults)
    amiss: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    address: str = ""

    def environment(self, token: str) -> dict[str, str]:
        """What Actions would set for a job with this token."""
        return {
            "GITHUB_SERVER_URL": self.address,
            "GITHUB_API_URL": f"{self.address}{API}",
            "GITHUB_GRAPHQL_URL": f"{self.address}{GRAPHQL}",
            "GITHUB_TOKEN": token,
        }

    @property
    def git_url(self) -> str:
        """What to clone."""
        return f"{self.address}{GIT}"


@contextmanager
def running(world: World) -> Iterator[Double]:
    """Serve a world until the end of the block."""
    double = Double(world)
    lock = threading.RLock()

    class Handler(_Handler):
        pass

    Handler.double, Handler.lock = double, lock
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    double.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield double
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


_ABLE: list[tuple[int, bytes, dict[str, str]]] = []


class _Handler(BaseHTTPRequestHandler):
    double: Double
    lock: threading.RLock
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def handle_one(self) -> None:
        """Carry out one request, if no fault forbids it, and answer it, likewise."""
        url = urlsplit(self.path)
        raw = self._body()
        what = f"{self.command} {url.path}"
        with self.lock:
            write = self._is_write(url.path, url.query, raw)
            if not self.double.faults.begin(what, write):
                self._hang_up()
                return
            self.double.calls.append(what)
            status, body, headers = self._answer(url.path, url.query, raw)
            answered = self.double.faults.end(write)
        if not answered:
            self._hang_up()
            return
        self._send(status, body, headers)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_one

    def _answer(self, path: str, query: str, raw: bytes) -> tuple[int, bytes, dict[str, str]]:
        try:
            if self.double.faults.answers and self.double.faults.only(f"{self.command} {path}"):
                status, message, headers = self.double.faults.answers.pop(0)
                told = {"message": message} if status >= 400 else {"errors": [{"type": message, "message": message}]}
                return status, json.dumps(told).encode(), headers
            if len(self.headers.get_all("Authorization") or ()) > 1:
                return 400, b'Duplicate header: "Authorization"', {}
            account, rights = self._account(), self.double.world.rights.get(self._token())
            if path.startswith(GIT):
                if not check_git(rights, "git-receive-pack" in path + query):
                    return 403, b"remote: Write access to repository not granted.", {}
                return self._git(path.removeprefix(GIT), query, raw, account)
            if account is None:
                raise Refusal(401, "Bad credentials")
            self.double.world.follow_branches()
            body = json.loads(raw) if raw else None
            if path == GRAPHQL:
                if words := check_graphql(rights, body["query"]):
                    return 200, json.dumps(graphql_refusal(words)).encode(), {}
                return 200, json.dumps(execute(self.double.world, account, body)).encode(), {}
            base = f"{self.double.address}{API}"
            request = Request(self.double.world, account, body, dict(parse_qsl(query)), base, rights)
            place = path.removeprefix(API).removeprefix(ENTERPRISE_API)
            check_rest(rights, self.command, place.removeprefix(f"/repos/{OWNER}/{NAME}").removeprefix("/"))
            status, answer, headers = serve(self.command, place, request)
            return status, b"" if answer is None else json.dumps(answer).encode(), headers
        except Refusal as problem:
            refusal: dict[str, Any] = {"message": problem.message, "documentation_url": "https://docs.github.com/rest"}
            if problem.errors:
                refusal["errors"] = [{"message": error} for error in problem.errors]
            return problem.status, json.dumps(refusal).encode(), {}
        except Exception as problem:
            self.double.amiss.append(f"{self.command} {path}: {type(problem).__name__}: {problem}")
            return 500, b'{"message": "Server Error"}', {}

    def _git(self, path: str, query: str, raw: bytes, account: Account | None) -> tuple[int, bytes, dict[str, str]]:
        """Git over HTTP, by Git's own CGI program."""
        pushes = "git-receive-pack" in path + query
        if account is None:
            return 401, b"", {"WWW-Authenticate": 'Basic realm="GitHub"'}
        if pushes and not account.may_write:
            return 403, f"remote: Write access to repository not granted to {account.login}.".encode(), {}
        git = self.double.world.git
        environment = {
            **os.environ,
            "GIT_PROJECT_ROOT": str(git.path.parent),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": f"/{git.path.name}{path}",
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "CONTENT_LENGTH": str(len(raw)),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "REMOTE_USER": account.login,
            "REMOTE_ADDR": "127.0.0.1",
        }
        self.double.world.follow_branches()
        # what a server can do: in version 2 of the protocol no ref is named in it, so it is always the same
        can = (path, query, environment["GIT_PROTOCOL"]) == ("/info/refs", "service=git-upload-pack", "version=2")
        if can and _ABLE:
            return _ABLE[0]
        done = subprocess.run(["git", "http-backend"], input=raw, capture_output=True, env=environment, check=False)
        if pushes and self.command == "POST":
            self.double.world.follow_branches(account)
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if line)
        answer = int(headers.pop("Status", "200").split()[0]), body, headers
        if can and answer[0] == 200:
            _ABLE.append(answer)
        return answer

    def _account(self) -> Account | None:
        return self.double.world.tokens.get(self._token())

    def _token(self) -> str:
        kind, _, value = self.headers.get("Authorization", "").partition(" ")
        return base64.b64decode(value).decode().partition(":")[2] if kind.lower() == "basic" else value

    def _is_write(self, path: str, query: str, raw: bytes) -> bool:
        if path == GRAPHQL:
            return json.loads(raw)["query"].lstrip().startswith("mutation")
        if path.startswith(GIT):
            return path.endswith("/git-receive-pack")
        return self.command != "GET"

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response_only(status)
        self.send_header("Date", format_datetime(self.double.world.now, usegmt=True))
        self.send_header("Content-Length", str(len(body)))
        for name, value in {"Content-Type": "application/json; charset=utf-8", **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if status != 204:
            self.wfile.write(body)

    def _hang_up(self) -> None:
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Tests say what went wrong."""
