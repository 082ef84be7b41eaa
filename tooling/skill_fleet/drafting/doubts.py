"""What a maintainer has to decide or mend: said with the place, so that it can be acted on."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from skill_fleet.drafting.names import skill_name
from skill_fleet.drafting.page import Page
from skill_fleet.drafting.placeholders import placeholders
from skill_fleet.drafting.sections import Section, tree

_FOREIGN = re.compile(
    r"\b(token (budget|optimi[sz]ation|usage|limit)|output format|response format|context (loading|window|management)|"
    r"do not return|communication protocol|progress tracking|integration with other agents)",
    re.I,
)
_FOLD = re.compile(r"\b(?:expand|click)\b[^.\n]{0,40}\b(?:below|sections?|details|to expand)\b", re.I)
_SELF = re.compile(r"\b(?:what |to |when )?this (?:sub-?agent|agent|prompt|chat ?mode|slash command|wiki page)\b", re.I)
_OWN = re.compile(r"(?<![\w/.-])(?:\./)?((?:references|scripts|assets)/[\w./-]*\w\.\w{1,5})\b")
_BARE = re.compile(r"(?<![\w/.-])([a-z][\w-]*\.md)\b")
_TREE = re.compile(r"[\s\u2500-\u257f|`+-]*[\u2500-\u257f][\s\u2500-\u257f-]*(?P<name>[\w.-]+/?)")
_OTHER = re.compile(r"\b([a-z0-9]+(?:-[a-z0-9]+)+)\s+skill\b")
_IMPORT = re.compile(r"from ([\w.]+) import ([\w, ]+)$")
_FEW = 6


@dataclass(frozen=True)
class Spots:
    """Where the lines of pages stand in the files."""

    spans: Mapping[int, Sequence[tuple[int, int, str, int]]]

    def __call__(self, page: Page, line: int) -> str:
        """FILE:LINE of a page's line, empty if it is not placed."""
        spans = self.spans.get(id(page), ())
        at = bisect_right(spans, (line, 1 << 60, "", 0)) - 1
        first, last, file, start = spans[at] if at >= 0 else (0, 0, "", 0)
        return f"{file}:{start + line - first}" if first <= line < last else ""


def open_placeholders(files: Mapping[str, str]) -> Iterator[str]:
    """Placeholders that are still in the files."""
    for key, count in placeholders("\n".join(files.values())).items():
        times = "once" if count == 1 else f"{count} times"
        yield f"`{{{{{key}}}}}` stands {times} in the skill: fill it with `--set {key}=VALUE`, or in a comment."


def cuts(page: Page, spot: Spots) -> Iterator[str]:
    """Where a cut was mended."""
    name = page.part.path or page.part.document
    if page.opening or page.part.cut_head:
        yield f"{name} is cut at its beginning ({spot(page, page.top)}): supply the whole text, or drop the fragment."
    if page.closing or page.part.cut_tail:
        yield f"{name} is cut at its end ({spot(page, page.bottom - 1)}): supply the whole text, or end it here."


def other_tools(page: Page, spot: Spots) -> Iterator[str]:
    """Sections and sentences that were written for another tool or another form, and do not fit a skill."""
    found: list[Section] = []
    for section in tree(page).walk():
        inside = any(one.first <= section.first < one.last for one in found[-1:])
        if section.level and not inside and _FOREIGN.search(section.title):
            found.append(section)
    for section in found:
        yield (
            f'"{section.title}" ({spot(page, section.first)}) tells another tool how to answer, contrary to a skill: '
            "drop it, unless it holds for every agent."
        )
    for pattern, hint in ((_FOLD, re.compile("xpand|lick")), (_SELF, re.compile("his "))):
        said: dict[str, list[str]] = {}
        for number, line in enumerate(page.lines):
            phrase = pattern.search(line) if hint.search(line) else None
            place = spot(page, number) if phrase else ""
            if phrase and place and not page.literal(number):
                said.setdefault(phrase[0][0].upper() + phrase[0][1:], []).append(place)
        if said:
            phrases = ", ".join(f'"{phrase}" ({", ".join(places[:3])})' for phrase, places in list(said.items())[:_FEW])
            yield f"{phrases} no longer fit{'s' if len(said) == 1 else ''} now that this is a skill."


def damages(page: Page, lines: Sequence[int], spot: Spots) -> Iterator[str]:
    """Lines of a page whose characters were destroyed before we saw them."""
    offset = page.part.offset
    places = [place for line in lines if 0 <= (at := line - 1 - offset) < len(page.lines) and (place := spot(page, at))]
    if places:
        some = ", ".join(places[:12]) + (", …" if places[12:] else "")
        yield f"Damaged characters that cannot be put right with certainty: {some}."


def missing_links(missing: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Links that were unlinked because their target is not among the sources."""
    if missing:
        some = ", ".join(f"`{target}`" for target in list(missing)[:_FEW])
        more = f" and {len(missing) - _FEW} more" if len(missing) > _FEW else ""
        count = f"{len(missing)} link target{'s' if len(missing) > 1 else ''}"
        yield f"{count} not among the sources, now text: {some}{more}. Supply them with `--from`, or drop the mentions."


def missing_files(pages: Sequence[Page], title: str, files: Mapping[str, str]) -> Iterator[str]:
    """Files of its own that a skill names and does not have."""
    own = {skill_name(title), *(path.rsplit("/", 1)[-1] for path in files)}
    named: dict[str, None] = {}
    bare: dict[str, None] = {}
    for page in pages:
        folder = ""
        for line in page.lines:
            named |= dict.fromkeys(_OWN.findall(line))
            tree_line = _TREE.match(line) if "\u2500" in line else None
            if tree_line:
                name = tree_line["name"]
                folder = name.strip("/") if name.endswith("/") else folder
                if "." in name.strip(".") and folder in ("references", "scripts", "assets"):
                    bare[name] = None
            elif not any(other not in _own_names(title) for other in _OTHER.findall(line)):
                bare |= dict.fromkeys(_BARE.findall(line))
    if not named:
        return
    known = {path.rsplit("/", 1)[-1] for path in named}
    gone = [path for path in named if path not in files]
    gone += [name for name in bare if name not in known and name not in own]
    if gone:
        some = ", ".join(f"`{path}`" for path in gone[:_FEW])
        more = f" and {len(gone) - _FEW} more" if len(gone) > _FEW else ""
        one = "a file" if len(gone) == 1 else f"{len(gone)} files"
        yield f"The text names {one} of its own that do not exist: {some}{more}. Supply with `--from DIR`, or drop."


def _own_names(title: str) -> set[str]:
    words = skill_name(title).split("-")
    return {"-".join(words[:end]) for end in range(1, len(words) + 1)}


def twice_imported(page: Page, spot: Spots) -> Iterator[str]:
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
