"""Where a line of a source stands in the skill, for messages that can be acted on."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from skill_fleet.drafting.pages.page import Page
from skill_fleet.drafting.placing.files import Placed

MOST_LINES = 60


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


def everywhere(page: Page) -> Spots:
    """Each line of a page in its own place, as `:LINE` from 1."""
    return Spots({id(page): [(0, len(page.lines), "", 1)]})


def spots_of(placed: Sequence[Placed]) -> Spots:
    """Look-up by page and line."""
    spans: dict[int, list[tuple[int, int, str, int]]] = {}
    for one in placed:
        spans.setdefault(id(one.page), []).append((one.first, one.last, one.file, one.line))
    return Spots({page: sorted(found) for page, found in spans.items()})


def listed(places: Sequence[str]) -> str:
    """Places as one reads them: a file is named once, its further lines by number."""
    lines: dict[str, set[int]] = {}
    for place in places:
        file, _, line = place.rpartition(":")
        lines.setdefault(file, set()).add(int(line or 0))
    return "; ".join(f"{file}:{_some(sorted(numbers))}" for file, numbers in lines.items())


def _some(numbers: Sequence[int]) -> str:
    more = f" and {len(numbers) - MOST_LINES} more" if len(numbers) > MOST_LINES else ""
    return ", ".join(map(str, numbers[:MOST_LINES])) + more
