"""Folders: those that look like a skill and are none, and those that stand too deep."""

from __future__ import annotations

from collections.abc import Iterator

from skill_fleet.checks.rule import Spot, rule
from skill_fleet.checks.survey import Survey
from skill_fleet.checks.visible import shown
from skill_fleet.fleet.fleet import Fleet
from skill_fleet.fleet.git import SUBMODULE, SYMLINK, Entry
from skill_fleet.fleet.skill import SKILL_FILE


@rule("layout/no-skill-file", scope="fleet")
def no_skill_file(survey: Survey) -> Iterator[Spot]:
    """A folder with files in a category has a SKILL.md.

    Without it no client sees the folder: somebody's work is in the repository and in nobody's hands.
    Source: https://agentskills.io/specification#directory-structure

    Good:

        skills/python/demo/SKILL.md
        skills/python/demo/references/api.md

    Bad:

        skills/python/demo/references/api.md

    Mend: add the SKILL.md, or move the files into the skill that they belong to.
    """
    for folder, entries in sorted(_orphans(survey.fleet).items()):
        if not any(_is_misspelt(entry) for entry in entries):
            message = f"The folder `{shown(folder)}` has files and no {SKILL_FILE}, so no client sees any of it."
            fix = f"Add {shown(folder)}/{SKILL_FILE}, or move the files into the skill they belong to."
            yield Spot(entries[0].path, 1, message, fix, key=f"no skill in {folder}")


@rule("layout/skill-file-case", scope="fleet")
def skill_file_case(survey: Survey) -> Iterator[Spot]:
    """The file is called SKILL.md, in exactly these letters.

    On Linux `skill.md` is another file: some clients find it, most do not, and on a Mac nobody notices.
    Source: https://agentskills.io/specification#directory-structure

    Good:

        demo/SKILL.md

    Bad:

        demo/skill.md

    Mend: git mv demo/skill.md demo/SKILL.md
    """
    for folder, entries in sorted(_orphans(survey.fleet).items()):
        for entry in filter(_is_misspelt, entries):
            home, _, name = entry.path.rpartition("/")
            message = f"`{shown(name)}` in {shown(folder)} is not {SKILL_FILE}, so most clients do not see the skill."
            yield Spot(entry.path, 1, message, f"Rename it: git mv {shown(entry.path)} {shown(home)}/{SKILL_FILE}")


@rule("layout/depth", "hint", scope="fleet")
def depth(survey: Survey) -> Iterator[Spot]:
    """A skill stands two folders deep: CATEGORY/NAME.

    The usual installers look no deeper and do not see it unless a marketplace file lists it.
    Source: https://github.com/vercel-labs/skills (discovery) and https://cli.github.com/manual/ (gh skill)

    Good:

        skills/python/fastapi/SKILL.md

    Bad:

        skills/python/web/fastapi/SKILL.md

    Mend: put what the folder says into the name: python/web-fastapi.
    """
    for skill in survey.fleet.skills:
        if skill.id.count("/") > 1:
            message = "The skill stands deeper than CATEGORY/NAME, where most installers do not look."
            parts = skill.id.split("/")
            fix = f"Move it to {shown(survey.fleet.root)}/{shown(parts[0])}/{shown('-'.join(parts[1:]))}."
            yield survey.at(skill, message, fix)


def _orphans(fleet: Fleet) -> dict[str, list[Entry]]:
    """The files two folders down or deeper that no skill holds, by the folder at the depth of a skill."""
    found: dict[str, list[Entry]] = {}
    top = len(fleet.root.split("/")) if fleet.root else 0
    for entry in fleet.stray:
        parts = entry.path.split("/")
        below = parts[top:]
        if len(below) >= 3 or (len(below) == 2 and entry.mode in (SUBMODULE, SYMLINK)):
            found.setdefault("/".join(parts[: top + 2]), []).append(entry)
        elif len(below) == 2 and _is_misspelt(entry):
            found.setdefault("/".join(parts[: top + 1]), []).append(entry)
    return found


def _is_misspelt(entry: Entry) -> bool:
    return entry.path.rpartition("/")[2].casefold() == SKILL_FILE.casefold()
