"""What a tool that makes dumps writes of its own before the first file: its explanations, and a listing."""

from __future__ import annotations

import re
from collections.abc import Sequence

from skill_fleet.drafting.sources.banners import is_path

LISTING = "a listing of the files in the dump"
SAID = "what the tool that made the dump says of it"
_OPENINGS = ("This file is a merged representation of", "Project Path: ", "Repository: ", "<file_summary>")
_TREE = re.compile(r"[\u2500-\u257f]|\s*(?:\|--|`--|\+--)")
_SHORT = 3  # filled lines that may stand before the first file without being of a known kind
_NO_PREFACE = re.compile(r"#{1,6} |\s*(?:`{3,}|~{3,})")


def preamble(lines: Sequence[str]) -> str:
    """Why text before the first file is no document: which of the kinds it is, or "" if it may be one."""
    filled = [line.strip() for line in lines if line.strip()]
    if not filled:
        return ""
    if filled[0].startswith(_OPENINGS):
        return SAID
    listed = sum(bool(_TREE.match(line)) or is_path(line) or line.endswith(("/", ":")) for line in filled)
    return LISTING if len(filled) > 1 and listed >= len(filled) - 1 else ""


def is_preface(lines: Sequence[str]) -> bool:
    """Whether nothing stands before the first file but what may stand before a dump: a preamble, or a line or two."""
    filled = [line for line in lines if line.strip()]
    return bool(preamble(lines)) or (len(filled) <= _SHORT and not any(map(_NO_PREFACE.match, filled)))
