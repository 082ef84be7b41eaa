"""One call to GitHub's API: what is tried again, what is waited for, and what went wrong in which of three ways.

Nothing that creates something is ever sent twice from here: after a 502 it may well have happened (`Unclear`), and only
the caller can look. A call that a limit stopped has not happened, so that one is waited out and sent again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

from skill_fleet.errors import UserError
from skill_fleet.forges.github.place import HOME_API, Place

READ_TRIES = 4
LONGEST_WAIT = 90.0  # seconds for one limit; a longer one is for a later run
WAITS = 5
TIMEOUT = 30
API_VERSION = "2026-03-10"  # the one that the tests hold every answer to; an older enterprise server has it not

Json = Any


class Refused(Exception):
    """GitHub said no: `status` and its own words."""

    def __init__(self, status: int, message: str, body: Json = None) -> None:
        super().__init__(f"{status}: {message}")
        self.status, self.message, self.body = status, message, body


class Unclear(Exception):
    """No answer, or one that does not say whether it was done."""


@dataclass
class Calls:
    """The way to one repository's API, as one account."""

    place: Place
    token: str = field(repr=False)
    pause: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.time
    server_time: str = ""
    """When GitHub last answered, by its own clock, as it writes times."""
    count: int = 0
    writes: int = 0

    def __post_init__(self) -> None:
        try:
            from github import Auth, Github
        except ImportError as problem:
            raise UserError(
                "Pull requests on GitHub need its client.", "Install it: pip install 'skill-fleet[github]'"
            ) from problem
        client = Github(
            base_url=self.place.api,
            auth=Auth.Token(self.token),
            lazy=True,
            timeout=TIMEOUT,
            retry=0,  # its own retry repeats what creates, and doubles a comment
            seconds_between_requests=0,
            seconds_between_writes=0,
            user_agent="skill-fleet",
            api_version=API_VERSION if self.place.api == HOME_API else None,
        )
        self._requester = client.requester

    def close(self) -> None:
        """Hang up."""
        self._requester.close()

    def get(self, path: str, **parameters: Any) -> Json:
        """Read something of the repository (a path that begins with `/` is the server's)."""
        return self._again("GET", path, parameters=parameters)

    def pages(self, path: str, **parameters: Any) -> list[Json]:
        """Read a list to its end."""
        found: list[Json] = []
        for page in range(1, 1_000):
            rows = self.get(path, per_page=100, page=page, **parameters)
            found += rows
            if len(rows) < 100:
                break
        return found

    def send(self, verb: str, path: str, body: Mapping[str, Any] | None = None) -> Json:
        """Change something, once. Raises Refused or Unclear."""
        self.writes += 1
        return self._once(verb, self._url(path), body)

    def settle(self, verb: str, path: str, body: Mapping[str, Any] | None = None) -> Json:
        """Change something that is the same when done twice; after an unclear answer it is sent again."""
        self.writes += 1
        return self._again(verb, path, body=body)

    def query(self, text: str, **variables: Any) -> tuple[Json, list[Json]]:
        """A GraphQL query: what it found, and what it could not."""
        answer = self._again("POST", self.place.graphql, body={"query": text, "variables": variables})
        return answer.get("data") or {}, answer.get("errors") or []

    def mutate(self, text: str, *, once: bool = False, **variables: Any) -> Json:
        """A GraphQL mutation; with `once` it creates, and is sent no second time."""
        send = self.send if once else self.settle
        answer = send("POST", self.place.graphql, {"query": text, "variables": variables})
        if errors := answer.get("errors"):
            raise Refused(_STATUS.get(errors[0].get("type", ""), 422), errors[0].get("message", ""), answer)
        return answer["data"]

    def _again(
        self, verb: str, path: str, parameters: Mapping[str, Any] | None = None, body: Mapping[str, Any] | None = None
    ) -> Json:
        for attempt in range(READ_TRIES):
            try:
                return self._once(verb, self._url(path), body, parameters)
            except Unclear:
                if attempt + 1 == READ_TRIES:
                    raise
                self.pause(0.5 * 2**attempt)
        raise AssertionError("unreachable")

    def _once(
        self, verb: str, url: str, body: Mapping[str, Any] | None, parameters: Mapping[str, Any] | None = None
    ) -> Json:
        """Send it until no limit stops it."""
        for _ in range(WAITS):
            status, headers, answer = self._request(verb, url, body, parameters)
            if (wait := self._limited(status, headers, answer)) is None:
                break
            if wait > LONGEST_WAIT:
                raise UserError(
                    f"GitHub's limit is used up; it opens again in {wait / 60:.0f} minutes.",
                    "Run it again then: what was done is found, and nothing is done twice.",
                )
            self.pause(wait)
        else:
            raise UserError("GitHub keeps saying that it is asked too often.", "Run it again later.")
        if status >= 500:
            raise Unclear(f"GitHub answered {status}")
        if status == 200 and _words(answer).startswith(_WENT_WRONG):
            raise Unclear("GitHub's GraphQL went wrong")
        if status >= 400:
            raise Refused(status, _words(answer), answer)
        return answer

    def _request(
        self, verb: str, url: str, body: Mapping[str, Any] | None, parameters: Mapping[str, Any] | None
    ) -> tuple[int, Mapping[str, str], Json]:
        from requests import RequestException

        self.count += 1
        try:
            status, headers, text = self._requester.requestJson(verb, url, dict(parameters or {}), None, body)
        except RequestException as problem:
            raise Unclear(type(problem).__name__) from problem  # its text may hold addresses
        if date := headers.get("date"):
            self.server_time = parsedate_to_datetime(date).strftime("%Y-%m-%dT%H:%M:%SZ")
        try:
            return status, headers, json.loads(text) if text else None
        except ValueError as problem:
            if 200 <= status < 300:
                raise Unclear("GitHub's answer is cut off") from problem
            return status, headers, None  # a proxy's page

    def _limited(self, status: int, headers: Mapping[str, str], answer: Json) -> float | None:
        """How long to wait, if a limit stopped this.

        https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api: 403 or 429; with Retry-After,
        else until X-RateLimit-Reset when nothing remains, else a minute. GraphQL says RATE_LIMITED with status 200.
        """
        said = _words(answer).lower()
        by_graphql = status == 200 and isinstance(answer, dict) and "rate_limit" in _types(answer)
        spent = headers.get("x-ratelimit-remaining") == "0"
        if not by_graphql and status != 429 and not (status == 403 and (spent or "rate limit" in said)):
            return None
        if (after := headers.get("retry-after", "")).isdigit():
            return float(after)
        if spent and (reset := headers.get("x-ratelimit-reset", "")).isdigit():
            return max(1.0, float(reset) - self.now())
        return 60.0

    def _url(self, path: str) -> str:
        if path.startswith(("/", "http")):
            return path
        return f"/repos/{self.place.full_name}" + (f"/{path}" if path else "")


_WENT_WRONG = "Something went wrong"  # what GraphQL says, with status 200, of a timeout of its own
_STATUS = {"NOT_FOUND": 404, "FORBIDDEN": 403, "INSUFFICIENT_SCOPES": 403}


def _words(answer: Json) -> str:
    """GitHub's own words: its message, and what it says of each field."""
    if not isinstance(answer, dict):
        return ""
    errors = answer.get("errors")
    rows = [each.get("message", "") if isinstance(each, dict) else str(each) for each in errors or []]
    message = answer.get("message", "")
    return ": ".join(filter(None, [message, "; ".join(filter(None, rows))]))


def _types(answer: Mapping[str, Json]) -> str:
    return " ".join(str(each.get("type", "")).lower() for each in answer.get("errors") or [])
