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
    """Items that can stand side by side after "Use when": if one says what somebody is doing, those that can do."""
    return [_doing(item) for item in items] if any(_ING.match(item) for item in items) else list(items)


def clause(items: Sequence[str], things_only: bool = False) -> str:
    """What follows "Use when": what somebody is doing, then the things that are worked on, the last after "or".

    `things_only`: the items are headings, where "testing" is a thing.
    """
    doing = [item for item in items if not things_only and (_YOU.match(item) or _ING.match(item))]
    things = [item for item in items if item not in doing]
    said = [*doing, f"working on {_either(things)}"] if things else doing
    return _either(said, ", or " if things and len(things) > 1 and doing else " or ")


def _either(items: Sequence[str], last: str = " or ") -> str:
    if len(items) < 2:
        return "".join(items)
    if any("," in item or " or " in item or " and " in item for item in items[:-1]) and len(items) > 2:
        return f"{'; '.join(items[:-1])}; or {items[-1]}"
    return f"{', '.join(items[:-1])}{last}{items[-1]}"


def _doing(item: str) -> str:
    state = _YOU.match(item)
    return _DOING[state[1]] + item[state.end() :] if state and state[1] in _DOING else item


def subject_of(title: str, page: Page) -> str:
    """The name that a title begins with (FastAPI of "FastAPI Patterns"), if it begins with one."""
    first = next(iter(bare_title(title).split()), "")
    named = re.fullmatch(r"[A-Z][\w.+#-]{2,}", first) and not is_ordinary(first, page)
    return first if named else ""


def with_subject(topic: str, subject: str) -> str:
    """A topic of one ordinary word, with the subject that it is about."""
    alone = subject and re.fullmatch(r"[a-z][a-z-]+", topic)
    return f"{subject} {topic}" if alone else topic
