"""An index whose files are not here: what it says of the skill that it belongs to, and what stands without the files."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from skill_fleet.drafting.about import About
from skill_fleet.drafting.open_points.selfnaming import other_skill_file, rating
from skill_fleet.drafting.open_points.unique import FILE, only_there
from skill_fleet.drafting.pages.mentions import Mentions
from skill_fleet.drafting.pages.page import Page
from skill_fleet.drafting.pages.plain import with_and
from skill_fleet.drafting.pages.roles import draws, says_of_each
from skill_fleet.drafting.pages.sections import Section, tree
from skill_fleet.drafting.pages.spots import Spots, listed
from skill_fleet.drafting.placing.standing import NOTICE, lists_only
from skill_fleet.drafting.placing.tableplace import GUIDE

MOST = 20
_SUPPLY = "Supply with `--from DIR`, or drop"
_FOLDER = (
    "Supply that skill's folder with `--from DIR` (its SKILL.md is the skill then, and this text one of its references), "
    "or drop"
)


@dataclass(frozen=True)
class Indexed:
    """`beside` says that a skill with a SKILL.md of its own has the text, `supply` how to mend what is missing; `lists` are
    the sections that are no more than lists of it."""

    beside: str
    supply: str
    lists: tuple[Section, ...]


def indexed(facts: About, named: Mentions, spot: Spots, skill: str) -> Indexed | None:
    """What there is to say of such an index, which became the SKILL.md `skill`; None of any other text."""
    page = facts.found.main
    if not facts.index:
        return None
    said = other_skill_file(page, spot)
    beside = f"belongs to a skill with a `SKILL.md` of its own ({listed(said)}), which is not among the sources, and "
    places = {place for found in named.own.values() for place in found}
    lines = {at: place for at in range(len(page.lines)) if (place := spot(page, at)) in places}
    lists: list[Section] = []
    for one in tree(page).walk():
        if one.level < 2 or (lists and one.first < lists[-1].last) or not spot(page, one.first):
            continue
        if draws(page, one) or (lists_only(page, one, lines.keys()) and not says_of_each(page, one)):
            lists.append(one)
    lists.sort(key=lambda one: int(spot(page, one.first).rpartition(":")[2]))
    gone = ["the notice below the title"] if NOTICE in skill else []
    gone += [f'"{one.title}" ({spot(page, one.first)})' for one in lists]
    dropped = _dropped(page, lines, lists, spot, gone)
    return Indexed(beside if said else "", f"{_FOLDER if said else _SUPPLY}{dropped}.", tuple(lists))


def _dropped(page: Page, lines: Mapping[int, str], lists: Sequence[Section], spot: Spots, gone: Sequence[str]) -> str:
    """What dropping the names takes: the sections that are `gone`, facts that only they have, and names elsewhere."""
    inside = {at for one in lists for at in range(one.first, one.last)}
    told = {at for one in lists if not GUIDE.search(one.title) for at in range(one.first, one.last)}
    facts = [spot(page, at) for at in only_there(page, (*lists, *rating(page, spot))) if at in told]
    left = [place for at, place in lines.items() if at not in inside]
    but = f", but for facts that only they have ({listed(facts)})" if facts else ""
    taken = [f"{with_and(gone)} go{but}"] if gone else []
    taken += [f"in {listed(left)} the names, with what speaks of them"] if left else []
    return f": then {', and '.join(taken)}" if taken else ""


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
    return (path.rsplit("/", 1)[-1] for path in FILE.findall(line))


def _bare(page: Page, at: int, line: str, tails: Container[str]) -> bool:
    """Whether a line of text names one of the files by its last name alone."""
    return "." in line and not page.literal(at) and any(path in tails for path in FILE.findall(line))


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
