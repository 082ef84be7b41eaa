"""The brief: written into a commit message as a JSON block, read back from it, and shown to people as Markdown."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

from skill_fleet.drafting.types import Brief, Document, Question

_BLOCK = re.compile(r"^```json skill-fleet-brief\n(.*?)\n```$", re.DOTALL | re.MULTILINE)
_LIVE = re.compile(r"[^\x20-\x7e\n]|[@#<>&!`]")  # what a forge acts on, or nobody sees


def show_brief(brief: Brief) -> str:
    """The brief as Markdown, for a pull request."""
    lines = [brief.task, "", f"- Skill: `{brief.path}`"]
    lines += [f"- Audience: {brief.audience}"] if brief.audience else []
    lines += [f"- Sources: {', '.join(brief.sources)}"] if brief.sources else []
    lists = {
        "Covers": brief.capabilities, "Used when": brief.triggers, "Not for": brief.non_goals,
        "Assumptions": brief.assumptions,
    }  # fmt: skip
    for head, entries in lists.items():
        lines += ["", f"{head}:", "", *(f"- {entry}" for entry in entries)] if entries else []
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
    """The brief of the skill `path` from a commit message; without its block, only the task: the first paragraph.

    Anybody who may push can have written it: only texts are taken where texts belong.
    """
    found = _BLOCK.search(text)
    try:
        data = json.loads(found[1]) if found else None
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, Mapping):
        return Brief(" ".join(text.strip().partition("\n\n")[0].split()), path)
    facts = _facts(data, Brief)
    rows = data.get("questions")
    questions = (
        [Question(**_facts(row, Question)) for row in rows if isinstance(row, Mapping)]
        if isinstance(rows, list)
        else []
    )
    return Brief(**{**facts, "path": path or facts["path"], "questions": tuple(questions)})  # fmt: skip


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


def brief_digest(brief: Brief, sources: Sequence[Document]) -> str:
    """A SHA-256 that is the same whenever the same brief meets the same sources, so that a second run finds the first."""
    facts = {"brief": asdict(brief), "sources": [[one.name, one.path, one.text] for one in sources]}
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode("ascii")).hexdigest()
