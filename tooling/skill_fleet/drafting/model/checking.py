"""The fleet's checks as a function of a skill's files, for drafts and revisions that are nowhere but in memory."""

from __future__ import annotations

from collections.abc import Mapping

from skill_fleet.checks.finding import Finding
from skill_fleet.checks.run import check_skill
from skill_fleet.drafting.model.faults import Check
from skill_fleet.fleet.fleet import ROOT
from skill_fleet.fleet.skill import Skill
from skill_fleet.fleet.tree import MemoryTree


def checks_for(skill: str, modes: Mapping[str, int] | None = None) -> Check:
    """What the rules about one skill say of files that would stand in the folder of `skill`."""
    folder = f"{ROOT}/{skill}"

    def check(files: dict[str, str]) -> tuple[Finding, ...]:
        contents = {f"{folder}/{path}": text.encode("utf-8", "surrogatepass") for path, text in files.items()}
        tree = MemoryTree(contents, modes)
        return check_skill(Skill(skill, folder, tree.entries, tree))

    return check
