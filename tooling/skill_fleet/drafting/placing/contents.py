"""The contents list of a long file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from skill_fleet.drafting.pages.page import Page
from skill_fleet.drafting.pages.sections import labels
from skill_fleet.drafting.placing.reading import Reference

CONTENTS_FROM = 150
LEAST = 3
SHARE = 0.15  # of the words of a file that its contents list may take


def contents(reference: Reference) -> tuple[tuple[str, int], ...]:
    """The headings of a file that is too long to take in at a glance, with their lines; empty if it is not."""
    first, last = reference.sections[0].first, reference.sections[-1].last
    if last - first <= CONTENTS_FROM or _has_own(reference.page, first, last):
        return ()
    sections = reference.sections if len(reference.sections) > 1 else reference.sections[0].children
    if len(sections) == 1:
        sections = sections[0].children
    entries = tuple((one.title, one.first) for one in sections if one.title and not one.made)
    if len(entries) < LEAST:
        entries = tuple((title, line) for line, title in _before_fences(reference.page, first, last))
    return entries if len(entries) >= LEAST and _worth(reference.page, entries, first, last) else ()


def _worth(page: Page, entries: Sequence[tuple[str, int]], first: int, last: int) -> bool:
    """Whether the list is short beside the text: where every few lines have a heading, a search finds them as fast."""
    listed = sum(1 + len(title.split()) for title, _ in entries)
    return listed <= SHARE * sum(len(line.split()) for line in page.lines[first:last])


def _before_fences(page: Page, first: int, last: int) -> Iterator[tuple[int, str]]:
    """Bold lines that stand alone before a fence: headings in all but name."""
    fenced = {fence.first for fence in page.fences(first, last)}
    for line, title in labels(page, first, last):
        after = next((at for at in range(line + 1, min(line + 4, last)) if page.lines[at].strip()), -1)
        if after in fenced:
            yield line, title


def _has_own(page: Page, first: int, last: int) -> bool:
    return any("](#" in line for line in page.lines[first : min(last, first + 40)])
