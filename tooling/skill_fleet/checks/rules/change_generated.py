"""Files that a job writes after a merge."""

from __future__ import annotations

from collections.abc import Iterator

from skill_fleet.checks.change import Change
from skill_fleet.checks.rule import Spot, rule

GENERATED = ("skills/available_skills.xml", ".claude-plugin/marketplace.json")
COMMAND = "skill-fleet generate-xml"


@rule("change/generated-file", scope="change")
def generated_file(change: Change) -> Iterator[Spot]:
    """A pull request does not change the catalogue.

    skills/available_skills.xml and .claude-plugin/marketplace.json are made of the tree by one job after a merge. Two
    pull requests that both changed them would conflict, and a forge ignores merge drivers.
    Source: https://git-scm.com/docs/gitattributes#_defining_a_custom_merge_driver (it is defined by each clone)

    Good:

        skills/python/demo/SKILL.md

    Bad:

        skills/python/demo/SKILL.md
        skills/available_skills.xml

    Mend: take the file from the base again; `skill-fleet generate-xml` writes it after the merge.
    """
    for path in GENERATED:
        if path in change.paths:
            message = f"{path} was changed by hand, and would conflict: `{COMMAND}` writes it after the merge."
            undo = f"git rm --cached {path}" if change.paths[path] == "A" else f"git checkout BASE -- {path}"
            yield Spot(path, 1, message, f"Undo the change, with BASE the branch you started from: {undo}")
