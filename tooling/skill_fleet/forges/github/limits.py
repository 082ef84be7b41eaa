"""GitHub's limits: whether one stopped a call, and for how long.

https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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
