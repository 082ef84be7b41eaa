"""Ids and names across the fleet: each belongs to one skill, for good."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator

from skill_fleet.checks.rule import Spot, rule
from skill_fleet.checks.survey import Survey
from skill_fleet.checks.visible import shown
from skill_fleet.fleet.names import is_name, is_skill_id
from skill_fleet.fleet.skill import Skill


@rule("fleet/empty", scope="fleet")
def empty(survey: Survey) -> Iterator[Spot]:
    """There is at least one skill.

    A check that looked at nothing and says "all is well" hides a wrong path for ever.

    Good:

        skills/python/demo/SKILL.md

    Bad:

        skills/python/demo.md

    Mend: give the path that the skills are under; each is a folder with a file SKILL.md.
    """
    if not survey.fleet.skills:
        message = "No skill was found, so nothing was checked."
        yield Spot(
            survey.fleet.root or ".", 1, message, "Put a SKILL.md into a folder of its own: skills/CATEGORY/NAME/."
        )


@rule("fleet/id", scope="fleet")
def skill_id(survey: Survey) -> Iterator[Spot]:
    """A skill stands in CATEGORY/NAME, each a valid name.

    The path is the skill's only id: it appears in addresses, commands and other skills.
    Source: https://agentskills.io/specification#name-field, applied to each folder

    Good:

        skills/python/demo/SKILL.md

    Bad:

        skills/demo/SKILL.md
        skills/My Things/demo/SKILL.md

    Mend: move the folder: a-z, 0-9 and single hyphens.
    """
    for skill in survey.fleet.skills:
        # a bad last part is spec/name's to report, which knows what the skill calls itself
        parents = skill.id.split("/")[:-1]
        bad = next((part for part in parents if not is_name(part)), None)
        if not parents:
            message = "The skill stands in no category, so it has no id and nobody owns it."
            yield survey.at(skill, message, f"Move it to skills/CATEGORY/{shown(skill.id) or 'NAME'}.")
        elif bad is not None:
            message = f"The folder `{shown(bad)}` is no valid part of an id, so the skill cannot be addressed."
            yield survey.at(skill, message, "Rename the folder: a-z, 0-9 and single hyphens.")


@rule("fleet/name-unique", scope="fleet")
def name_unique(survey: Survey) -> Iterator[Spot]:
    """No two skills have the same name.

    Clients know a skill by its name alone: of two, one hides or overwrites the other without a word.
    Source: https://agentskills.io/specification#name-field (the name stands for the skill)

    Good:

        skills/python/testing
        skills/web/web-testing

    Bad:

        skills/python/testing
        skills/web/testing

    Mend: rename one, for instance with its category in front.
    """
    for name, skills in survey.fleet.by_name.items():
        for skill in skills if len(skills) > 1 else ():
            others = ", ".join(shown(other.id) for other in skills if other is not skill)
            message = f"The name `{shown(name)}` is also that of {others}, and clients would show only one of them."
            category = skill.id.partition("/")[0]
            yield survey.at(skill, message, f"Rename one of them, for instance `{shown(category)}-{shown(name)}`.")


@rule("fleet/formerly", scope="fleet")
def formerly(survey: Survey) -> Iterator[Spot]:
    """An id in `metadata.formerly` is valid, is no skill's id now, and is claimed by one skill only.

    Whoever installed the old id is led to its heir; with two heirs or a new owner they would get another skill.

    Good:

        metadata:
          formerly: web/old-name

    Bad:

        metadata:
          formerly: web/testing        (and skills/web/testing is there)

    Mend: remove the claim that is wrong, or rename the newcomer.
    """
    for claimant, claims in survey.formerly.items():
        for old in claims:
            word = shown(old)
            others = [shown(other) for other in survey.heirs[old] if other != claimant]
            fix = "Remove it from `formerly`, or give the other skill another name."
            if not is_skill_id(old):
                message = f"`{word}` in `formerly` is no id, so nobody is led here from it."
                fix = "Write CATEGORY/NAME, ids separated by spaces."
            elif old == claimant:
                message = f"`formerly` names the id `{word}` that the skill has now."
                fix = "Remove it there."
            elif old in survey.fleet.by_id:
                message = f"`formerly` claims `{word}`, which is another skill now: who had it would get the wrong one."
            elif others:
                message = (
                    f"`formerly` claims `{word}`, and so does {', '.join(others)}: who had it cannot be led to both."
                )
            else:
                continue
            yield survey.at(claimant, message, fix, "metadata.formerly")


@rule("fleet/case-clash", scope="fleet")
def case_clash(survey: Survey) -> Iterator[Spot]:
    """No two folders of the fleet differ only in upper and lower case, or in how Unicode spells a letter.

    On macOS and Windows they are one folder, and a clone there loses files.
    Source: https://git-scm.com/docs/git-config#Documentation/git-config.txt-coreignoreCase

    Good:

        skills/python/demo, skills/web/chart

    Bad:

        skills/python/demo, skills/Python/chart

    Mend: use lower case for all of them.
    """
    spellings: dict[str, dict[str, Skill]] = defaultdict(dict)
    for skill in survey.fleet.skills:
        parts = skill.id.split("/")
        for end in range(1, len(parts) + 1):
            folder = "/".join(parts[:end])
            spellings[folded(folder)].setdefault(folder, skill)
    for found in spellings.values():
        first = min(found)
        for folder, skill in found.items():
            # a clash of parents makes all below clash too; one finding is enough
            if folder != first and folder.rpartition("/")[0] == first.rpartition("/")[0]:
                message = f"The folders `{shown(first)}` and `{shown(folder)}` are one on macOS and Windows."
                yield survey.at(skill, message, "Rename one of them in lower case.")


def folded(path: str) -> str:
    """`path` as a file system sees it that ignores case and normalises Unicode."""
    return path if path.isascii() and path.islower() else unicodedata.normalize("NFC", path).casefold()
