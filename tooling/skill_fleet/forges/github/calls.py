"""One call to GitHub's API: what is retried, what is waited for, and how a failure is explained.

Nothing that creates something is ever sent twice from here: after a 502 it may well have happened (`Unclear`), and only
the caller can check. A call that a rate limit stopped has not happened, so it is sent again after the wait, as
docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api asks: after Retry-After, else after
X-RateLimit-Reset, else after a minute or more. Reads are tried again for minutes.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

from skill_fleet.errors import UserError
from skill_fleet.forges.github.place import HOME_API, Place
from skill_fleet.forges.refusals import own_pull_request

PATIENCE, PERIOD = 300.0, 600.0  # seconds: how long is waited in all during a period, the time of the shortest job
MINUTE = 60.0  # what GitHub asks for when it does not say how long, twice as long each time
SHORT, LONGEST = 2.0, 64.0  # seconds between two tries, of a few and of many
TIMEOUT = 30
API_VERSION = "2026-03-10"  # the one that the tests hold every answer to; older enterprise servers lack it

Json = Any

_WENT_WRONG = "Something went wrong"  # what GraphQL says, with status 200, of a timeout of its own
_STATUS = {"NOT_FOUND": 404, "FORBIDDEN": 403, "INSUFFICIENT_SCOPES": 403}


class Refused(Exception):
    """GitHub refused a call: `status` and its own words."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status, self.message = status, message


class Unclear(Exception):
    """GitHub did not answer, or its answer does not tell whether the call succeeded. `status` is that of an answer."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


@dataclass
class Calls:
    """The API of one repository, as one account."""

    place: Place
    token: str = field(repr=False)
    pause: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.time
    is_job: bool = False
    """Whether a workflow runs this, so that no person waits for it."""
    server_time: str = ""
    """The time of the last answer, by GitHub's clock, as GitHub writes times."""
    writes: int = 0
    """The number of writes so far."""
    _waits: list[tuple[float, float]] = field(default_factory=list)
    """When each recent wait began, and its seconds."""

    def __post_init__(self) -> None:
        try:
            from github import Auth, Github
        except ImportError as problem:
            raise UserError(
                "Pull requests on GitHub need the GitHub client.", "Install it: python -m pip install 'pygithub>=2.8'"
            ) from problem
        client = Github(
            base_url=self.place.api,
            auth=Auth.Token(self.token),
            lazy=True,
            timeout=TIMEOUT,
            retry=0,  # its own retry repeats calls that create, and doubles a comment
            seconds_between_requests=0,
            seconds_between_writes=0,
            user_agent="skill-fleet",
            api_version=API_VERSION if self.place.api == HOME_API else None,
        )
        self._requester = client.requester

    def close(self) -> None:
        """Close the connection; the next call opens another."""
        self._requester.close()

    def get(self, path: str, **parameters: Any) -> Json:
        """Read something of the repository (of the server, if the path begins with `/`)."""
        return self._retry("GET", path, parameters=parameters)

    def find(self, path: str) -> Json:
        """Read something that may not exist; None when GitHub does not find it."""
        try:
            return self.get(path)
        except Refused as problem:
            if problem.status != 404:
                raise
            return None

    def pages(self, path: str, **parameters: Any) -> list[Json]:
        """Read a list to its end."""
        found: list[Json] = []
        for page in range(1, 1_000):
            rows = self.get(path, per_page=100, page=page, **parameters)
            found += rows
            if len(rows) < 100:
                break
        return found

    def create(self, path: str, body: Mapping[str, Any], method: str = "POST") -> Json:
        """Write something once. Raises Refused or Unclear."""
        self.writes += 1
        return self._once(method, path, body)

    def set(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Json:
        """Write something that is the same when done twice: after an unclear answer it is sent again."""
        self.writes += 1
        return self._retry(method, path, body=body)

    def query(self, text: str, *, patient: bool = True, **variables: Any) -> tuple[Json, list[Json]]:
        """Run a GraphQL query, and return its data and its errors; one that may be too large is not worth patience."""
        answer = self._retry("POST", self.place.graphql, {"query": text, "variables": variables}, patient=patient)
        return answer.get("data") or {}, answer.get("errors") or []

    def mutate(self, text: str, *, once: bool = False, **variables: Any) -> Json:
        """Run a GraphQL mutation; with `once` it creates something, and is not sent again."""
        self.writes += 1
        send = self._once if once else self._retry
        answer = send("POST", self.place.graphql, {"query": text, "variables": variables})
        if errors := answer.get("errors"):
            raise Refused(_STATUS.get(errors[0].get("type", ""), 422), errors[0].get("message", ""))
        return answer["data"]

    def _retry(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        parameters: Mapping[str, Any] | None = None,
        patient: bool = True,
    ) -> Json:
        pause = 0.5
        while True:
            try:
                return self._once(method, path, body, parameters)
            except Unclear as problem:
                # a person whose first call fails is probably offline, and wants to know that at once
                was_online = problem.status or self.server_time or self.is_job
                if not (pause <= SHORT or (patient and was_online)) or not self._wait(pause):
                    raise
                pause = min(2 * pause, LONGEST)

    def _wait(self, seconds: float) -> bool:
        """Wait, unless there is no time left for it; whether it was done."""
        if not seconds:
            return True
        now = self.now()
        self._waits = [(at, each) for at, each in self._waits if at > now - PERIOD]
        if sum(each for _, each in self._waits) + seconds > PATIENCE:
            return False
        self._waits.append((now, seconds))
        self.pause(seconds)
        return True

    def _once(
        self, method: str, path: str, body: Mapping[str, Any] | None, parameters: Mapping[str, Any] | None = None
    ) -> Json:
        """Send a call until no limit stops it."""
        unnamed = MINUTE
        while True:
            status, headers, answer = self._request(method, path, body, parameters)
            if not _is_limit(status, headers, answer, graphql=path == self.place.graphql):
                break
            wait = _seconds(headers, self.now())
            if not self._wait(wait or unnamed):
                raise UserError(
                    f"GitHub's rate limit is used up; it asks for {wait or unnamed:.0f} seconds more.",
                    "Run it again then: it continues, and nothing is done twice.",
                )
            unnamed *= 1 if wait else 2
        if status >= 500:
            self._wait(_seconds(headers, self.now()))  # what it asks for; too long is as good as nothing
            raise Unclear(f"GitHub answered {status}", status)
        if status == 200 and _message(answer).startswith(_WENT_WRONG):
            raise Unclear("GitHub's GraphQL timed out")
        if status >= 400:
            raise Refused(status, _message(answer))
        return answer

    def _request(
        self, method: str, path: str, body: Mapping[str, Any] | None, parameters: Mapping[str, Any] | None
    ) -> tuple[int, Mapping[str, str], Json]:
        from requests import RequestException

        url = path
        if not path.startswith(("/", "http")):
            url = f"/repos/{self.place.full_name}" + (f"/{path}" if path else "")
        try:
            status, headers, text = self._requester.requestJson(method, url, dict(parameters or {}), None, body)
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


def _is_limit(status: int, headers: Mapping[str, str], answer: Json, *, graphql: bool) -> bool:
    """Whether a limit stopped the call: with status 429, or 403 and a sign of it. GraphQL says it with status 200, too."""
    said = " ".join([_message(answer), *(str(each.get("type", "")) for each in _errors(answer))]).lower()
    named = "rate limit" in said or "rate_limit" in said or "abuse detection" in said
    if status == 403:
        return named or "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0"
    return status == 429 or (status == 200 and graphql and named)


def _seconds(headers: Mapping[str, str], now: float) -> float:
    """Return the seconds that GitHub asks to wait; 0 if it does not say."""
    if (after := headers.get("retry-after", "")).isdigit():
        return float(after)
    if headers.get("x-ratelimit-remaining") == "0" and (reset := headers.get("x-ratelimit-reset", "")).isdigit():
        return max(1.0, float(reset) - now)
    return 0.0


def _message(answer: Json) -> str:
    """Return GitHub's message, and what it says about each field."""
    if not isinstance(answer, dict):
        return ""
    rows = [each.get("message", "") for each in _errors(answer)]
    return ": ".join(filter(None, [answer.get("message", ""), "; ".join(filter(None, rows))]))


def _errors(answer: Json) -> list[dict[str, Any]]:
    """Return the errors of an answer; REST also lists plain words."""
    rows = (answer.get("errors") if isinstance(answer, dict) else None) or []
    return [each if isinstance(each, dict) else {"message": str(each)} for each in rows]


@contextmanager
def explained(what: str) -> Iterator[None]:
    """Turn Refused and Unclear into a UserError; `what` completes "The token may not ..."."""
    try:
        yield
    except Unclear as problem:
        raise UserError(
            f"GitHub gave no clear answer ({problem}) when asked to {what}.",
            "Run it again: it continues, and nothing is done twice.",
        ) from problem
    except Refused as problem:
        raise _explanation(problem, what) from problem


def _explanation(problem: Refused, what: str) -> UserError:
    reason = " ".join(problem.message.split())[:300].rstrip(".") or "no reason given"
    for pattern, error in _EXPLANATIONS:
        if re.search(pattern, problem.message, re.IGNORECASE):
            return UserError(error.message.format(reason), error.tip)
    if problem.status == 401:
        return UserError("GitHub does not know the token.", "Set a new one: export GH_TOKEN=…")
    if problem.status in (403, 404):
        return UserError(
            f"The token may not {what}: {reason}.", "See what it may do: skill-fleet doctor --forge github"
        )
    return UserError(f"GitHub refused to {what}: {reason}.", "Fix that, then run it again.")


_DOCTOR = "Check the settings: skill-fleet doctor --forge github"
_EXPLANATIONS = (  # GitHub has no codes for these, so its words are matched; `{}` is replaced by them
    (r"can not (approve|request changes on) your own", own_pull_request()),
    (
        r"not permitted to create or approve pull requests",
        UserError(
            "Workflows may not open or approve pull requests here.",
            "Allow it: gh api -X PUT repos/OWNER/NAME/actions/permissions/workflow "
            "-F can_approve_pull_request_reviews=true",
        ),
    ),
    (
        r"must be part of the (same )?(hunk|diff)|not part of the pull request|could not be resolved|outside",
        UserError("The lines are not in the diff of the pull request.", "Comment on lines in its diff."),
    ),
    (
        r"Draft pull requests are not supported",
        UserError("This repository cannot hold draft pull requests.", "Make it public, or upgrade its plan."),
    ),
    (
        r"(Merge|Squash|Rebase) (commits|merges) are not allowed",
        UserError("The repository does not allow this kind of merge.", _DOCTOR),
    ),
    (
        r"required status check|approving review is required|protected branch|rule violations|merge queue",
        UserError("The rules of the base branch refuse the merge: {}.", _DOCTOR),
    ),
)
