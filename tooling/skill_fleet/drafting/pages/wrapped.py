"""A page that stands inside a fence under its own title: a text that was pasted into a document as code."""

from __future__ import annotations

import re
from collections.abc import Sequence

from skill_fleet.drafting.pages.page import Used

_OPEN = re.compile(r"(?P<mark>`{3,}|~{3,})(?:markdown|md)\s*$")
MOST_AFTER = 5  # filled lines behind the fence
REASON = "fence around the whole page, and its title once more"


def wrapping(lines: Sequence[str]) -> tuple[Used, ...]:
    """The marks of that fence, the opening one with the second title; nothing if there is no such fence.

    Certain is: the fence is one of Markdown, it begins with the title that the page begins with, it holds most of the
    page and no other fence, and a closing mark is there.
    """
    filled = [at for at, line in enumerate(lines) if line.strip()]
    if not filled or not lines[filled[0]].startswith("# "):
        return ()
    title = lines[filled[0]].rstrip()
    at = next((at for at in filled if lines[at].startswith(("```", "~~~"))), 0)
    found = _OPEN.match(lines[at])
    inner = next((line for line in filled if line > at), 0)
    if found is None or lines[inner].rstrip() != title:
        return ()
    marks = [line for line in filled if line > at and lines[line].lstrip().startswith(found["mark"][:3])]
    if len(marks) != 1 or lines[marks[0]].rstrip() != found["mark"]:
        return ()
    within = sum(at < line < marks[0] for line in filled)
    if 2 * within < len(filled) or sum(line > marks[0] for line in filled) > MOST_AFTER:
        return ()
    return (Used(at, inner + 1, REASON), Used(marks[0], marks[0] + 1, REASON))
