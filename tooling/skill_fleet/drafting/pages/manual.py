"""Manual pages as text: capitals at the margin over indented bodies, between two running heads."""

from __future__ import annotations

import re
from collections.abc import Sequence

from skill_fleet.drafting.pages.page import Used
from skill_fleet.drafting.pages.rewritten import LEAST, Rewritten, headed, in_lower_case, without_headings

_RUNNING = re.compile(r"(?P<name>\w[\w.+:-]*)\(\d\w{0,3}\)(?: .*)?$")
_FOOT = re.compile(r".{0,120}\S.*\(\d\w{0,3}\)\s*$|.*\d{4}.*$")
_NARROW = 4  # spaces before a heading of the second level
BELOW = 5  # spaces that a body is at least indented by


def manual_page(lines: Sequence[str]) -> Rewritten | None:
    """The page with Markdown's headings and its bodies at the margin; the command's name is its title."""
    filled = [at for at, line in enumerate(lines) if line.strip()]
    running = _RUNNING.match(lines[filled[0]].strip()) if filled else None
    if running is None or len(filled) < 2 * LEAST or lines[filled[0]].startswith("#"):
        return None
    foot = filled[-1] if _depth(lines[filled[-1]]) == 0 and _FOOT.match(lines[filled[-1]]) else -1
    inner = [at for at in filled[1:] if at != foot]
    margin = [at for at in inner if _depth(lines[at]) == 0]
    body = [_depth(lines[at]) for at in inner if _depth(lines[at]) >= BELOW]
    heads = [at for at in margin if lines[at].upper() == lines[at] and len(lines[at]) <= 60]
    if len(heads) < LEAST or len(heads) < len(margin) or 10 * len(body) < 7 * (len(inner) - len(heads)):
        return None
    indent = min(body)
    subs = [
        at
        for at in inner
        if 0 < _depth(lines[at]) <= _NARROW < BELOW and not lines[at - 1].strip() and at + 1 < len(lines)
    ]
    kept = set(inner) - set(heads) - set(subs)
    result = [line[min(indent, _depth(line)) :] if at in kept else line for at, line in enumerate(lines)]
    titles = in_lower_case([lines[at] for at in heads], (lines[at] for at in kept))
    for at, title in zip(heads, titles, strict=True):
        result[at] = headed(2, title)
    for at in subs:
        result[at] = headed(3, lines[at])
    name = running["name"]
    result[filled[0]] = headed(1, name.lower() if name == name.upper() else name)
    used: tuple[Used, ...] = ()
    if foot > 0:
        used = (Used(foot, foot + 1, f'running foot of a manual page: "{" ".join(lines[foot].split())}"'),)
        result[foot] = ""
    changed = tuple(sorted({filled[0], *heads, *subs}))
    seen = tuple(line if at not in kept else without_headings(line) for at, line in enumerate(result))
    return Rewritten(tuple(result), seen, "as a manual page", changed, used)


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
