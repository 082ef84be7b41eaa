"""Headings that are underlined with any mark, as in reStructuredText, with or without a line above."""

from __future__ import annotations

import re
from collections.abc import Sequence

from skill_fleet.drafting.pages.page import Used
from skill_fleet.drafting.pages.rewritten import LEAST, Rewritten, headed, without_headings

_MARKS = "=-~^\"'`:.*+#_<>"
_DIRECTIVE = re.compile(r"\.\. (?:[\w-]+::|_[\w -]+:)|.*:[\w-]+:`[^`]")
_FIELD = re.compile(r":\w[\w -]*:(?: |$)|\.\. [\w-]+::")
_ITSELF = re.compile(r":\w[\w -]*:(?: |$)|\.\. ")
_TARGET = re.compile(r"\.\. _[^:]+:\s*$")
_ATX = re.compile(r"#{1,6}[ \t]+\S")
REASON = "line above or below a heading, which is one of Markdown now"


def underlined(lines: Sequence[str]) -> Rewritten | None:
    """The text with Markdown's headings, if it has underlines that Markdown does not know, or what only reStructuredText
    has.

    A single heading of the first kind is the title, if nothing stands above it.
    """
    found = _headings(lines)
    if not found or 4 * sum(bool(_ATX.match(line)) for line in lines) > len(found):
        return None
    styles = [style for _, _, style in found]
    itself = any(_DIRECTIVE.match(line) or _FIELD.match(line) for line in lines)
    other = itself or any(over or mark not in "=-" for mark, over in styles)
    if len(found) < LEAST or not other:
        return Rewritten(tuple(lines), tuple(map(_seen, lines))) if itself else None
    order = list(dict.fromkeys(styles))
    above = lines[: found[0][0] - found[0][1]]
    on_top = not any(line.strip() and line[0] != " " and not _ITSELF.match(line) for line in above)
    lone = styles.count(order[0]) == 1 and len(order) > 1 and on_top
    result = list(lines)
    used: list[Used] = []
    for at, over, style in found:
        result[at] = headed(order.index(style) + (1 if lone else 2), lines[at])
        for line in (at - 1, at + 1) if over else (at + 1,):
            result[line] = ""
            used.append(Used(line, line + 1, REASON))
    heads = {at for at, _, _ in found}
    seen = tuple(line if at in heads else _seen(line) for at, line in enumerate(result))
    changed = tuple(sorted(heads))
    return Rewritten(tuple(result), seen, "with underlined headings (reStructuredText)", changed, tuple(used))


def _seen(line: str) -> str:
    """Fields and directives are no text, and what stands in them is no heading."""
    if _TARGET.match(line):
        return ""
    return f"    {line}" if _FIELD.match(line) else without_headings(line)


def _headings(lines: Sequence[str]) -> list[tuple[int, bool, tuple[str, bool]]]:
    """Each heading's line, whether a line stands above it, and its style: the mark, and that again."""
    found: list[tuple[int, bool, tuple[str, bool]]] = []
    fence = ""
    for at in range(1, len(lines)):
        line = lines[at]
        below = lines[at - 1].strip() and _run(line) and line[0] == "~"
        if fence or (line.startswith(("```", "~~~")) and not below):
            fence = "" if fence and line.startswith(fence) else fence or line[:3]
            continue
        mark = line[:1]
        if not mark or mark not in _MARKS or not _run(line):
            continue
        title = lines[at - 1]
        if not title.strip() or _run(title) or len(line.rstrip()) < max(3, len(title.strip()) - 2):
            continue
        above = lines[at - 2] if at > 1 else ""
        over = _run(above) and above[:1] == mark
        if title[:1] in " \t" and not over:
            continue
        if over or not above.strip():
            found.append((at - 1, over, (mark, over)))
    return found


def _run(line: str) -> bool:
    bare = line.rstrip()
    return len(bare) > 2 and bare == bare[0] * len(bare) and bare[0] in _MARKS
