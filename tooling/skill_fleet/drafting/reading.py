"""The table that says when to read each file, and the contents list of a long one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from skill_fleet.drafting.names import bare_title
from skill_fleet.drafting.plain import plain, shortened
from skill_fleet.drafting.sections import labels

if TYPE_CHECKING:
    from skill_fleet.drafting.layout import Reference

CONTENTS_FROM = 300
_TOPICS = 5
_VERBS = (
    (re.compile(r"^(issue|error|problem)\b", re.I), "see"),
    (re.compile(r"^anti-?pattern", re.I), "check your work for"),
    (re.compile(r"^(workflow|step)\b", re.I), "build"),
    (re.compile(r"^scenario\b", re.I), "test"),
)


def reading_table(references: Sequence[Reference]) -> tuple[str, ...]:
    """A Markdown table of references, a row each: `| Read | when you |`."""
    rows = [f"| [{one.path}]({one.path}) | {_escaped(when(one))} |" for one in references]
    return ("| Read | when you |", "| --- | --- |", *rows)


def when(reference: Reference) -> str:
    """What a reader is doing who needs this file, in the words of its headings: five topics, then how many more."""
    titles = [child.title for section in reference.sections for child in section.children if child.title]
    if not titles:
        section = reference.sections[0]
        titles = [text for _, text in labels(reference.page, section.body, section.last)]
        titles = titles if len(titles) > 1 else [reference.title]
    verb = _verb(titles) or _verb([reference.title]) or "work on"
    topics = [shortened(bare_title(title), 60) for title in titles]
    more = f" and {len(topics) - _TOPICS} more" if len(topics) > _TOPICS else ""
    return f"{verb} {', '.join(topics[:_TOPICS])}{more}"


def _verb(titles: Sequence[str]) -> str:
    for pattern, verb in _VERBS:
        if 2 * sum(bool(pattern.match(plain(title))) for title in titles) > len(titles):
            return verb
    return ""


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def contents(reference: Reference) -> tuple[str, ...]:
    """Links to the sections of a file that is too long to take in at a glance; empty if it is not."""
    first, last = reference.sections[0].first, reference.sections[-1].last
    titles = [child.title for section in reference.sections for child in section.children]
    if last - first <= CONTENTS_FROM or len(titles) < 3:
        return ()
    return tuple(f"- {title}" for title in titles)
