"""What a text that is not written in Markdown has for headings, as Markdown; anything uncertain stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from skill_fleet.drafting.pages.comments import comments
from skill_fleet.drafting.pages.dialects import marked
from skill_fleet.drafting.pages.manual import manual_page
from skill_fleet.drafting.pages.outline import Outline, outline
from skill_fleet.drafting.pages.rewritten import Rewritten, unchanged
from skill_fleet.drafting.pages.underlined import underlined
from skill_fleet.drafting.pages.unmarked import unmarked

_FEW = 3  # lines that a text with headings of its own kind has at least


def as_markdown(lines: Sequence[str]) -> Rewritten:
    """The lines with the headings of other markup as Markdown's, line for line, and without comments seen as headings."""
    if len(lines) < _FEW:
        return unchanged(lines)
    found = marked(lines) or manual_page(lines) or underlined(lines)
    if found is not None:
        return found
    none = comments(lines)
    if not none:
        return unchanged(lines)
    return replace(
        unchanged(lines),
        seen=tuple(f"    {line}" if at in none else line for at, line in enumerate(lines)),
    )


def with_headings(lines: Sequence[str], found: Outline) -> tuple[Rewritten, Outline] | None:
    """Lines whose headings nothing marks, with Markdown's, and their outline; None if the text has headings or no kind."""
    other = unmarked(lines, found)
    return None if other is None else (other, outline(other.seen))
