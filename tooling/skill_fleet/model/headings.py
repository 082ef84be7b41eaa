"""The sections of a file by their headings, and which of them a line belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from skill_fleet.markdown import Markdown, plain


@dataclass(frozen=True)
class Part:
    """Lines `first` to `last` (from 1, inclusive) under `heading`, with the parts below it; '' is before the first."""

    heading: str
    level: int
    first: int
    last: int


def parts_of(path: str, text: str) -> tuple[Part, ...]:
    """The parts of a file, each up to the next heading of its level or above. What is no Markdown is one part."""
    count = text.count("\n") + (not text.endswith("\n"))
    if not path.endswith(".md"):
        return (Part("", 0, 1, max(1, count)),)
    skipped = front_matter_lines(text)
    body = Markdown("\n".join([""] * skipped + text.split("\n")[skipped:]))
    found = [
        (plain(block.content), int(block.info[1:]), block.start + 1) for block in body.blocks if block.kind == "heading"
    ]
    parts = [Part("", 0, 1, (found[0][2] - 1) if found else max(1, count))]
    for at, (heading, level, first) in enumerate(found):
        last = next((line - 1 for _, other, line in found[at + 1 :] if other <= level), count)
        parts.append(Part(heading, level, first, last))
    return tuple(parts)


def headings_of(path: str, text: str) -> list[str]:
    """The headings of a file, in order."""
    return [part.heading for part in parts_of(path, text) if part.heading]


def part_at(parts: Sequence[Part], line: int) -> Part:
    """The innermost part that holds `line`."""
    holding = [part for part in parts if part.first <= line <= part.last]
    return max(holding, key=lambda part: part.level) if holding else parts[0]


def front_matter_lines(text: str) -> int:
    """How many lines the front matter takes, with the marks around it."""
    if not text.startswith("---\n") or (end := text.find("\n---\n", 3)) < 0:
        return 0
    return text.count("\n", 0, end + 5)


def sections_of(path: str, text: str) -> dict[str, str]:
    """The own lines of each section by its heading, without those of the sections below it; '' is before the first."""
    parts = parts_of(path, text)
    lines = text.split("\n")
    found: dict[str, str] = {}
    for at, part in enumerate(parts):
        last = min([part.last, *(other.first - 1 for other in parts[at + 1 :] if other.first > part.first)])
        own = "\n".join(lines[part.first - 1 : last])
        found[part.heading] = f"{found[part.heading]}\n{own}" if part.heading in found else own
    return found
