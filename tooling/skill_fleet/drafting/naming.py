"""The name of a skill, from its document, and categories ranked for a question. A category is never guessed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from skill_fleet.errors import UserError
from skill_fleet.fleet import is_name, is_skill_id
from skill_fleet.markdown import relevance, slugged

_MOST = 48  # characters: longer ones nobody types
_KINDS_WORDS = """
readme index faq faqs frequently-asked-questions api apis guide install installation installing style summary
untitled agents agent claude gemini skill skills md doc docs documentation document overview introduction intro
getting-started quickstart quick-start home main contributing changelog usage tutorial reference template contents
table-of-contents rules cursorrules copilot-instructions instructions page pages content src source en text notes
part new draft issue user-guide todo about welcome persona role manual handbook synopsis name description cheatsheet
references files general basics warning note purpose guidelines best-practices
"""
_KINDS = {*_KINDS_WORDS.split()}
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_ARTICLE = re.compile(r"^(?:the|a|an|how-to|howto)-(?=.)")
_TAIL = re.compile(r"(?:-(?:cursorrules|prompt|file|readme|md|skill|cheatsheet|cheat-sheet))+$")
_NO_WORD = re.compile(r"^\d+$|(?:^|-)(?=[a-f]*\d)[0-9a-f]{8,}(?:-|$)")  # a number, or a hash in it


def skill_name(given: str, titles: Sequence[str], path: str, home: str) -> str:
    """A name for the skill of the document at `path`: what its front matter gives, its title, its file's name.

    One that says only the kind of document (readme, api, guide, ...) takes the name of the nearest folder that says more,
    up to the repository's. The folder of a SKILL.md decides. Raises UserError if nothing is left.
    """
    pure = PurePosixPath(path)
    is_skill = pure.name.lower() == "skill.md"
    folder = (pure.parent.name or PurePosixPath(home).name) if is_skill else ""
    for exact in (folder, "" if is_skill else given):
        if is_name(exact) and exact not in _KINDS:
            return exact
    own = slug_of(pure.stem) if pure.suffix or not pure.name.startswith(".") else ""
    found = [*map(slug_of, (folder, given, *titles))]
    if own in _KINDS or not own:
        above = [*PurePosixPath(home).parts, *pure.parent.parts][::-1]
        found += [slug_of(folder) for folder in above if not folder.startswith(".")]  # .github says nothing of it
    name = next((word for word in (*found, own) if word and word not in _KINDS and not _NO_WORD.search(word)), "")
    if not name:
        raise UserError(f"{path} has no title or name to call the skill by.", "Choose one: --path CATEGORY/NAME")
    return name


def slug_of(title: str) -> str:
    """A title as a name: lower case, words with hyphens, a word with three or more humps cut at them."""
    words = (_HUMP.sub(" ", word) if len(_HUMP.findall(word)) >= 2 else word for word in title.split())
    name = slugged(re.sub(r"\(\d\w?\)$", "", " ".join(words)), 200)
    for pattern in (_TAIL, _ARTICLE):
        name = pattern.sub("", name) or name
    return name if len(name) <= _MOST else name[: _MOST + 1].rpartition("-")[0] or name[:_MOST]


def settle_path(path: str | None, name: str, categories: Sequence[str]) -> str:
    """CATEGORY/NAME for what `--path` says: all of it, or a category alone. Raises UserError without a category."""
    given = (path or "").strip("/").removeprefix("skills/")
    if is_skill_id(given):
        return given
    if given in categories:
        return f"{given}/{name}"
    wrong = f"There is no category {given}." if given else "The skill needs a category."
    raise UserError(wrong, f"Choose one: --path CATEGORY/{name}, of {', '.join(categories)}.")


def ranked_categories(text: str, categories: Mapping[str, str], skills: Mapping[str, str]) -> tuple[str, ...]:
    """All categories, the most fitting first: those whose description and skills (description by id) share most with `text`."""
    about = {name: f"{name} {description}" for name, description in categories.items()}
    for skill, description in skills.items():
        if (name := skill.partition("/")[0]) in about:
            about[name] += f" {skill.replace('/', ' ').replace('-', ' ')} {description}"
    rank = dict(zip(about, relevance([*about.values()], text), strict=True))
    return tuple(sorted(categories, key=rank.__getitem__, reverse=True))
