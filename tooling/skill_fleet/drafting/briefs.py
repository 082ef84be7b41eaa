"""The Brief: what will be written, stated before it is written, from the documents alone."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import PurePosixPath

from skill_fleet.drafting.gather import Gathered, gather
from skill_fleet.drafting.names import skill_name
from skill_fleet.drafting.types import Brief, Document
from skill_fleet.errors import UserError

_WORD = re.compile(r"[a-z][a-z0-9]{2,}")


def brief_for(task: str, sources: Sequence[Document], categories: Mapping[str, str], path: str | None) -> Brief:
    """What a skill drafted from `sources` will be: its id, what it covers, and what was assumed.

    Without `path`, the category is the one whose name and description share most words with the document, and the
    name comes from the document's title.
    """
    found = gather(tuple(sources))
    assumptions: list[str] = []
    if path is None:
        if not categories:
            raise UserError("There is no category to put the skill in.", "Add one to skills/taxonomy.yaml.")
        category, shared = _category(found, categories)
        name = skill_name(found.main.matter.get("name", ""), found.title, PurePosixPath(found.main.part.path).stem)
        path = f"{category}/{name}"
        why = f"its text says {', '.join(shared)}" if shared else "no category shares a word with the text"
        assumptions.append(f"Category `{category}`: {why}; `--path CATEGORY/NAME` decides.")
        assumptions.append(f"Name `{name}`: from the title of the source.")
    return Brief(
        task=task or f"Make a skill of {found.title}.",
        path=path,
        capabilities=found.topics,
        assumptions=tuple(assumptions),
        sources=tuple(document.name for document in sources),
    )


def _category(found: Gathered, categories: Mapping[str, str]) -> tuple[str, list[str]]:
    counts = Counter(_WORD.findall("\n".join(found.main.lines).lower()))
    heads = Counter(_WORD.findall(" ".join((found.title, *found.topics)).lower()))
    best: tuple[float, str, list[str]] = (-1.0, "", [])
    for name, description in categories.items():
        words = {word: 1.0 for word in _WORD.findall(description.lower()) if len(word) > 3}
        words |= dict.fromkeys(_WORD.findall(name.lower()), 4.0)
        shared = [word for word in words if counts[word] or heads[word]]
        score = sum(words[w] * min(10, counts[w] + 5 * heads[w]) for w in shared) / (4 + len(words)) ** 0.5
        if score > best[0]:
            best = (score, name, sorted(shared, key=lambda w: (-words[w] * (counts[w] + 5 * heads[w]), w))[:4])
    return best[1], best[2]


def render_brief(brief: Brief) -> str:
    """The brief as Markdown, for a commit message and a pull request."""
    lines = [brief.task, "", f"- Skill: `{brief.path}`"]
    lines += [f"- Audience: {brief.audience}"] if brief.audience else []
    lines += [f"- Sources: {', '.join(brief.sources)}"] if brief.sources else []
    for head, entries in (
        ("Covers", brief.capabilities),
        ("Used when", brief.triggers),
        ("Not for", brief.non_goals),
        ("Assumptions", brief.assumptions),
    ):
        if entries:
            lines += ["", f"{head}:", "", *(f"- {entry}" for entry in entries)]
    for number, question in enumerate(brief.questions, 1):
        lines += ["", f"{number}. {question.text}", "", f"   Why: {question.why}"]
        lines += [f"   - {option}{' (default)' if option == question.default else ''}" for option in question.options]
    return "\n".join(lines) + "\n"


def brief_digest(brief: Brief, sources: Sequence[Document]) -> str:
    """A SHA-256 that is the same whenever the same brief meets the same sources, so that a second run finds the first."""
    facts = {"brief": asdict(brief), "sources": [[one.name, one.path, one.text] for one in sources]}
    text = json.dumps(facts, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()
