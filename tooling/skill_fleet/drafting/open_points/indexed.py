"""An index whose files are not here: what it says of the skill that it belongs to, and what stands without the files."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from skill_fleet.drafting.about import About
from skill_fleet.drafting.open_points.mentions import Mentions
from skill_fleet.drafting.pages.outline import Block
from skill_fleet.drafting.pages.page import Page
from skill_fleet.drafting.pages.sections import tree
from skill_fleet.drafting.pages.spots import Spots, listed
from skill_fleet.drafting.placing.standing import NOTICE
from skill_fleet.drafting.placing.tableplace import GUIDE
from skill_fleet.drafting.sources.shelf import name_of

_NAME = re.compile(r"[\w-]\.\w{1,5}\b")
_PATH = re.compile(r"[\w./-]*\w\.\w{1,5}\b")
_SAID = re.compile(r"\w{2}")
_BRACKETS = re.compile(r"\([^()]*\)")
_SKILL_FILE = re.compile(r"\bSKILL\.md\b")


MOST = 20
_SUPPLY = "Supply with `--from DIR`, or drop"
_FOLDER = "Supply that skill's folder with `--from DIR` (its SKILL.md is the skill then, and this text one of its references), or drop"


@dataclass(frozen=True)
class Indexed:
    """`beside` says that a skill with a SKILL.md of its own has the text, `supply` how to mend what is missing."""

    beside: str
    supply: str


def indexed(facts: About, named: Mentions, spot: Spots, skill: str) -> Indexed | None:
    """What there is to say of such an index, which became the SKILL.md `skill`; None of any other text."""
    page = facts.found.main
    if not named.index or facts.found.others or facts.found.raw:
        return None
    said = [place for at, line in enumerate(page.lines) if _SKILL_FILE.search(line) and (place := spot(page, at))]
    said = [] if name_of(page.part).lower().endswith("skill.md") else said
    beside = f"belongs to a skill with a `SKILL.md` of its own ({listed(said)}), which is not among the sources, and "
    gone = ["the notice below the title"] if NOTICE in skill else []
    gone += _dropped(page, named, spot)
    then = f"then {', '.join(gone[:-1])}{' and ' if gone[1:] else ''}{gone[-1]} go, and all else stays."
    return Indexed(beside if said else "", f"{_FOLDER if said else _SUPPLY}: {then}")


def _dropped(page: Page, named: Mentions, spot: Spots) -> Iterator[str]:
    """What of the text is no more than names of missing files: tables and columns, brackets; and which lines say more."""
    places = {place for found in named.own.values() for place in found}
    lines = {at: place for at in range(len(page.lines)) if (place := spot(page, at)) in places}
    for block in page.outline.blocks:
        own = [at for at in range(block.first, block.end) if at in lines]
        if own and block.kind == "table":
            yield f"{_column(page, block, own)}the table at {spot(page, block.first)}"
        elif own and block.kind == "fence":
            yield f"the drawing at {spot(page, block.first)}"
        else:
            continue
        for at in own:
            del lines[at]
    held = {at: _BRACKETS.sub("", page.lines[at]) for at in lines}
    inside = [place for at, place in lines.items() if not _NAME.search(held[at])]
    if inside:
        yield f"the brackets in {listed(inside)}"
    rest = {at: place for at, place in lines.items() if _NAME.search(held[at])}
    whole = {at: place for at, place in rest.items() if not _SAID.search(_PATH.sub("", page.lines[at]))}
    if whole:
        yield f"the whole of {listed([*whole.values()])}"
    if more := [place for at, place in rest.items() if at not in whole]:
        yield f"the names in {listed(more)}"


def _column(page: Page, block: Block, rows: Sequence[int]) -> str:
    """The column of a table that holds the names, if two more say something without it."""
    heads = page.lines[block.first].strip().strip("|").split("|")
    cells = [page.lines[at].strip().strip("|").split("|") for at in rows]
    named = [sum(at < len(row) and bool(_NAME.search(row[at])) for row in cells) for at in range(len(heads))]
    return f'the column "{heads[named.index(max(named))].strip()}" of ' if len(heads) > 2 else ""


def unrouted(page: Page, found: Mentions, spot: Spots) -> Iterator[str]:
    """Files that the list of when to read each does not name, names without the folder, and pairs that begin alike."""
    tails = {PurePosixPath(name).name: name for name in found.own if "/" in name}
    guide = next(
        (one for one in tree(page).walk() if one.level and GUIDE.search(one.title) and spot(page, one.first)), None
    )
    if guide:
        rows = {name for line in page.lines[guide.body : guide.last] for name in _tails(line)}
        left = [tail for tail in tails if tail not in rows]
        if left and len(left) < len(tails):
            yield f'"{guide.title}" ({spot(page, guide.first)}) does not say when to read {_some(left)}: add them.'
    bare = [place for at, line in enumerate(page.lines) if _bare(page, at, line, tails) and (place := spot(page, at))]
    if bare:
        yield f"Files are named without their folder ({listed(bare)}): write the path, as in `{next(iter(tails.values()))}`."
    names = {PurePosixPath(name).name for name in found.own}
    pairs = [f"`{short}` and `{name}`" for name in sorted(names) for short in _shorter(name) if short in names]
    if pairs:
        yield f"These may be names of one file: {'; '.join(pairs[:MOST])}. Say which is for what, or drop one."


def _tails(line: str) -> Iterator[str]:
    return (path.rsplit("/", 1)[-1] for path in _PATH.findall(line))


def _bare(page: Page, at: int, line: str, tails: Container[str]) -> bool:
    """Whether a line of text names one of the files by its last name alone."""
    return "." in line and not page.literal(at) and any(path in tails for path in _PATH.findall(line))


def _shorter(name: str) -> Iterator[str]:
    """The names that a file with a word less behind would have: `testing.md` for `testing-in-ci.md`."""
    stem, dot, ending = name.rpartition(".")
    return (f"{stem[:at]}{dot}{ending}" for at, mark in enumerate(stem) if mark == "-")


def if_supplied(texts: Sequence[str]) -> Iterator[str]:
    """What is to be done only if the files come."""
    return (f"If the files are supplied: {text[0].lower()}{text[1:]}" for text in texts)


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
    return ", ".join(f"`{name}`" for name in names[:MOST]) + more
