"""One call to GitHub's API: what is tried again, what is waited for, and what went wrong in which of three ways.

Nothing that creates something is ever sent twice from here: after a 502 it may well have happened (`Unclear`), and only
the caller can look. A call that a limit stopped has not happened, so that one is waited out and sent again.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn

from skill_fleet.errors import UserError
from skill_fleet.forges.github.place import HOME_API, Place

LONGEST_WAIT = 90.0  # seconds for one limit; a longer one is for a later run
WAITS = 5
MINUTE = 60.0  # what GitHub asks for when it does not say how long


def wait_for(status: int, headers: Mapping[str, str], answer: Any, now: float) -> float | None:
    """The seconds to wait, or None when no limit stopped it.

    The status is 403 or 429; with Retry-After, else until X-RateLimit-Reset when nothing remains. GraphQL says
    RATE_LIMITED with status 200.
    """
    said = words_of(answer).lower()
    spent = headers.get("x-ratelimit-remaining") == "0"
    forbidden = status == 403 and (spent or "rate limit" in said or "abuse detection" in said)
    if status != 429 and not forbidden and not (status == 200 and "rate_limit" in _types(answer)):
        return None
    if (after := headers.get("retry-after", "")).isdigit():
        return float(after)
    if spent and (reset := headers.get("x-ratelimit-reset", "")).isdigit():
        return max(1.0, float(reset) - now)
    return MINUTE


def words_of(answer: Any) -> str:
    """GitHub's own words: its message, and what it says of each field."""
    if not isinstance(answer, dict):
        return ""
    rows = [each.get("message", "") if isinstance(each, dict) else str(each) for each in answer.get("errors") or []]
    return ": ".join(filter(None, [answer.get("message", ""), "; ".join(filter(None, rows))]))


def _types(answer: Any) -> str:
    errors = answer.get("errors") if isinstance(answer, dict) else None
    return " ".join(str(each.get("type", "")).lower() for each in errors or [] if isinstance(each, dict))


READ_TRIES = 4
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
    writes: int = 0

    def __post_init__(self) -> None:
        try:
            from github import Auth, Github
        except ImportError as problem:
            raise UserError(
                "Pull requests on GitHub need its client.", "Install it: python -m pip install 'pygithub>=2.8'"
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
            if (wait := wait_for(status, headers, answer, self.now())) is None:
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
        if status == 200 and words_of(answer).startswith(_WENT_WRONG):
            raise Unclear("GitHub's GraphQL went wrong")
        if status >= 400:
            raise Refused(status, words_of(answer), answer)
        return answer

    def _request(
        self, verb: str, url: str, body: Mapping[str, Any] | None, parameters: Mapping[str, Any] | None
    ) -> tuple[int, Mapping[str, str], Json]:
        from requests import RequestException

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

    def _url(self, path: str) -> str:
        if path.startswith(("/", "http")):
            return path
        return f"/repos/{self.place.full_name}" + (f"/{path}" if path else "")


_WENT_WRONG = "Something went wrong"  # what GraphQL says, with status 200, of a timeout of its own
_STATUS = {"NOT_FOUND": 404, "FORBIDDEN": 403, "INSUFFICIENT_SCOPES": 403}


_TABLE = (
    # what GitHub says, what we say, and the tip; `{0}` is what GitHub said
    (
        r"can not (approve|request changes on) your own",
        "You opened it, so you can neither approve it nor request changes.",
        "Ask somebody else, or comment.",
    ),
    (
        r"not permitted to create or approve pull requests",
        "Workflows may not open or approve pull requests here.",
        "Allow it: gh api -X PUT repos/OWNER/NAME/actions/permissions/workflow -F can_approve_pull_request_reviews=true",
    ),
    (r"No commits between", "There are no commits between the base and the branch.", "Commit to the branch first."),
    (r"body is too long|is too long \(maximum is 65536", "GitHub holds no text of that length.", "Make it shorter."),
    (
        r"must be part of the (same )?(hunk|diff)|not part of the pull request|could not be resolved|outside",
        "The lines are not in the diff of the pull request.",
        "Comment on lines that it changes, or right beside them.",
    ),
    (
        r"Draft pull requests are not supported",
        "This repository cannot hold drafts of pull requests.",
        "Make it public, or choose a plan of GitHub's that has them.",
    ),
    (r"still a draft", "The pull request is a draft.", "Make it ready first."),
    (
        r"(Merge|Squash|Rebase) (commits|merges) are not allowed",
        "The repository does not allow this kind of merge.",
        "Look at its settings: skill-fleet doctor --forge github",
    ),
    (
        r"required status check|approving review is required|protected branch|rule violations|merge queue",
        "The rules of the base do not let it in: {0}",
        "Meet them, or look at them: skill-fleet doctor --forge github",
    ),
    (r"secondary rate limit|abuse detection", "GitHub is asked too often.", "Run it again in some minutes."),
)


def refuse(problem: Refused | Unclear, what: str) -> NoReturn:
    """Raise the UserError for a call that was to do `what`."""
    if isinstance(problem, Unclear):
        raise UserError(
            f"GitHub does not answer ({problem}), so nobody knows whether it did {what}.",
            "Run it again: what arrived is found, and not done twice.",
        ) from problem
    said = _plain(problem.message)
    for pattern, message, tip in _TABLE:
        if re.search(pattern, problem.message, re.IGNORECASE):
            raise UserError(message.format(said), tip) from problem
    if problem.status == 401:
        raise UserError("GitHub does not know the token.", "Give a new one: export GH_TOKEN=…") from problem
    if problem.status in (403, 404):
        tip = "Give it the right, or see what it has: skill-fleet doctor --forge github"
        raise UserError(f"The token may not do this: {what} ({said}).", tip) from problem
    raise UserError(f"GitHub refused {what}: {said}", "Mend that, then run it again.") from problem


def _plain(text: str) -> str:
    """GitHub's words on one line, without a full stop."""
    return " ".join(text.split())[:300].rstrip(".") or "it gives no reason"
