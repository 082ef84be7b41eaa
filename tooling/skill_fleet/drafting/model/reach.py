"""How far a change for one thread may go: its section, and wherever else a name that it changes is mentioned."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from skill_fleet.drafting.model.grounding import names_of
from skill_fleet.drafting.model.headings import Part, part_at, parts_of
from skill_fleet.drafting.model.replacing import Replacement
from skill_fleet.drafting.model.threads import Thread
from skill_fleet.drafting.pages.plain import plain

_WORD = re.compile(r"[\w./-]{3,}")


def within(path: str, text: str, thread: Thread, sections: Sequence[str], one: Replacement) -> bool:
    """Whether a replacement in `path` lies in one of the sections that its thread concerns."""
    if not text:
        return True
    if not thread.first and thread.path in ("", path):
        return True  # what is said on a whole file, or on all of them, has no section
    parts = parts_of(path, text)
    # what is put in at the start of a line stands behind the line before as well
    lines = [one.first, one.first - 1] if one.start == one.end and text[: one.start].endswith("\n") else [one.first]
    return any(
        part.first <= line and max(line, one.last if line == one.first else line) <= part.last
        for part in _allowed(path, parts, thread, sections)
        for line in lines
    )


def changed_names(old: str, new: str) -> set[str]:
    """The names that a replacement takes away or brings: what other places may have to follow."""
    before, after = names_of(old) | _marked(old), names_of(new) | _marked(new)
    return before - after


def follows(text: str, one: Replacement, names: set[str], made: Sequence[str]) -> bool:
    """Whether a replacement elsewhere only follows: the lines it touches mention a changed name, or a file that is new."""
    lines = "\n".join(text.split("\n")[one.first - 1 : one.last])
    words = set(_WORD.findall(lines)) | set(re.findall(r"\w+", lines))
    return bool(names & words) or any(name in lines for name in names) or any(path in one.new for path in made)


def has_section(path: str, text: str, section: str) -> bool:
    """Whether a file has a section of that heading."""
    return any(part.heading.casefold() == _bare(section) for part in parts_of(path, text) if part.heading)


def _allowed(path: str, parts: Sequence[Part], thread: Thread, sections: Sequence[str]) -> list[Part]:
    named = {_bare(section) for section in sections}
    found = [part for part in parts if part.heading and part.heading.casefold() in named]
    if thread.path == path and thread.first:
        found.append(part_at(parts, thread.first))
    if not sections:
        found.append(parts[0])  # the lines before the first heading: the front matter, mostly
    return [_without_sections(part, parts) for part in found]


def _without_sections(part: Part, parts: Sequence[Part]) -> Part:
    """A title as far as the first section: what stands below it is the whole file, which would be no limit at all."""
    inner = [other.first for other in parts if part.first < other.first <= part.last]
    return replace(part, last=min(inner) - 1) if part.level == 1 and inner else part


def _bare(section: str) -> str:
    return plain(section.lstrip("# ")).casefold()


def _marked(text: str) -> set[str]:
    """What stands in code spans, and headings: names also where they look like words."""
    spans = re.findall(r"`([^`\n]+)`", text)
    headings = re.findall(r"^#+[ \t]+(.+?)[ \t]*$", text, re.MULTILINE)
    return {span.strip() for span in spans} | {plain(heading) for heading in headings}
