"""What a maintainer has to decide or mend: said with the place, so that it can be acted on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from skill_fleet.drafting.about import About
from skill_fleet.drafting.files import Written
from skill_fleet.drafting.foreign import other_tools
from skill_fleet.drafting.mentions import missing_files
from skill_fleet.drafting.page import Page
from skill_fleet.drafting.placeholders import placeholders
from skill_fleet.drafting.spots import Spots, spots_of
from skill_fleet.drafting.types import Brief

LONGEST = 500
MOST = 40
_IMPORT = re.compile(r"from ([\w.]+) import ([\w, ]+)$")
_FEW = 6


def open_points(brief: Brief, facts: About, written: Written) -> tuple[str, ...]:
    """Everything about a draft that only a person can settle."""
    found = facts.found
    points: list[str] = []
    if facts.subjects:
        commands = "; ".join(f"`{command}`" for command in facts.subjects)
        points.append(
            f"The source holds {1 + len(found.others)} documents on several subjects. One of each: {commands}."
        )
    name = found.main.matter.get("name", "")
    if name and name != brief.name:
        points.append(f"The front matter calls it `{name}`, the folder `{brief.name}`: `--path CATEGORY/NAME` decides.")
    points += _open_placeholders(written.files)
    spot = spots_of(written.placed)
    pages = (found.main, *found.others)
    for page in pages:
        points += _cuts(page, spot)
        points += _twice_imported(page, spot)
        points += _damages(page, found.damaged.get(page.part.document, ()), spot)
    for page in pages:
        points += other_tools(page, spot)
    unread = [document.name for document in found.documents if document.unread]
    if unread:
        some = ", ".join(unread[:6]) + (", …" if unread[6:] else "")
        points.append(f"Not carried over, for they are no text: {some}. Copy to assets/ what the skill needs.")
    points += _missing_links(written.missing)
    points += missing_files(pages, facts.title, written.files)
    points += _too_long(written.files)
    return (
        (*points[:MOST], f"And {len(points) - MOST} more points like these.") if len(points) > MOST else tuple(points)
    )


def _too_long(files: Mapping[str, str]) -> Iterator[str]:
    """Files that stay long because of one block."""
    sizes = {path: text.count("\n") for path, text in files.items() if path.endswith(".md")}
    long = [f"{path} ({size} lines)" for path, size in sizes.items() if size > LONGEST]
    if long:
        more = f" and {len(long) - _FEW} more" if len(long) > _FEW else ""
        yield f"A list, table or fence that cannot be cut makes these long: {', '.join(long[:_FEW])}{more}."


def _open_placeholders(files: Mapping[str, str]) -> Iterator[str]:
    """Placeholders that are still in the files."""
    for key, count in placeholders("\n".join(files.values())).items():
        times = "once" if count == 1 else f"{count} times"
        yield f"`{{{{{key}}}}}` stands {times} in the skill: fill it with `--set {key}=VALUE`, or in a comment."


def _cuts(page: Page, spot: Spots) -> Iterator[str]:
    """Where a cut was mended."""
    name = page.part.path or page.part.document
    if page.opening or page.part.cut_head:
        yield f"{name} is cut at its beginning ({spot(page, page.top)}): supply the whole text, or drop the fragment."
    if page.closing or page.part.cut_tail:
        yield f"{name} is cut at its end ({spot(page, page.bottom - 1)}): supply the whole text, or end it here."


def _damages(page: Page, lines: Sequence[int], spot: Spots) -> Iterator[str]:
    """Lines of a page whose characters were destroyed before we saw them."""
    offset = page.part.offset
    places = [place for line in lines if 0 <= (at := line - 1 - offset) < len(page.lines) and (place := spot(page, at))]
    if places:
        some = ", ".join(places[:12]) + (", …" if places[12:] else "")
        yield f"Damaged characters that cannot be put right with certainty: {some}."


def _missing_links(missing: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Links that were unlinked because their target is not among the sources."""
    if missing:
        some = ", ".join(f"`{target}`" for target in list(missing)[:_FEW])
        more = f" and {len(missing) - _FEW} more" if len(missing) > _FEW else ""
        count = f"{len(missing)} link target{'s' if len(missing) > 1 else ''}"
        yield f"{count} not among the sources, now text: {some}{more}. Supply them with `--from`, or drop the mentions."


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
