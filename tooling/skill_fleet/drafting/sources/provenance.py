"""Where the words of a draft come from, as facts that are kept: each source by its name, its hash and its licence."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from skill_fleet.drafting.types import Document

_LICENCE = re.compile(
    r"^\W{0,4}(?:SPDX-License-Identifier|licen[cs]e)[*: ]*:[*: ]*[\"']?([^\"'\n*]{1,80})", re.I | re.M
)
_HEAD = 4_000  # characters in which a document says under which licence it is


def source_facts(documents: Iterable[Document]) -> tuple[dict[str, str], ...]:
    """Name, path, SHA-256 of the text, and the licence that the document names at its beginning ('' for none)."""
    return tuple(
        {
            "name": one.name,
            "path": one.path,
            "sha256": hashlib.sha256(one.text.encode("utf-8", "surrogatepass")).hexdigest(),
            "licence": found[1].strip() if (found := _LICENCE.search(one.text[:_HEAD])) else "",
        }
        for one in documents
    )
