"""What the documents are about, asked once for the brief and for the draft: title, topics, when to use."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import PurePosixPath

from skill_fleet.drafting.omitting.records import record_of
from skill_fleet.drafting.open_points.promises import unexplained
from skill_fleet.drafting.open_points.steering import steers
from skill_fleet.drafting.pages.mentions import index_of
from skill_fleet.drafting.pages.sections import Section, tree
from skill_fleet.drafting.planning.kin import told
from skill_fleet.drafting.planning.places import title_of
from skill_fleet.drafting.sources.gather import Gathered
from skill_fleet.drafting.sources.shelf import name_of
from skill_fleet.drafting.sources.subjects import ANOTHER, apart, shared_word
from skill_fleet.drafting.wording.names import bare_title, subject_title
from skill_fleet.drafting.wording.occasions import Occasions, announced, occasions
from skill_fleet.drafting.wording.topics import ABOUT_ITSELF

MOST_TOPICS = 20
MOST_READ = 2_000  # headings: what is further down is no topic of a description
MOST_SUBJECTS = 8
_ASIDE = {
    "prerequisites", "faq", "frequently asked questions", "related skills", "reference files", "related", "related resources",
    "what this does", "what it does", "what this skill does", "how it works", "notes", "glossary", "authors",
    "purpose", "goal", "output format", "final notes", "how this works", "how this skill works", "additional resources",
    "success criteria", "success metrics", "considerations",
}  # fmt: skip
_SHORTCODE = re.compile(r"(?<!\w):[a-z0-9_+-]+:(?!\w)|\s:[a-z_]+$")


@dataclass(frozen=True)
class About:
    """The facts that a brief states and a description is made of; `subjects` are commands that take them one by one.

    `unserved` are occasions that the text gives and no section of what is left of it explains. `index`: it is one whose
    files are not here, and `occasions` is without them.
    """

    found: Gathered
    root: Section
    title: str
    topics: tuple[str, ...]
    occasions: Occasions
    unserved: tuple[str, ...]
    index: bool
    subjects: tuple[str, ...]


@lru_cache(maxsize=1)  # a brief and its draft ask for the same
def about(found: Gathered) -> About:
    """Read them off the main page; several documents are several topics."""
    root = tree(found.main)
    topics = _topics(root, found.main.start)
    if found.others and len(topics) < 2:
        guides = [page for page in found.others if not record_of(page, tree(page))] or found.others
        topics = tuple(bare_title(subject_title(title_of(page))) for page in guides[:MOST_TOPICS])
    title = title_of(found.main)
    given = occasions(found.main, root)
    index = not (found.others or found.raw) and index_of(found.main, title).index
    unserved = unexplained(found.main, (found.main, *found.others), given.when, index)
    served = tuple(one for one in given.when if one not in unserved)
    if index and served:
        given = replace(given, when=served)
    return About(found, root, title, topics, given, tuple(unserved), index, _subjects(found))


def _topics(root: Section, start: int) -> tuple[str, ...]:
    """The headings at the level where the text divides, without those that are about the text itself."""
    section = root
    while len(section.children) == 1:
        section = section.children[0]
    children = [child for child in section.children if child.first >= start]
    if children and children[0].level == 1 and len(children[0].children) > 1:
        # Several headings of level one, the first of them the title: its sections are topics, and so are the others.
        children = [*children[0].children, *children[1:]]
    titles = _telling(children)
    if len(titles) < 2:
        titles = max((titles, *(_telling(child.children) for child in children)), key=len)
    return tuple(titles[:MOST_TOPICS])


def _telling(sections: Sequence[Section]) -> list[str]:
    """The titles of sections that are about the subject, each once."""
    titles = told([bare_title(_SHORTCODE.sub("", section.title)) for section in sections[:MOST_READ]])
    found: dict[str, str] = {}
    for title in titles:
        itself = title.lower() in ABOUT_ITSELF | _ASIDE or announced(title) not in ("", "keys") or steers(title)
        if title and not itself and title[0] not in "[$<|":
            found.setdefault(title.casefold(), title)
        if len(found) == MOST_TOPICS:
            break
    return list(found.values())


def _subjects(found: Gathered) -> tuple[str, ...]:
    """The commands that make a skill of each subject: this one's first, then those of documents on another one."""
    others = [page.part for page in found.others]
    far = [part for part, reason in found.aside if reason == ANOTHER]
    whole = PurePosixPath(name_of(found.main.part)).name.lower() == "skill.md" or len(others) < 2
    if not far and not whole:
        far = [part for part in others if apart(found.main.part, part)]
    if not far:
        return ()
    near = [name_of(part) for part in (found.main.part, *others) if part not in far]
    away = [name_of(part) for part in far]
    word, group = shared_word([*near, *away])
    globs = [" ".join(f"--only {shlex.quote(glob)}" for glob in _globs(near, word, group)[:MOST_SUBJECTS])]
    globs += [f"--only {shlex.quote(glob)}" for glob in _globs(away, word, group)[:MOST_SUBJECTS]]
    tops = {document.name.split("/")[0] for document in found.documents}
    source = found.documents[0].name if len(found.documents) == 1 else tops.pop() if len(tops) == 1 else "DOC"
    return tuple(f"skill-fleet create --from {shlex.quote(source)} {glob}" for glob in globs)


def _globs(names: Sequence[str], word: str, group: Sequence[str]) -> list[str]:
    """Patterns for some documents: one word for those that it names, if it names no others."""
    ours = bool(word) and set(group) <= set(names)
    return [f"*{word}*"] * ours + [name for name in names if not (ours and name in group)]
