"""The Brief: what will be written, stated before it is written, from the documents alone."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import PurePosixPath

from skill_fleet.drafting.about import About, about
from skill_fleet.drafting.gather import gather
from skill_fleet.drafting.names import skill_name
from skill_fleet.drafting.placeholders import placeholders
from skill_fleet.drafting.plain import shortened, tidy
from skill_fleet.drafting.types import Brief, Document, Question
from skill_fleet.errors import UserError

MOST_QUESTIONS = 4
_WORD = re.compile(r"[a-z][a-z0-9]{2,}")
_COMMON = frozenset(
    [
        "about",
        "again",
        "agent",
        "all",
        "and",
        "any",
        "are",
        "can",
        "cut",
        "each",
        "find",
        "finding",
        "for",
        "from",
        "has",
        "how",
        "into",
        "its",
        "keep",
        "keeping",
        "kind",
        "long",
        "many",
        "not",
        "one",
        "other",
        "out",
        "over",
        "own",
        "part",
        "software",
        "system",
        "task",
        "that",
        "the",
        "their",
        "them",
        "themselve",
        "thing",
        "this",
        "tool",
        "use",
        "using",
        "way",
        "what",
        "when",
        "which",
        "whether",
        "with",
        "without",
        "work",
        "working",
    ]
)


def brief_for(
    task: str,
    sources: Sequence[Document],
    categories: Mapping[str, str],
    path: str | None,
    only: Sequence[str] = (),
    everything: bool = False,
) -> Brief:
    """What a skill drafted from `sources` will be: its id, what it covers, and what was assumed.

    Without `path`, the category is that of a SKILL.md's own place, else the one whose name and description share most
    words with the document; the name comes from the document's title.
    """
    facts = about(gather(sources, only, everything))
    main = facts.found.main
    assumptions: list[str] = []
    if path is None:
        path, assumptions = _path(facts, categories)
    questions = [
        Question(
            text=f"What stands for `{{{{{key}}}}}`?",
            why="It is a placeholder of the source, and the draft stays red until it is filled.",
            changes=f"each place that says {{{{{key}}}}}",
        )
        for key in placeholders("\n".join(line for page in (main, *facts.found.others) for line in page.lines))
    ]
    if facts.subjects:
        questions.insert(0, _one_or_each(facts))
    return Brief(
        task=tidy(task) or f"Make a skill of {facts.title}.",
        path=path,
        audience=shortened(tidy(main.matter.get("target", "") or main.matter.get("audience", "")), 200),
        capabilities=facts.topics,
        triggers=facts.occasions.when,
        non_goals=facts.occasions.never,
        assumptions=tuple(assumptions),
        questions=tuple(questions[:MOST_QUESTIONS]),
        sources=tuple(document.name for document in sources),
    )


def _one_or_each(facts: About) -> Question:
    count = 1 + len(facts.found.others)
    one = f"one skill with a reference for each of the {count} documents"
    return Question(
        text=f"The source holds {count} documents on several subjects: one skill, or one of each?",
        why="A skill on one subject is found by its description; a mixed one seldom is.",
        options=(one, *(f"one of each: `{command}`" for command in facts.subjects[:3])),
        default=one,
        changes="which documents are in the skill",
    )


def _path(facts: About, categories: Mapping[str, str]) -> tuple[str, list[str]]:
    if not categories:
        raise UserError("There is no category to put the skill in.", "Add one to skills/taxonomy.yaml.")
    place = PurePosixPath(facts.found.main.part.path)
    folder = place.parent.name if place.name.lower() == "skill.md" else ""
    given = facts.found.main.matter.get("name", "")
    name = skill_name(folder, given, facts.title, place.stem)
    said = "its folder" if name == folder else "the front matter" if name == given else "the title of the source"
    if folder and place.parent.parent.name in categories:
        category, why = place.parent.parent.name, "the folder it came from"
    else:
        category, shared = _category(facts, categories)
        why = f"its text says {', '.join(shared)}" if shared else "no category shares a word with the text"
    return f"{category}/{name}", [
        f"Category `{category}`: {why}; `--path CATEGORY/NAME` decides.",
        f"Name `{name}`: from {said}.",
    ]


def _category(facts: About, categories: Mapping[str, str]) -> tuple[str, list[str]]:
    """The category whose own name the text says most, above all in its title; then the words of its description."""
    text = Counter(_singular("\n".join(facts.found.main.lines)))
    title = f"{facts.title} {facts.found.main.matter.get('name', '')}".lower()
    heads = Counter(_singular(f"{title} {' '.join(facts.topics)}"))
    best: tuple[float, str, list[str]] = (-1.0, "", [])
    for name, said in categories.items():
        words = set(_singular(said)) - _COMMON - {name}
        worth = {word: min(1.0, math.log1p(text[word] + 5 * heads[word]) / 4) for word in words}
        telling = sorted((word for word in worth if worth[word]), key=lambda word: (-worth[word], word))[:4]
        called = name.removesuffix("s") if len(name) > 3 else name
        score = sum(worth[word] for word in telling) + math.log1p(text[called] + 5 * heads[called])
        score += 4 if name in title else 0
        if score > best[0]:
            best = (score, name, [name] * bool(text[called] or name in title) + telling[:3])
    return best[1], best[2]


def _singular(text: str) -> list[str]:
    """The words of a text, each without the s of a plural, so that `skills` and `skill` are one."""
    return [word.removesuffix("s") if len(word) > 3 else word for word in _WORD.findall(text.lower())]


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
