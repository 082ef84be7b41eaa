"""What an edit breaks in the file that it changes: the form of its Markdown, its front matter, the fleet's rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from skill_fleet.checks.markdown import Markdown
from skill_fleet.drafting.model.faults import Check, file_of
from skill_fleet.drafting.model.headings import front_matter_lines


def broken(files: Mapping[str, str], path: str, changed: str, before: str, check: Check) -> str:
    """What a change breaks in its file; '' when nothing."""
    if path.endswith(".md") and _unclosed(changed) > _unclosed(before):
        return "The edit leaves a code block open."
    if path.endswith(".md") and (line := _swallowed(before, changed)):
        return f"After the edit, the line {line!r} stands in a code block that it does not belong to."
    if before.startswith("---\n") and not changed.startswith("---\n"):
        return "The edit takes the front matter away."
    old = {key for key, _ in _errors({**files, path: before}, path, check)}
    new = [message for key, message in _errors({**files, path: changed}, path, check) if key not in old]
    return f"The edit brings an error: {new[0]}" if new else ""


def _unclosed(text: str) -> int:
    return sum(not fence.closed for fence in Markdown(text).fences)


def _swallowed(before: str, after: str) -> str:
    """The first heading, or first line of a code block, that is still there and is none any more; '' without one."""
    old, new = (Markdown(_body(text)) for text in (before, after))
    gone = Counter(_marks(old)) - Counter(_marks(new))
    was, now = Counter(old.lines), Counter(new.lines)
    return next((line for line in gone if now[line] >= was[line]), "")


def _body(text: str) -> str:
    """Blank lines for the front matter, whose last line would pass for a heading."""
    skipped = front_matter_lines(text)
    return "\n".join([""] * skipped + text.split("\n")[skipped:])


def _marks(text: Markdown) -> Iterator[str]:
    yield from (text.lines[block.start] for block in text.blocks if block.kind == "heading")
    yield from (text.lines[fence.start] for fence in text.fences)


def _errors(files: Mapping[str, str], path: str, check: Check) -> list[tuple[tuple[str, str], str]]:
    found = [one for one in check(dict(files)) if one.severity == "error" and file_of(one.path, files) == path]
    return [((one.rule, one.key or one.message), f"{one.rule}: {one.message}") for one in found]
