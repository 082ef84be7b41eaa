"""From Documents to what drafting works on: repaired, split, chosen, opened; and what happened on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from skill_fleet.drafting.omitting.drawings import without_drawing
from skill_fleet.drafting.omitting.leaving import leave_out
from skill_fleet.drafting.omitting.records import record_of
from skill_fleet.drafting.omitting.unfit import is_record
from skill_fleet.drafting.pages.opening import kept_page, open_page
from skill_fleet.drafting.pages.page import Page, Part, Used, lines_of
from skill_fleet.drafting.pages.sections import tree
from skill_fleet.drafting.planning.kept import inside, kept_whole
from skill_fleet.drafting.planning.places import title_of
from skill_fleet.drafting.sources.declared import declared
from skill_fleet.drafting.sources.drawing import draw_out, with_drawn
from skill_fleet.drafting.sources.dumps import unpack
from skill_fleet.drafting.sources.hub import choose_hub
from skill_fleet.drafting.sources.mojibake import repair
from skill_fleet.drafting.sources.shelf import belonging, is_prose, main_part, matching, name_of
from skill_fleet.drafting.sources.subjects import ANOTHER, strangers
from skill_fleet.drafting.sources.unescape import unescape
from skill_fleet.drafting.types import Document
from skill_fleet.errors import UserError

_RECORD = "a record, not guidance"


@dataclass(frozen=True, eq=False)
class Gathered:
    """The main page, the other pages, files kept as they are, and what is left out with the reason.

    `documents` are the sources as the ledger counts them: repaired, with one kind of line end; `damaged` are the lines
    of each (from 1) that could not be repaired.
    """

    documents: tuple[Document, ...]
    main: Page
    others: tuple[Page, ...]
    raw: tuple[Part, ...]
    aside: tuple[tuple[Part, str], ...]
    used: tuple[tuple[str, Used], ...]
    notes: tuple[str, ...]
    damaged: Mapping[str, tuple[int, ...]]

    @property
    def parts(self) -> tuple[Part, ...]:
        """Every part, in the order of the sources."""
        order = {document.name: at for at, document in enumerate(self.documents)}
        kept = [self.main.part, *(page.part for page in self.others), *self.raw, *(part for part, _ in self.aside)]
        return tuple(sorted(kept, key=lambda part: (order[part.document], part.offset)))


def gather(sources: Sequence[Document], only: Sequence[str] = (), everything: bool = False) -> Gathered:
    """Open every document and choose the one that SKILL.md is made of.

    `only` are patterns for the documents to take; `everything` takes those too that would be set aside.
    """
    return _gather(tuple(sources), tuple(only), everything)


@lru_cache(maxsize=1)  # a brief and its draft ask for the same, and parsing is most of their time
def _gather(sources: tuple[Document, ...], only: tuple[str, ...], everything: bool) -> Gathered:
    names = [document.name for document in sources]
    if len(set(names)) < len(names):
        raise UserError("Two sources have the same name.", "Name each source once.")
    documents, notes, damaged = _repaired(sources)
    parts: list[Part] = []
    used: list[tuple[str, Used]] = []
    told: list[tuple[Part, str]] = []
    for document in documents:
        found = unpack(document.name, document.path, lines_of(document.text))
        parts += found.parts
        used += ((document.name, one) for one in found.used)
        told += () if everything else found.aside
        parts += (part for part, _ in found.aside) if everything else ()
    texts = [part for part in parts if any(line.strip() for line in part.lines)]
    aside = [(part, _why(documents, part)) for part in parts if not any(line.strip() for line in part.lines)]
    aside += told
    if not texts:
        raise UserError("The sources hold no text.", "Give a document with something in it.")
    kept, left = matching(texts, only)
    aside += left
    if not any(map(is_prose, kept)):
        kept = [draw_out(part) for part in kept]
        documents = with_drawn(documents, kept)
    prose = [part for part in kept if is_prose(part)]
    main, hollow = choose_hub(prose) if prose else (Part(kept[0].document, kept[0].offset, (), name_of(kept[0])), ())
    if everything or (not prose and len(kept) == 1):
        main = main_part(prose) if prose else main
        rest = [part for part in kept if part is not main]
    else:
        aside += hollow
        rest, left = belonging(main, [part for part in kept if not any(part is one for one, _ in hollow)])
        aside += left
    pages = [kept_page(part) if kept_whole(part, main) else open_page(part) for part in rest if is_prose(part)]
    first = open_page(main)
    if not everything:
        opened = {
            (page.part.document, page.part.offset): page for page in pages
        }  # as they are before they lose anything
        pages, left = _fit(first, pages)
        aside += left
        far = [] if only else strangers(main, [page.part for page in pages])
        aside += ((part, _why_far(opened[part.document, part.offset])) for part in far)
        pages = [page for page in pages if page.part not in far]
        first = leave_out(first)
        first = first if rest else without_drawing(first, title_of(first))
    return Gathered(
        documents=documents,
        main=declared(first),
        others=tuple(pages),
        raw=tuple(part for part in rest if not is_prose(part)),
        aside=tuple(aside),
        used=tuple(used),
        notes=(*notes, *(f"{name_of(page.part)}: {page.note}" for page in (first, *pages) if page.note)),
        damaged=damaged,
    )


def _why_far(page: Page) -> str:
    return _RECORD if record_of(page, tree(page)) == "record" else ANOTHER


def _fit(main: Page, pages: Sequence[Page]) -> tuple[list[Page], list[tuple[Part, str]]]:
    """Other pages without what is no guidance, and records as a whole; what the author of a skill put in its folder stays."""
    kept: list[Page] = []
    left: list[tuple[Part, str]] = []
    for page in pages:
        if inside(page.part, main.part):
            kept.append(page)
        elif is_record(page):
            left.append((page.part, _RECORD))
        else:
            kept.append(leave_out(page))
    return kept, left


def _repaired(sources: Sequence[Document]) -> tuple[tuple[Document, ...], tuple[str, ...], dict[str, tuple[int, ...]]]:
    documents: list[Document] = []
    notes: list[str] = []
    damaged: dict[str, tuple[int, ...]] = {}
    for source in sources:
        text = source.text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        mended = repair(text)
        quoted = unescape(mended.text)
        documents.append(replace(source, text=quoted.text))
        if mended.replaced:
            codec = {"cp1252": "Windows-1252", "mac_roman": "Mac Roman"}[mended.codec]
            line, was, now = mended.example
            notes.append(
                f"{source.name}: {mended.replaced} misread characters on {mended.lines} lines (UTF-8 read as {codec}) were put "
                f"right, the first in line {line}, where `{was}` is `{now}` now."
            )
        if quoted.blocks:
            lines = "lines " if sum(map(len, quoted.blocks)) > 1 else "line "
            lines += ", ".join(f"{one[0]} to {one[-1]}" if len(one) > 1 else str(one[0]) for one in quoted.blocks)
            said = "block of Python: its" if len(quoted.blocks) == 1 else "blocks of Python: their"
            notes.append(f'{source.name}: {len(quoted.blocks)} {said} quotes, written `\\"`, were put right ({lines}).')
        if mended.damaged:
            damaged[source.name] = mended.damaged
    return tuple(documents), tuple(notes), damaged


def _why(documents: Sequence[Document], part: Part) -> str:
    return next((one.unread for one in documents if one.name == part.document and one.unread), "empty")
