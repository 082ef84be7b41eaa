"""The files of a skill and its brief: sections by heading, the forms in which the model reads them, and the findings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from skill_fleet.checks import Finding, check_skill
from skill_fleet.drafting import Brief
from skill_fleet.fleet import ROOT, MemoryTree, Skill
from skill_fleet.markdown import part_at, parts_of, tidy
from skill_fleet.model.sources import numbered

NONE = "(none)"
Check = Callable[[dict[str, str]], Sequence[Finding]]
"""Returns the findings on a skill's files, which are given by their path in the skill's folder."""
# besides SKILL.md, the files that a draft may have; a revision may create references
FILE = re.compile(r"references/[a-z0-9]+(?:-[a-z0-9]+)*\.md\Z|(?:scripts|assets)/[A-Za-z0-9_][A-Za-z0-9_.-]*\Z")


def checks_for(skill: str) -> Check:
    """Return the rules about one skill, applied to files in the folder of `skill` (its id)."""
    folder = f"{ROOT}/{skill}"

    def check(files: dict[str, str]) -> tuple[Finding, ...]:
        contents = {f"{folder}/{path}": text.encode("utf-8", "surrogatepass") for path, text in files.items()}
        tree = MemoryTree(contents)
        return check_skill(Skill(skill, folder, tree.entries, tree))

    return check


def is_markdown(path: str) -> bool:
    """Whether a file is written as sections of Markdown."""
    return path.endswith(".md")


def no_such_file(path: str, files: Mapping[str, str]) -> str:
    """Return the reason why a revision may neither edit nor create a file; "" if it may."""
    if path in files or (FILE.match(path) and path.startswith("references/")):
        return ""
    return f"There is no file {path!r}, and a new one may only be references/NAME.md."


def shown_files(files: Mapping[str, str], places: Iterable[tuple[str, int]] | None = None) -> str:
    """Return files as the model reads them: each after a line that names it, its lines as `12| text`. With `places` (a
    file and a line), only the parts that hold them."""
    shown: dict[str, set[int]] = {}
    for path, line in places or ((path, 0) for path in files):
        part = part_at(parts_of(path, files[path]), line) if line else None
        first, last = (part.first, part.last) if part else (1, files[path].count("\n") + 1)
        shown.setdefault(path, set()).update(range(first, last + 1))
    blocks = []
    for path, numbers in shown.items():
        lines = files[path].removesuffix("\n").split("\n")
        block = numbered(f"=== FILE {path}", lines, [one for one in numbers if files[path] and one <= len(lines)])
        blocks.append(block if "\n" in block else f"{block}\n(empty)")
    return "\n\n".join(blocks)


def listed(entries: Mapping[str, str]) -> str:
    """Return names with their descriptions, a line each, as the model reads them."""
    return "\n".join(f"{name}: {tidy(text)}" for name, text in sorted(entries.items())) or NONE


def brief_text(brief: Brief) -> str:
    """Return a brief as the model reads it; of a skill without one, its id alone."""
    lines = [f"Task: {tidy(brief.task)}"] if brief.task else []
    lines.append(f"Skill: {brief.path}")
    lines += [f"Audience: {brief.audience or 'developers'}"] if brief.audience or brief.task else []
    lines += [f"K{number}: {text}" for number, text in enumerate(brief.capabilities, 1)]
    lines += [f"Load when: {each}" for each in brief.triggers]
    lines += [f"Not for: {each}" for each in brief.non_goals]
    lines += [f"Agreed: {each}" for each in brief.agreed]
    lines += [f"Assumed: {each}" for each in brief.assumptions]
    return "\n".join(lines)
