"""An index whose files are not here: what it says of the skill that it belongs to, and what stands without the files."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from skill_fleet.drafting.about import About
from skill_fleet.drafting.open_points.mentions import Mentions
from skill_fleet.drafting.pages.page import Page
from skill_fleet.drafting.pages.sections import tree
from skill_fleet.drafting.pages.spots import Spots, listed
from skill_fleet.drafting.placing.standing import NOTICE
from skill_fleet.drafting.placing.tableplace import GUIDE
from skill_fleet.drafting.sources.shelf import name_of

_SKILL_FILE = re.compile(r"\bSKILL\.md\b")


MOST = 20
_SUPPLY = "Supply with `--from DIR`, or drop"
_FOLDER = "Supply that skill's folder with `--from DIR` (its SKILL.md is the skill then, and this text one of its references), or drop"
_THEN = "; the notice below the title goes then"


@dataclass(frozen=True)
class Indexed:
    """`beside` says that a skill with a SKILL.md of its own has the text, `absent` are files that only the lines `aside`
    name, `supply` says how to mend it."""

    aside: tuple[str, ...]
    absent: tuple[str, ...]
    beside: str
    supply: str


def indexed(facts: About, named: Mentions, spot: Spots, skill: str) -> Indexed | None:
    """What there is to say of such an index, which became the SKILL.md `skill`; None of any other text."""
    if not named.index or facts.found.others or facts.found.raw:
        return None
    page = facts.found.main
    source = next(one.text.split("\n") for one in facts.found.documents if one.name == page.part.document)
    ranges = [(one.first + page.part.offset, one.last + page.part.offset) for one in page.used if one.aside]
    aside = {at + 1: source[at] for first, last in ranges for at in range(first, last)}
    said = [place for at, line in enumerate(page.lines) if _SKILL_FILE.search(line) and (place := spot(page, at))]
    places = [listed(said)] if said else []
    places += [
        f"line {at} of {page.part.document}, set aside" for at, line in aside.items() if _SKILL_FILE.search(line)
    ]
    own = name_of(page.part).lower().endswith("skill.md")
    beside = (
        f"belongs to a skill with a `SKILL.md` of its own ({'; '.join(places)}), which is not among the sources, and "
    )
    beside = beside if places and not own else ""
    absent = tuple(_with_words(name, aside.values()) for name in page.absent)
    return Indexed(
        tuple(aside.values()), absent, beside, f"{_FOLDER if beside else _SUPPLY}{_THEN if NOTICE in skill else ''}."
    )


def _with_words(name: str, lines: Collection[str]) -> str:
    """A file that only what is set aside names, with the words that it has there."""
    tail = name.rsplit("/", 1)[-1]
    words = next((line.partition(tail)[2] for line in lines if tail in line), "").strip(" -\u2013\u2014:#")
    return f'`{name}` ("{words}")' if words else f"`{name}`"


def unrouted(page: Page, found: Mentions, spot: Spots, aside: Sequence[str]) -> Iterator[str]:
    """Files that the list of when to read each does not name, names without the folder, and pairs that begin alike."""
    tails = {PurePosixPath(name).name: name for name in found.own if "/" in name}
    guide = next(
        (one for one in tree(page).walk() if one.level and GUIDE.search(one.title) and spot(page, one.first)), None
    )
    if guide:
        rows = "\n".join(page.lines[guide.body : guide.last])
        left = [tail for tail in tails if tail not in rows]
        if left and len(left) < len(tails):
            yield f'"{guide.title}" ({spot(page, guide.first)}) does not say when to read {_some(left)}: add them, or drop them.'
    bare = re.compile(rf"(?<![\w/.-])(?:{'|'.join(map(re.escape, tails))})\b") if tails else None
    lines = [place for at, line in enumerate(page.lines) if bare and bare.search(line) and (place := spot(page, at))]
    if lines:
        yield f"Files are named without their folder ({listed(lines)}): write the path, as in `{next(iter(tails.values()))}`."
    stems = {PurePosixPath(name).stem: PurePosixPath(name).name for name in found.own}
    pairs = [
        f"`{stems[stem]}` and `{stems[longer]}`{_known(stems[stem], stems[longer], aside)}"
        for stem in stems
        for longer in stems
        if longer.startswith(f"{stem}-") and PurePosixPath(stems[stem]).suffix == PurePosixPath(stems[longer]).suffix
    ]
    if pairs:
        yield f"Names that may be of one file: {'; '.join(pairs[:MOST])}. Say which is for what, or drop one."


def _known(one: str, other: str, aside: Sequence[str]) -> str:
    """Which of two the lines that are set aside name, if it is one of them."""
    said = [name for name in (one, other) if any(name in line for line in aside)]
    return f" (what is set aside has only `{said[0]}`)" if len(said) == 1 else ""


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
    return ", ".join(f"`{name}`" for name in names[:MOST]) + more
