"""The files of a skill: sections by heading, the forms in which the model reads them, and the findings on them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from skill_fleet.checks import Finding, check_skill
from skill_fleet.fleet import ROOT, MemoryTree, Skill
from skill_fleet.markdown import Markdown, plain
from skill_fleet.model.sources import numbered

Check = Callable[[dict[str, str]], Sequence[Finding]]
"""Returns the findings on a skill's files, which are given by their path in the skill's folder."""
# besides SKILL.md, the files that a draft may have
FILE = re.compile(r"references/[a-z0-9]+(?:-[a-z0-9]+)*\.md\Z|(?:scripts|assets)/[A-Za-z0-9_][A-Za-z0-9_.-]*\Z")


def checks_for(skill: str, modes: Mapping[str, int] | None = None) -> Check:
    """Return the rules about one skill, applied to files in the folder of `skill` (its id)."""
    folder = f"{ROOT}/{skill}"

    def check(files: dict[str, str]) -> tuple[Finding, ...]:
        contents = {f"{folder}/{path}": text.encode("utf-8", "surrogatepass") for path, text in files.items()}
        tree = MemoryTree(contents, modes)
        return check_skill(Skill(skill, folder, tree.entries, tree))

    return check


def is_markdown(path: str) -> bool:
    """Whether a file is written as sections of Markdown."""
    return path.endswith(".md")


def may_create(path: str) -> bool:
    """Whether a revision may create a file of this name."""
    return bool(FILE.match(path)) and path.startswith("references/")


@dataclass(frozen=True)
class Part:
    """Lines `first` to `last` (from 1, inclusive) under `heading` ("" before the first), including lower headings."""

    heading: str
    level: int
    first: int
    last: int


def parts_of(path: str, text: str) -> tuple[Part, ...]:
    """Return the parts of a file, each up to the next heading of its level or above, a title up to the first section. What
    is no Markdown is one part."""
    count = text.count("\n") + (not text.endswith("\n"))
    if not is_markdown(path):
        return (Part("", 0, 1, max(1, count)),)
    blocks = Markdown(without_front_matter(text)).blocks
    found = [(plain(one.content), int(one.info[1:]), one.start + 1) for one in blocks if one.kind == "heading"]
    parts = [Part("", 0, 1, (found[0][2] - 1) if found else max(1, count))]
    for at, (heading, level, first) in enumerate(found):
        last = next((line - 1 for _, other, line in found[at + 1 :] if other <= max(level, 2)), count)
        parts.append(Part(heading, level, first, last))
    return tuple(parts)


def part_at(parts: Sequence[Part], line: int) -> Part:
    """Return the innermost part that holds `line`."""
    return max((part for part in parts if part.first <= line <= part.last), key=lambda one: one.level, default=parts[0])


def without_front_matter(text: str) -> str:
    """Return a text with blank lines for its front matter, so that line numbers stay."""
    if not text.startswith("---\n") or (end := text.find("\n---\n", 3)) < 0:
        return text
    return "\n" * text.count("\n", 0, end + 5) + text[end + 5 :]


def shown_files(files: Mapping[str, str], places: Iterable[tuple[str, int]] | None = None) -> str:
    """Return files as the model reads them: each after a line that names it, its lines as `12| text`. With `places` (a
    file and a line), only the parts that hold them."""
    shown: dict[str, set[int]] = {}
    for path, line in places or ((path, 0) for path in files):
        part = part_at(parts_of(path, files[path]), line) if line else Part("", 0, 1, files[path].count("\n") + 1)
        shown.setdefault(path, set()).update(range(part.first, part.last + 1))
    blocks = []
    for path, numbers in shown.items():
        lines = files[path].removesuffix("\n").split("\n")
        blocks.append(
            numbered(f"=== FILE {path}", lines, [one for one in numbers if files[path] and one <= len(lines)])
        )
    return "\n\n".join(f"{block}\n(empty)" if "\n" not in block else block for block in blocks)
