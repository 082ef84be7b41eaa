"""What other documents are called in the skill, and where files that are no documents go."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from pathlib import PurePosixPath

from skill_fleet.drafting.pages.page import Page, Part
from skill_fleet.drafting.pages.sections import tree
from skill_fleet.drafting.placing.layout import Place
from skill_fleet.drafting.planning.kept import inside
from skill_fleet.drafting.sources.shelf import is_script, name_of
from skill_fleet.drafting.wording.casing import spoken
from skill_fleet.drafting.wording.names import file_stem

_PLAIN_FOLDERS = {
    "",
    ".",
    "/",
    "doc",
    "docs",
    "documentation",
    "references",
    "reference",
    "src",
    "content",
    "guide",
    "pages",
}
_LEGAL = re.compile(r"(licen[cs]e|notice|copying)(\.\w+)?$", re.I)


def place_of(page: Page, main: Part, shared: Mapping[PurePosixPath, int], taken: Container[str]) -> Place:
    """The title and file of a document that is not the main one.

    A file of a skill's own references/ keeps its place. Others are named by their file, without what its neighbours in
    the folder begin with too; a README by its folder; a single word gets the folder in front. `shared` says how many
    words the names in a folder begin with alike.
    """
    path = PurePosixPath(name_of(page.part))
    title = title_of(page)
    kept = inside(page.part, main)
    if kept and kept.lower() != "skill.md" and kept.casefold() not in taken:
        return Place(title, path.stem, kept)
    words = _words(path.stem)
    if path.stem.lower() in ("readme", "index") and path.parent.name:
        words = _words(path.parent.name)
    else:
        words = words[shared.get(path.parent, 0) :] or words
        if len([w for w in words if not w.isdigit()]) == 1 and path.parent.name.lower() not in _PLAIN_FOLDERS:
            words = [*_words(path.parent.name), *words]
    stem = file_stem(" ".join(words), taken, path.parent.name, hollow=False)
    return Place(title, stem)


def title_of(page: Page) -> str:
    """What a page is called: its first heading if that stands on top, else what its front matter or file says.

    The first of several chapters, all headed at level one, is no title; one with nothing below it is.
    """
    root = tree(page)
    first = next((section for section in root.walk() if section.level and not section.made), None)
    alone = len(root.children) == 1 and page.top == root.children[0].first and not page.beheaded
    chapters = [section for section in root.children if section.level == 1 and not section.made]
    chapter = len(chapters) > 2 and 2 * (chapters[0].last - chapters[0].first) < root.last - root.first
    chapter = chapter and chapters[0].body < page.trimmed(chapters[0].body, chapters[0].last)
    if first is not None and first.title and ((first.level == 1 and not chapter) or alone):
        return first.title
    if page.matter.get("title"):
        return page.matter["title"]
    path = PurePosixPath(name_of(page.part))
    named = path.stem.lower() in ("readme", "index", "skill")
    if named and not path.parent.name:
        path = PurePosixPath(page.part.document)
    name = page.matter.get("name") or (path.parent.name if named else path.stem)
    words = _words(name)
    if len(words) == 1 and not named and path.parent.name.lower() not in _PLAIN_FOLDERS:
        words = [*_words(path.parent.name), *words]
    return spoken(words, page.lines) or "Untitled"


def raw_place(part: Part, main: Part, taken: Container[str]) -> str:
    """Where a file goes that is kept as it is: its own place in a skill's folder, else scripts/ or assets/.

    `taken` are the paths that there are, case folded.
    """
    kept = inside(part, main)
    if kept and kept.casefold() not in taken:
        return kept
    path = PurePosixPath(name_of(part))
    name = re.sub(r"[^A-Za-z0-9_.+-]+", "-", path.name).lstrip(".-") or "file"
    folder = "" if _LEGAL.match(path.name) else "scripts/" if is_script(part) else "assets/"
    place, number = f"{folder}{name}", 2
    while place.casefold() in taken:
        place, number = f"{folder}{number}-{name}", number + 1
    return place


def _words(name: str) -> list[str]:
    return [word for word in re.split(r"[\W_]+", name) if word]


def shared_words(parts: Sequence[Part]) -> dict[PurePosixPath, int]:
    """How many words all names in a folder begin with, a number being like any other; never all words of one."""
    folders: dict[PurePosixPath, list[list[str]]] = {}
    for part in parts:
        path = PurePosixPath(name_of(part))
        if path.stem.lower() not in ("readme", "index"):
            folders.setdefault(path.parent, []).append(_words(path.stem))
    return {folder: _alike(names) for folder, names in folders.items() if len(names) > 1}


def _alike(names: Sequence[Sequence[str]]) -> int:
    columns = list(zip(*names, strict=False))[: min(map(len, names)) - 1]
    return next((at for at, words in enumerate(columns) if not all(_same(words[0], w) for w in words)), len(columns))


def _same(one: str, other: str) -> bool:
    return one.lower() == other.lower() or (one.isdigit() and other.isdigit())
