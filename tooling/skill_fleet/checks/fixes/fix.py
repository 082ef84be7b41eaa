"""What to change in a skill, or in a fleet, to mend what has one right answer."""

from __future__ import annotations

from collections.abc import Mapping

from skill_fleet.checks.fixes.front_matter import fix_front_matter
from skill_fleet.checks.fixes.right_name import named_as_folder
from skill_fleet.fleet.fleet import Fleet
from skill_fleet.fleet.git import EXECUTABLE, REGULAR
from skill_fleet.fleet.skill import SKILL_FILE, Skill

Changes = Mapping[str, bytes | None]
"""Paths in the tree with what they should hold; None: the file goes."""


def fix_skill(skill: Skill) -> Changes:
    """What mends one skill; empty when there is nothing to mend."""
    if skill.file is None or skill.file.mode not in (REGULAR, EXECUTABLE):
        return {}
    before = skill.tree.read(skill.file)
    after = named_as_folder(fix_front_matter(before), skill.folder)
    return {} if after == before else {skill.file.path: after}


def fix_fleet(fleet: Fleet) -> Changes:
    """What mends every skill of a fleet, those too whose SKILL.md is written in the wrong case."""
    changes: dict[str, bytes | None] = {}
    for skill in fleet.skills:
        changes |= fix_skill(skill)
    paths = {entry.path for entry in fleet.tree.entries}
    for entry in fleet.stray:
        folder, _, name = entry.path.rpartition("/")
        right = f"{folder}/{SKILL_FILE}"
        is_misspelt = folder and name.casefold() == SKILL_FILE.casefold() and entry.mode == REGULAR
        if is_misspelt and right not in paths and right not in changes:
            mended = fix_front_matter(fleet.tree.read(entry))
            changes |= {entry.path: None, right: named_as_folder(mended, folder.rpartition("/")[2])}
    return changes
