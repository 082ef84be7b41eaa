"""From Documents to what drafting works on: pages in order, which of them is the main one, what is set aside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from skill_fleet.drafting.names import bare_title
from skill_fleet.drafting.opening import open_page
from skill_fleet.drafting.page import Page, Part, lines_of
from skill_fleet.drafting.sections import Section, tree
from skill_fleet.drafting.types import Document
from skill_fleet.errors import UserError


@dataclass(frozen=True)
class Gathered:
    """The main page and the others, and the parts that are left out with the reason."""

    main: Page
    others: tuple[Page, ...]
    aside: tuple[tuple[Part, str], ...]
    title: str
    topics: tuple[str, ...]


def gather(sources: Sequence[Document]) -> Gathered:
    """Open every document and choose the one that SKILL.md is made of."""
    parts = [Part(d.name, 0, lines_of(_normal(d.text)), d.path) for d in sources]
    pages = [open_page(part) for part in parts if any(line.strip() for line in part.lines)]
    if not pages:
        raise UserError("The sources hold no text.", "Give a document with something in it.")
    main = max(pages, key=lambda page: len(page.lines))
    root = tree(main)
    title = title_of(main, root)
    aside = tuple((part, "empty") for part in parts if not any(line.strip() for line in part.lines))
    return Gathered(main, tuple(p for p in pages if p is not main), aside, title, topics_of(root))


def _normal(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def title_of(page: Page, root: Section) -> str:
    """What a page is called: its first heading if that stands on top, else what its front matter or file says."""
    first = next((section for section in root.walk() if section.level and not section.made), None)
    if first is not None and first.level == 1:
        return first.title
    named = page.matter.get("title") or page.matter.get("name", "").replace("-", " ").capitalize()
    return named or PurePosixPath(page.part.path or page.part.document).stem.replace("-", " ").replace("_", " ")


def topics_of(root: Section) -> tuple[str, ...]:
    """What a page is about: its headings at the level where it divides."""
    section = root
    while len(section.children) == 1:
        section = section.children[0]
    return tuple(bare_title(child.title) for child in section.children[:20] if child.title)
