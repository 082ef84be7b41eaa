"""What a maintainer has to decide or mend: said with the place, so that it can be acted on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from skill_fleet.drafting.about import About
from skill_fleet.drafting.briefs import GUESS
from skill_fleet.drafting.omitting.foreign import other_tools, spoken
from skill_fleet.drafting.omitting.records import records
from skill_fleet.drafting.open_points.asides import left_out, used_up
from skill_fleet.drafting.open_points.columns import led_astray
from skill_fleet.drafting.open_points.indexed import if_supplied, indexed, unrouted
from skill_fleet.drafting.open_points.missing import said_missing
from skill_fleet.drafting.open_points.overlaps import listings, overlaps
from skill_fleet.drafting.open_points.points import Point, blocks, edits, graded, notes
from skill_fleet.drafting.open_points.promises import unkept
from skill_fleet.drafting.open_points.repeats import repeats
from skill_fleet.drafting.open_points.selfnaming import other_skills, rated, selfnaming, tried
from skill_fleet.drafting.open_points.snippets import unparsed
from skill_fleet.drafting.open_points.steering import steering
from skill_fleet.drafting.pages.cuts import last_sound
from skill_fleet.drafting.pages.mentions import missing_files
from skill_fleet.drafting.pages.page import Page
from skill_fleet.drafting.pages.sections import tree
from skill_fleet.drafting.pages.spots import Spots, listed, spots_of
from skill_fleet.drafting.placing.files import Written
from skill_fleet.drafting.sources.drawing import says_nothing
from skill_fleet.drafting.sources.mojibake import candidates
from skill_fleet.drafting.sources.placeholders import placeholders
from skill_fleet.drafting.sources.subjects import ANOTHER
from skill_fleet.drafting.types import Brief, Entry

LONGEST = 500
_IMPORT = re.compile(r"from ([\w.]+) import ([\w, ]+)$")


def open_points(brief: Brief, facts: About, written: Written, ledger: Sequence[Entry] = ()) -> tuple[str, ...]:
    """Everything about a draft that only a person can settle: the verdict, then what blocks a merge, edits, notes."""
    spot = spots_of(written.placed)
    pages = (facts.found.main, *facts.found.others)
    named = missing_files(pages, facts.title, {*written.files, *(() if facts.index else written.missing)}, spot)
    index = indexed(facts, named, spot, written.files.get("SKILL.md", ""))
    shortened = not {*facts.unserved} & {*facts.occasions.when}
    points = [*_subjects(facts), *edits(_names(brief, facts)), *blocks(_open_placeholders(written.files))]
    points += blocks(says_nothing(pages, written))
    points += edits(unkept(facts.found.main, pages, facts.unserved, spot, named.index, shortened))
    for page in pages:
        points += [
            *blocks(_cuts(page, spot)),
            *blocks(steering(page, spot)),
            *edits(_twice_imported(page, spot)),
            *edits(unparsed(page, spot)),
            *edits(led_astray(page, pages, spot)),
            *edits(_damages(page, facts.found.damaged.get(page.part.document, ()), spot)),
        ]
    for page in pages:
        points += [*edits(other_tools(page, spot)), *edits(spoken(page, spot)), *edits(records(page, spot))]
    points += [
        *edits(selfnaming(facts.found.main, pages, spot, index is not None)),
        *edits(rated(pages, spot, index.lists if index else ())),
        *edits(tried(pages, spot)),
        *edits(repeats(pages, spot)),
    ]
    again = listings(pages, spot)
    points += edits(if_supplied([*again, *unrouted(facts.found.main, named, spot)]) if index else again)
    points += edits(other_skills(pages, facts.title, spot, bool(index and index.beside)))
    unnamed = {target: where for target, where in written.missing.items() if target not in named.own}
    points += edits(_missing_links(unnamed, spot))
    missing = said_missing(named, index.beside, index.supply) if index else said_missing(named)
    points += [Point("blocks the merge" if own else "edit", text) for own, text in missing]
    points += [
        *notes(iter(facts.found.notes)),
        *notes(_guessed(brief)),
        *notes(left_out(facts)),
        *notes(used_up(ledger)),
        *notes(_too_long(written.files)),
        *notes(overlaps(pages, spot)),
    ]
    return graded(points, named.index)


def _subjects(facts: About) -> Iterator[Point]:
    """Several documents that are better several skills: what the others need, or that they are mixed in this one."""
    if facts.subjects:
        count = len(facts.found.parts)
        own, *others = (f"`{command}`" for command in facts.subjects)
        if any(reason == ANOTHER for _, reason in facts.found.aside):
            yield Point(
                "note",
                f"The source holds {count} documents, on several subjects. This is a skill of one; of each other: {'; '.join(others)}.",
            )
        else:
            mixed = 2 * len(others) >= len(facts.found.others)
            yield Point(
                "blocks the merge" if mixed else "edit",
                f"The source holds {count} documents, as it seems on several subjects. One of each: {'; '.join([own, *others])}.",
            )


def _names(brief: Brief, facts: About) -> Iterator[str]:
    """A front matter that calls the skill otherwise."""
    name = facts.found.main.matter.get("name", "")
    if name and name != brief.name:
        yield f"The front matter calls it `{name}`, the folder `{brief.name}`: `--path CATEGORY/NAME` decides."


def _guessed(brief: Brief) -> Iterator[str]:
    """A category that nothing in the text speaks for."""
    category = next((said for said in brief.assumptions if said.startswith("Category ") and f": {GUESS}" in said), "")
    if category:
        yield f"{category.partition(';')[0]}; `/move CATEGORY` settles it."


def _too_long(files: Mapping[str, str]) -> Iterator[str]:
    """Files that stay long because of one block."""
    sizes = {path: text.count("\n") for path, text in files.items() if path.endswith(".md")}
    long = [f"{path} ({size} lines)" for path, size in sizes.items() if size > LONGEST]
    if long:
        yield f"A list, table or fence that cannot be cut makes these long: {', '.join(long)}."


def _open_placeholders(files: Mapping[str, str]) -> Iterator[str]:
    """Placeholders that are still in the files."""
    where: dict[str, list[str]] = {}
    for path, text in files.items():
        for number, line in enumerate(text.split("\n"), 1) if "{{" in text else ():
            for key, count in placeholders(line).items():
                where.setdefault(key, []).extend([f"{path}:{number}"] * count)
    for key, places in where.items():
        times = "once" if len(places) == 1 else f"{len(places)} times"
        yield f"`{{{{{key}}}}}` stands {times} ({listed(places)}): fill it with `--set {key}=VALUE`, or with a suggestion."


def _cuts(page: Page, spot: Spots) -> Iterator[str]:
    """Where a cut was mended, and where a text that is cut could end."""
    name = page.part.path or page.part.document
    if page.torn_head:
        yield f"{name} is cut at its beginning ({spot(page, page.top)}): supply the whole text, or drop the fragment."
    if page.torn_tail:
        at = last_sound(page.lines, page.outline, page.bottom)
        sound = spot(page, at)
        end = f"end it after {sound}, the last sound line" if sound else "end it here"
        last = [section for section in tree(page).walk() if section.level > 1 and page.bottom <= section.last][-1:]
        whole = spot(page, page.trimmed(page.start, last[0].first) - 1) if last else ""
        end += f", or after {whole}, the last whole section" if whole not in ("", sound) else ""
        lacks = " What its tables and its description promise beyond that is not here." if last else ""
        yield f"{name} is cut at its end ({spot(page, page.bottom - 1)}): supply the whole text, or {end}.{lacks}"


def _damages(page: Page, lines: Sequence[int], spot: Spots) -> Iterator[str]:
    """Lines of a page whose characters were destroyed before we saw them, and what they most likely were."""
    said: list[str] = []
    for at in (line - 1 - page.part.offset for line in lines):
        place = spot(page, at) if 0 <= at < len(page.lines) else ""
        likely = [f"`{run}` was most likely {picture}" for run, picture in candidates(page.lines[at])] if place else []
        said += [f"{place} ({', '.join(likely)})" if likely else place] if place else []
    if said:
        yield f"Damaged characters that cannot be put right with certainty: {', '.join(said)}."


def _missing_links(missing: Mapping[str, Sequence[tuple[Page, int]]], spot: Spots) -> Iterator[str]:
    """Links that were unlinked because their target is not among the sources."""
    if missing:
        said = [f"`{target}` ({listed([spot(*one) for one in where])})" for target, where in missing.items()]
        count = f"{len(missing)} link target{'s' if len(missing) > 1 else ''}"
        yield f"{count} not among the sources, now text: {', '.join(said)}. Supply with `--from`, or drop the mentions."


def _twice_imported(page: Page, spot: Spots) -> Iterator[str]:
    """A name that one fence imports from two modules: one of them is most likely wrong."""
    for fence in page.outline.fences:
        if fence.info.split(" ")[0].lower() not in ("python", "py"):
            continue
        seen: dict[str, str] = {}
        for number in range(fence.first, fence.last):
            found = _IMPORT.match(page.lines[number].strip())
            for name in (word.strip() for word in found[2].split(",")) if found else ():
                if found and seen.setdefault(name, found[1]) != found[1] and " " not in name:
                    yield f"`{name}` is imported from `{seen[name]}` and from `{found[1]}` ({spot(page, number)})."
