"""The Brief: what will be written, stated before it is written, from the documents alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import PurePosixPath

from skill_fleet.drafting.about import About, about
from skill_fleet.drafting.pages.plain import shortened, tidy
from skill_fleet.drafting.sources.gather import gather
from skill_fleet.drafting.sources.placeholders import placeholders
from skill_fleet.drafting.sources.subjects import ANOTHER
from skill_fleet.drafting.types import Brief, Document, Question
from skill_fleet.drafting.wording.category import choose_category
from skill_fleet.drafting.wording.names import skill_name
from skill_fleet.errors import UserError

MOST_QUESTIONS = 4
GUESS = "a guess"  # what the assumption of a category says that rests on nothing


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
        triggers=tuple(one.removeprefix("when ") for one in facts.occasions.when),
        non_goals=facts.occasions.never,
        assumptions=tuple(assumptions),
        questions=tuple(questions[:MOST_QUESTIONS]),
        sources=tuple(document.name for document in sources),
    )


def _one_or_each(facts: About) -> Question:
    count = len(facts.found.parts)
    mixed = not any(reason == ANOTHER for _, reason in facts.found.aside)
    this = f"one skill with a reference for each of the {count} documents" if mixed else f"this one, {facts.title}"
    own, *others = (f"`{command}`" for command in facts.subjects)
    return Question(
        text=f"The source holds {count} documents on several subjects: {'one skill, or one of each' if mixed else 'which one'}?",
        why="A skill on one subject is found by its description; a mixed one seldom is.",
        options=(this, *(([own] if mixed else []) + others)[:3], *(() if mixed else ("all in one skill: `--all`",))),
        default=this,
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
    said = said if name in (folder, given, skill_name(facts.title)) else "the name of the file"
    if folder and place.parent.parent.name in categories:
        category, why = place.parent.parent.name, "the folder it came from"
    else:
        category, shared = choose_category(facts.found.main, facts.title, facts.topics, categories)
        why = (
            f"its text says {', '.join(shared)}" if shared else f"{GUESS}, for no category shares a word with the text"
        )
    return f"{category}/{name}", [
        f"Category `{category}`: {why}; `--path CATEGORY/NAME` decides.",
        f"Name `{name}`: from {said}.",
    ]


_LISTS = (
    ("Covers", "capabilities"),
    ("Used when", "triggers"),
    ("Not for", "non_goals"),
    ("Assumptions", "assumptions"),
)


def read_brief(text: str, path: str) -> Brief:
    """The brief of the skill `path` from what `render_brief` wrote; what people put between is passed over."""
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
    return replace(Brief(tidy(task), path, audience), **{name: tuple(entries) for name, entries in lists.items()})  # type: ignore[arg-type]


def render_brief(brief: Brief) -> str:
    """The brief as Markdown, for a commit message and a pull request."""
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


def brief_digest(brief: Brief, sources: Sequence[Document]) -> str:
    """A SHA-256 that is the same whenever the same brief meets the same sources, so that a second run finds the first."""
    facts = {"brief": asdict(brief), "sources": [[one.name, one.path, one.text] for one in sources]}
    text = json.dumps(facts, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()
