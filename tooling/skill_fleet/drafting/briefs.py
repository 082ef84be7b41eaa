"""The brief: written into a commit message as a JSON block, read back from it, and shown to people as Markdown."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from skill_fleet.drafting.types import Brief, Question

_BLOCK = re.compile(r"^```json skill-fleet-brief\n(.*?)\n```$", re.DOTALL | re.MULTILINE)
_LISTS = {
    "Covers:": "capabilities", "Used when:": "triggers", "Not for:": "non_goals", "Agreed:": "agreed",
    "Assumptions:": "assumptions",
}  # fmt: skip
_LIVE = re.compile(r"[^\x20-\x7e\n]|[@#<>&!`]")  # what a forge acts on, or nobody sees


def show_brief(brief: Brief) -> str:
    """The brief as Markdown, for a pull request."""
    lines = [brief.task, "", f"- Skill: `{brief.path}`"]
    lines += [f"- Audience: {brief.audience}"] if brief.audience else []
    lines += [f"- Sources: {', '.join(brief.sources)}"] if brief.sources else []
    for head, field in _LISTS.items():
        entries = getattr(brief, field)
        lines += ["", head, "", *(f"- {entry}" for entry in entries)] if entries else []
    for number, question in enumerate(brief.questions, 1):
        lines += ["", f"{number}. {question.text}", "", f"   Why: {question.why}"]
        lines += [f"   - {option}{' (default)' if option == question.default else ''}" for option in question.options]
    return "\n".join(lines) + "\n"


def render_brief(brief: Brief) -> str:
    """The brief for a commit message: its task as a sentence, and all of it as a JSON block that `read_brief` reads.

    The block is ASCII, and what a forge would act on (`@name`, `#1`, HTML) is escaped.
    """
    block = _LIVE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(asdict(brief), indent=1))
    return f"{brief.task}\n\n```json skill-fleet-brief\n{block}\n```\n"


def read_brief(text: str, path: str) -> Brief:
    """The brief of the skill `path` from the JSON block of a commit message.

    Anybody who may push can have written it: only texts are taken where texts belong.
    """
    found = _BLOCK.search(text)
    try:
        data = json.loads(found[1]) if found else None
    except (ValueError, RecursionError):
        data = None
    data = data if isinstance(data, Mapping) else {}
    rows = data.get("questions")
    asked = (row for row in (rows if isinstance(rows, list) else []) if isinstance(row, Mapping))
    questions = tuple(Question(**_facts(row, Question)) for row in asked)
    return Brief(**{**_facts(data, Brief), "path": path, "questions": questions})


def _facts(data: Mapping[str, object], of: type[Brief | Question]) -> dict[str, Any]:
    """The fields of a dataclass of texts and tuples of texts, as far as `data` has values of these types."""
    found: dict[str, Any] = {}
    for field in fields(of):
        value = data.get(field.name)
        if field.type == "str":
            found[field.name] = value if isinstance(value, str) else ""
        else:
            found[field.name] = tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()
    return found
