"""What the author of a skill put into its folder: it keeps its place, and stays as it is unless it is too long."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from skill_fleet.drafting.pages.page import Page, Part
from skill_fleet.drafting.sources.shelf import name_of

KEPT_LINES = 500
_KEPT_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*$")
_PATH = re.compile(r"(?<![\w.+/-])(?:\./)?([\w.+-]+(?:/[\w.+-]+)+)")


def inside(part: Part, main: Part) -> str:
    """The path of a part relative to the folder of a SKILL.md, if it is in there and safe to keep."""
    home = PurePosixPath(name_of(main))
    path = PurePosixPath(name_of(part))
    if home.name.lower() != "skill.md" or not path.is_relative_to(home.parent):
        return ""
    rest = path.relative_to(home.parent)
    return rest.as_posix() if rest.parts and all(_KEPT_NAME.match(one) for one in rest.parts) else ""


def kept_whole(part: Part, main: Part) -> bool:
    """Whether a text stays as its author made it: a file of a skill's folder that is not too long."""
    return bool(inside(part, main)) and len(part.lines) <= KEPT_LINES


def named_paths(page: Page) -> frozenset[str]:
    """The paths that a document names, in whatever way: a file that it leads to needs no row of ours."""
    return frozenset(path.rstrip(".") for line in page.lines for path in _PATH.findall(line))
