"""The lines of a paragraph that are prose: no fields of other markups, no imports, no rows of data, no legal text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from skill_fleet.drafting.open_points.steering import steers

MOST = 2000  # characters
_HEAD = 40
_NO_PROSE = re.compile(
    r" {0,3}(?:\[[^\[\]]+\]:\s*\S|\[\[?_?toc_?\]?\]\s*$"  # a link's definition, a place for a contents list
    r"|:[\w -]{1,40}:(?:\s|$)"  # a field of reStructuredText or AsciiDoc
    r"|={1,6}\s+\S|\.\.\s+\S|\[[\w, -]+\]\s*$"  # a heading, a directive or a block's style of other markups
    r"|/\*|.*<!\[CDATA\[|\"{3}\s*$"
    r"|(\w[\w.-]*\(\d\w*\)).*\s\1\s*$"  # the head of a manual's page: XZ(1) XZ Utils XZ(1)
    r"|(?:From|To|Cc|Subject|Date|Reply-To):\s)",
    re.I,
)
_MODULE = re.compile(
    r"(?:import\s+(?:[\w*{].*\bfrom\s+)?[\"']|export\s+(?:const|default|let|function|\{)|const \w+ = )"
)  # of JSX
_LEGAL = re.compile(
    r"copyright (?:\(c\)|\u00a9|\d{4})|\u00a9 ?\d{4}|all rights reserved|permission is hereby granted|spdx-license-identifier|"
    r"you can redistribute|without (?:any )?warrant|licensed under the",
    re.I,
)
_ROW = re.compile(r"[^,;\t]{0,80}([,;\t])\S[^,;\t]*(?:\1|$)")
_LEAST_ROWS = 3
_WRAPPED = re.compile(r"(?<=[\u3001-\u9fff]) (?=[\u3001-\u9fff])")  # where no space stands between words
_COMMENT = re.compile(r"<!--.*?(?:-->|$)")
_ADDRESS = re.compile(r"<((?:https?://|mailto:)[^<>\s]+|[\w.+-]+@[\w.-]+)>")


def prose(lines: Sequence[str]) -> str:
    """A paragraph's lines as one line of text, empty if it is no prose, or speaks to the agent that reads it."""
    if lines and _MODULE.match(lines[0]):
        return ""
    kept = [line.strip().lstrip("> ").removeprefix('"""') for line in lines if not _NO_PROSE.match(line)]
    while len(kept) > 1 and kept[0].isupper() and len(kept[0]) < _HEAD:  # a heading of a manual's page
        del kept[0]
    text = _WRAPPED.sub("", " ".join(kept)[:MOST])
    rows = sum(bool(_ROW.match(line)) for line in kept)
    if (rows >= _LEAST_ROWS and 5 * rows >= 4 * len(kept)) or _LEGAL.search(text) or steers(text):
        return ""
    return _ADDRESS.sub(r"\1", _COMMENT.sub("", text))
