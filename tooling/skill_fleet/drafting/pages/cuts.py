"""Text that was cut off in the middle of a fence, at its beginning or at its end."""

from __future__ import annotations

import re
from collections.abc import Sequence

from skill_fleet.drafting.pages.outline import Outline

NOTICE = "> The source is cut here."
_MARK = re.compile(r"(?P<lead>[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?)(?P<mark>`{3,}(?!.*`)|~{3,})(?P<info>.*)$")

_CODE = re.compile(r"[ \t]+\S|.*[{}();,:\]=]\s*$|(return|import|from|def|class|const|let|var|function)\b")


def starts_inside(lines: Sequence[str], cut: bool) -> int:
    """The number of lines that belong to a fence whose opening mark was cut away, closing mark included; 0 if none.

    Both readings are tried, starting outside and inside of a fence, and the one with fewer anomalies wins: an opening
    mark with a language inside an open fence, and a fence that never closes. If nothing else says that the text is
    `cut` at its head, what stands before the first mark has to look like code as well.
    """
    marks = [
        (at, found["mark"], found["info"].strip()) for at, line in enumerate(lines) if (found := _MARK.match(line))
    ]
    if not marks or marks[0][2] or _anomalies(marks, True) >= _anomalies(marks, False):
        return 0
    before = [line for line in lines[: marks[0][0]] if line.strip()]
    if not cut and 2 * sum(bool(_CODE.match(line)) for line in before) <= len(before):
        return 0
    return marks[0][0] + 1


def _anomalies(marks: Sequence[tuple[int, str, str]], inside: bool) -> int:
    count = 0
    opened = marks[0][1] if inside else ""
    for _, mark, info in marks:
        if not opened:
            opened = mark
        elif mark[0] == opened[0] and len(mark) >= len(opened):
            if info:
                count += 1
            else:
                opened = ""
    return count + bool(opened)


def opening_mark(outline: Outline) -> str:
    """The line that opens a fence whose mark was cut away, in the language of the others if they have only one."""
    languages = {fence.info.split()[0] for fence in outline.fences if fence.info}
    return f"```{languages.pop()}" if len(languages) == 1 else "```"


def closing_mark(lines: Sequence[str], outline: Outline) -> str:
    """The line that closes a fence which is still open at the end of the text; empty if none is."""
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    if not outline.fences or outline.fences[-1].last < end:
        return ""
    fence = outline.fences[-1]
    opening = _MARK.match(lines[fence.first])
    closing = _MARK.match(lines[end - 1]) if end - 1 > fence.first else None
    if opening is None or (
        closing
        and not closing["info"].strip()
        and closing["mark"][0] == fence.mark[0]
        and len(closing["mark"]) >= len(fence.mark)
    ):
        return ""
    lead = re.sub(r"[^>\t]", " ", opening["lead"])
    return f"{lead}{fence.mark}"


def last_sound(lines: Sequence[str], outline: Outline, end: int) -> int:
    """The last line (from 0) up to which a text that is cut at `end` is whole: no open fence, no heading, no lead-in."""
    open_fence = outline.fences[-1] if outline.fences and outline.fences[-1].last >= end else None
    at = (open_fence.first if open_fence else end) - 1
    heads = {block.first for block in outline.blocks if block.level}
    if open_fence is None:
        while at >= 0 and lines[at].strip() and not lines[at].rstrip().endswith((".", "!", "?", "|", "`", ":**")):
            at -= 1
    while at >= 0 and (not lines[at].strip() or at in heads or lines[at].rstrip(" *_").endswith(":")):
        at -= 1
    return at
