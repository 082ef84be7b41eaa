"""The brief: made from documents, written into a commit message as a JSON block, and shown to people as Markdown."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import Any

from skill_fleet.drafting.types import Brief, Question

_BLOCK = re.compile(r"^```json skill-fleet-brief\n(.*?)\n```$", re.DOTALL | re.MULTILINE)
_LISTS = (
    ("Covers", "capabilities"),
    ("Used when", "triggers"),
    ("Not for", "non_goals"),
    ("Agreed", "agreed"),
    ("Assumptions", "assumptions"),
)
_TEXTS = {"task", "path", "audience"}
_LIVE = re.compile(r"[^\x20-\x7e\n]|[@#<>&!`]")  # what a forge acts on, or nobody sees


def show_brief(brief: Brief) -> str:
    """The brief as Markdown, for a pull request."""
    lines = [brief.task, "", f"- Skill: `{brief.path}`"]
    lines += [f"- Audience: {brief.audience}"] if brief.audience else []
    lines += [f"- Sources: {', '.join(brief.sources)}"] if brief.sources else []
    for head, field in _LISTS:
        if entries := getattr(brief, field):
            lines += ["", f"{head}:", "", *(f"- {entry}" for entry in entries)]
    for number, question in enumerate(brief.questions, 1):
        lines += ["", f"{number}. {question.text}", "", f"   Why: {question.why}"]
        lines += [f"   - {option}{' (default)' if option == question.default else ''}" for option in question.options]
    return "\n".join(lines) + "\n"


def render_brief(brief: Brief) -> str:
    """The brief for a commit message: its task as a sentence, and all of it as a JSON block that `read_brief` reads.

    The block is ASCII, and what a forge would act on (`@name`, `#1`, HTML) is escaped.
    """
    block = json.dumps(asdict(brief), indent=1, ensure_ascii=True)
    block = _LIVE.sub(lambda found: f"\\u{ord(found[0]):04x}", block)
    return f"{brief.task}\n\n```json skill-fleet-brief\n{block}\n```\n"


def read_brief(text: str, path: str) -> Brief:
    """The brief of the skill `path` from a commit message, as JSON or as Markdown of earlier versions.

    Anybody who may push can have written it: only texts are taken where texts belong.
    """
    if found := _BLOCK.search(text):
        try:
            data = json.loads(found[1])
        except (ValueError, RecursionError):
            data = None
        if isinstance(data, Mapping):
            return brief_from_json(data, path)
    return _read_markdown(text, path)


def brief_from_json(data: Mapping[str, Any], path: str = "") -> Brief:
    """The brief that `asdict` made `data` of, as far as its values have the right types; `path` replaces its own."""
    brief = Brief(_text(data.get("task")), path or _text(data.get("path")), _text(data.get("audience")))
    rows = data.get("questions")
    questions = tuple(
        Question(
            _text(row.get("text")),
            _text(row.get("why")),
            _texts(row.get("options")),
            _text(row.get("default")),
            _text(row.get("changes")),
        )
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, Mapping)
    )
    lists = {one.name: _texts(data.get(one.name)) for one in fields(Brief) if one.name not in {*_TEXTS, "questions"}}
    return replace(brief, questions=questions, **lists)  # type: ignore[arg-type]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object) -> tuple[str, ...]:
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, (list, tuple)) else ()


def _read_markdown(text: str, path: str) -> Brief:
    task, _, rest = text.strip().partition("\n\n")
    lists: dict[str, list[str]] = {field: [] for _, field in _LISTS}
    heads, field, audience = {f"{head}:": field for head, field in _LISTS}, "", ""
    for line in rest.split("\n"):
        if line.startswith("- Audience: ") and not field:
            audience = line.removeprefix("- Audience: ")
        elif line.startswith("- ") and field:
            lists[field].append(line.removeprefix("- "))
        elif line.strip():
            field = heads.get(line, "")
    entries = {name: tuple(found) for name, found in lists.items()}
    return replace(Brief(" ".join(task.split()), path, audience), **entries)  # type: ignore[arg-type]
