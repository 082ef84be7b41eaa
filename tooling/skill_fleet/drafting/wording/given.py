"""The description that a front matter gives, without what other tools put behind it for themselves."""

from __future__ import annotations

import re

from skill_fleet.drafting.open_points.steering import steers

_TALK = r"(?:[-*]\s+|\d[.)]\s+)?(?:<|[\"'\u201c]?(?:context|user|human|assistant)[\"'\u201d]?\s*:)"
_EXAMPLES = re.compile(
    rf"<(?:examples?|commentary)\b|\b(?:examples?|for example|e\.g\.)(?: [a-z]+){{0,3}}:?\s*{_TALK}|(?<=[.!?:])\s+(?:user|human|context):\s*[\"'\u201c]",
    re.I,
)
_LEAD = re.compile(r"(?:^|(?<=[.!?])\s+)[^.!?]*:\s*$")
_AGENT = re.compile(r"\b(use|invoke) this (?:sub-?)?agent\b", re.I)


def given_description(text: str) -> str:
    """The sentences before the first scripted example; nothing if they steer the agent instead of saying what it is.

    A subagent's definition carries whole dialogues in `<example>` blocks, which its own tool reads and no other.
    """
    text = text.replace("\\n", "\n")
    found = _EXAMPLES.search(text)
    if found:
        text = _LEAD.sub("", text[: found.start()].rstrip(" \n-*"))
    return "" if steers(text) else _AGENT.sub(r"\1 this skill", text).strip()
