"""The document that SKILL.md is made of; never one that only lists files which are not there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from skill_fleet.drafting.omitting.records import record_of
from skill_fleet.drafting.pages.mentions import missing_files
from skill_fleet.drafting.pages.opening import open_page
from skill_fleet.drafting.pages.page import Part
from skill_fleet.drafting.pages.sections import tree
from skill_fleet.drafting.pages.spots import everywhere
from skill_fleet.drafting.sources.shelf import main_part, name_of
from skill_fleet.drafting.sources.subjects import shared_word

HOLLOW = "an index of files that are not among the sources"
_LEAST, _SHARE = 5, 0.3  # names of missing files, and the share of filled lines that name one
_GUIDE = 20  # filled lines that another document needs to take its place


def choose_hub(parts: Sequence[Part]) -> tuple[Part, tuple[tuple[Part, str], ...]]:
    """The main part, and an index that would have been it with the reason why not.

    In its place comes, of the documents named by one word or else of all, what main_part finds among the guides.
    """
    main = main_part(parts)
    rest = [part for part in parts if part is not main]
    if not rest or not _hollow(main, rest):
        return main, ()
    word, names = shared_word([name_of(part) for part in rest])
    named = [part for part in rest if name_of(part) in names] if word else rest
    guides = [part for part in named if _guide(part)] or [part for part in rest if _guide(part)]
    return (main_part(guides), ((main, HOLLOW),)) if guides else (main, ())


def _hollow(part: Part, rest: Sequence[Part]) -> bool:
    path = PurePosixPath(name_of(part))
    if path.stem.lower() not in ("readme", "index") or part.cut_head or part.cut_tail:
        return False
    page = open_page(part)
    there = {name_of(one) for one in rest} | {PurePosixPath(name_of(one)).name for one in rest}
    found = missing_files((page,), "", there, everywhere(page))
    names = {**found.own, **found.others}
    files = "|".join(re.escape(PurePosixPath(name_of(one)).name) for one in rest)
    present = any(re.search(rf"(?<![\w.-])(?:{files})", line) for line in page.lines)
    return len(names) >= _LEAST and found.share >= _SHARE and not present


def _guide(part: Part) -> bool:
    page = open_page(part)
    return not record_of(page, tree(page)) and page.size(0, len(page.lines)).filled >= _GUIDE
