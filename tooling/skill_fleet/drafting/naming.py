"""The name of a skill, from its document, and categories ranked for a question. A category is never guessed."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from skill_fleet.errors import UserError
from skill_fleet.fleet import is_name, is_skill_id
from skill_fleet.markdown import slugged

MOST = 48  # characters: longer ones nobody types
_KINDS = {
    "readme", "index", "faq", "faqs", "frequently-asked-questions", "api", "apis", "guide", "install", "installation",
    "installing", "style", "summary", "untitled", "agents", "agent", "claude", "gemini", "skill", "skills", "md", "doc", "docs",
    "documentation", "document", "overview", "introduction", "intro", "getting-started", "quickstart", "quick-start", "home",
    "main", "contributing", "changelog", "usage", "tutorial", "reference", "template", "contents", "table-of-contents", "rules",
    "cursorrules", "copilot-instructions", "instructions", "page", "pages", "content", "src", "source", "en", "text", "notes",
    "part", "new", "draft", "issue", "user-guide", "todo", "about", "welcome", "persona", "role", "manual", "handbook",
    "synopsis", "name", "description", "cheatsheet", "references", "files", "general", "basics", "warning", "note", "purpose", "guidelines", "best-practices",
}  # fmt: skip
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_PARTS = re.compile(r"\s+(?:[\u2013\u2014|:]|-{1,3})\s+|:\s")
_ARTICLE = re.compile(r"^(?:the|a|an|how-to|howto)-(?=.)")
_TAIL = re.compile(r"(?:-(?:cursorrules|prompt|file|readme|md|skill|cheatsheet|cheat-sheet))+$")
_STOP = {"the", "and", "for", "with", "that", "this", "are", "from", "when", "use", "you", "your", "not", "can", "how"}


def skill_name(given: str, titles: Sequence[str], path: str, home: str) -> str:
    """A name for the skill of the document at `path`: what its front matter gives, its title, its file's name.

    One that says only the kind of document (readme, api, guide, ...) takes the name of the nearest folder that says more,
    up to the repository's. The folder of a SKILL.md decides. Raises UserError if nothing is left.
    """
    pure = PurePosixPath(path)
    if given and is_name(given) and given not in _KINDS and pure.name.lower() != "skill.md":
        return given
    own_folder = (pure.parent.name or PurePosixPath(home).name) if pure.name.lower() == "skill.md" else ""
    if is_name(own_folder) and own_folder not in _KINDS:
        return own_folder
    for title in (own_folder, given, *titles):
        name = slug_of(title)
        if name and name not in _KINDS and not name.isdigit():
            break
    else:
        name = ""
    own = slug_of(pure.stem) if pure.suffix or not pure.name.startswith(".") else ""
    if not name and own in _KINDS | {""}:
        folders = [*PurePosixPath(home).parts, *pure.parent.parts]
        name = next((word for one in folders[::-1] if (word := slug_of(one)) and word not in _KINDS), "")
    name = name or (own if own not in _KINDS else "")
    if not name:
        raise UserError(f"{path} has no title or name to call the skill by.", "Choose one: --path CATEGORY/NAME")
    return name


def slug_of(title: str) -> str:
    """A title as a name: lower case, words with hyphens, a word with three or more humps cut at them."""
    words = (_HUMP.sub(" ", word) if len(_HUMP.findall(word)) >= 2 else word for word in title.split())
    parts = [part for part in _PARTS.split(" ".join(words)) if part.strip()]
    while len(parts) > 1 and slugged(parts[0], 200) in _KINDS:
        parts = parts[1:]
    while parts and len(parts) > (1 if len(parts[0]) > 2 else 2) and len(" ".join(parts).split()) > 5:
        parts = parts[:-1]
    head = " ".join(parts)
    name = slugged(re.sub(r"\(\d\w?\)$", "", head), 200)
    for pattern in (_TAIL, _ARTICLE):
        name = pattern.sub("", name) or name
    return name if len(name) <= MOST else name[: MOST + 1].rpartition("-")[0] or name[:MOST]


def settle_path(path: str | None, name: str, categories: Sequence[str]) -> str:
    """CATEGORY/NAME for what `--path` says: all of it, or a category alone. Raises UserError without a category."""
    given = (path or "").strip("/").removeprefix("skills/")
    if is_skill_id(given):
        return given
    if given and given in categories:
        return f"{given}/{name}"
    known = ", ".join(categories)
    if not given:
        raise UserError("The skill needs a category.", f"Choose one: --path CATEGORY/{name}, of {known}.")
    raise UserError(f"There is no category {given}.", f"Choose one: --path CATEGORY/{name}, of {known}.")


def ranked_categories(text: str, categories: Mapping[str, str], skills: Mapping[str, str]) -> tuple[str, ...]:
    """All categories, the most fitting first: those whose description and skills (description by id) share most with `text`."""
    about = {name: f"{name} {description}" for name, description in categories.items()}
    for skill, description in skills.items():
        category = skill.partition("/")[0]
        if category in about:
            about[category] += f" {skill} {description}"
    words = {name: {*_terms(said)} for name, said in about.items()}
    spread = Counter(word for found in words.values() for word in found)
    wanted = Counter(_terms(text[:100_000]))

    def score(name: str) -> float:
        rare = sum(
            (1 + math.log(wanted[word])) * math.log(1 + len(about) / spread[word])
            for word in words[name]
            if wanted[word]
        )
        return rare / math.sqrt(len(words[name]) + 1)

    return tuple(sorted(categories, key=score, reverse=True))


def _terms(text: str) -> list[str]:
    return [word for word in re.findall(r"[a-z0-9]{3,}", text.lower()) if word not in _STOP]
