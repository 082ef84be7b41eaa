"""The occasions of a description in one grammatical form, and with the subject that a single word leaves out."""

from __future__ import annotations

import re
from collections.abc import Sequence

from skill_fleet.drafting.casing import is_ordinary
from skill_fleet.drafting.names import bare_title
from skill_fleet.drafting.page import Page

_DOING = {
    "need": "needing", "want": "wanting", "have": "having", "wish": "wishing", "are": "being", "must": "having to",
    "plan": "planning", "get": "getting", "see": "seeing",
}  # fmt: skip
_YOU = re.compile(r"you (\w+)\b")
_ING = re.compile(r"[a-z]+ing\b")


def one_form(items: Sequence[str]) -> list[str]:
    """Items that can stand side by side after "Use when": if one says what somebody is doing, all do."""
    if not any(_ING.match(item) for item in items):
        return list(items)
    return [_doing(item) for item in items]


def _doing(item: str) -> str:
    state = _YOU.match(item)
    if state and state[1] in _DOING:
        return _DOING[state[1]] + item[state.end() :]
    return item if state or not item or _ING.match(item) else f"working on {item}"


def subject_of(title: str, page: Page) -> str:
    """The name that a title begins with (FastAPI of "FastAPI Patterns"), if it begins with one."""
    first = next(iter(bare_title(title).split()), "")
    named = re.fullmatch(r"[A-Z][\w.+#-]{2,}", first) and not is_ordinary(first, page)
    return first if named else ""


def with_subject(topic: str, subject: str) -> str:
    """A topic of one ordinary word, with the subject that it is about."""
    alone = subject and re.fullmatch(r"[a-z][a-z-]+", topic)
    return f"{subject} {topic}" if alone else topic
