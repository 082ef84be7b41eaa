"""Placeholders of a template, `{{LIKE_THIS}}`: filled by the caller's values, or found to be reported."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from skill_fleet.drafting.types import Document
from skill_fleet.errors import UserError

PLACEHOLDER = re.compile(r"\{\{([A-Z][A-Z0-9_]*)\}\}")


def fill(sources: Sequence[Document], values: Mapping[str, str]) -> tuple[Document, ...]:
    """The sources with `{{KEY}}` replaced by its value; line numbers stay, so a value is one line."""
    if not values:
        return tuple(sources)
    known = {key for document in sources for key in PLACEHOLDER.findall(document.text)}
    for key, value in values.items():
        if key not in known:
            stands = f"The sources have {', '.join(sorted(known))}." if known else "The sources have none."
            raise UserError(f"No source has the placeholder {{{{{key}}}}}.", stands)
        if "\n" in value or "\r" in value:
            raise UserError(f"The value of {key} has more than one line.", f"Write it in one: --set {key}=TEXT")
    return tuple(
        replace(one, text=PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), one.text)) for one in sources
    )


def placeholders(text: str) -> dict[str, int]:
    """Each placeholder left in a text, and how often, in the order of their first places."""
    counts: dict[str, int] = {}
    for key in PLACEHOLDER.findall(text):
        counts[key] = counts.get(key, 0) + 1
    return counts
