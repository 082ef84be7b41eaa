"""Folders: those that look like a skill and are none, and those that stand too deep."""

from __future__ import annotations

import re
from collections.abc import Iterator

from skill_fleet.checks.reading import Reading
from skill_fleet.checks.rule import Spot, rule
from skill_fleet.checks.rules.fleet import folded
from skill_fleet.checks.survey import Survey
from skill_fleet.fleet import SKILL_FILE, Fleet
from skill_fleet.git import SUBMODULE, SYMLINK, Entry
from skill_fleet.markdown import shown


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

    Fix: add the SKILL.md, or move the files into the skill that they belong to.
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

    Fix: git mv demo/skill.md demo/SKILL.md
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

    Fix: put what the folder says into the name: python/web-fastapi.
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


# What Git refuses to check out, on some system at least: https://git-scm.com/docs/git-fsck (hasDotgit and its kin)
_DOT_GIT = re.compile(r"(?:\.git|git~[0-9])[. ]*(?::.*)?\Z", re.IGNORECASE)
_IGNORED_BY_HFS = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")


@rule("layout/symlink")
def symlink(reading: Reading) -> Iterator[Spot]:
    """A skill holds no symbolic links.

    A link may point out of the skill, at any file of whoever installs it; archives and Windows drop it.
    Source: https://git-scm.com/docs/git-config#Documentation/git-config.txt-coresymlinks

    Good:

        references/api.md         a file

    Bad:

        references/api.md -> ../../../shared/api.md

    Fix: put a copy there, or a sentence that says where to look.
    """
    for entry in reading.skill.entries:
        if entry.mode == SYMLINK and entry.path != reading.path:
            target = shown(reading.skill.tree.read(entry).decode("utf-8", "replace"))
            message = f"It is a symbolic link to `{target}`, which installers drop and which may lead out of the skill."
            yield Spot(entry.path, 1, message, "Replace it by a copy of the file.")


@rule("layout/submodule")
def submodule(reading: Reading) -> Iterator[Spot]:
    """A skill holds no Git submodules.

    The commit of another repository is not part of this one: it is not reviewed here, and installers leave it out.
    Source: https://git-scm.com/docs/gitsubmodules

    Good:

        scripts/tool.py

    Bad:

        scripts/tool              a submodule

    Fix: copy the files that are needed, with their licence.
    """
    for entry in reading.skill.entries:
        if entry.mode == SUBMODULE and entry.path != reading.path:
            message = "It is a submodule, so its files are neither reviewed nor installed with the skill."
            yield Spot(entry.path, 1, message, "Remove it and copy the files that are needed.")


@rule("layout/path")
def path(reading: Reading) -> Iterator[Spot]:
    r"""Every path stays in the skill, is UTF-8, and is one that Git checks out everywhere.

    A part such as `..` or `.git` is how an archive writes outside its folder; a backslash is a folder on Windows; a
    control character can hide the name.
    Source: https://git-scm.com/docs/git-fsck (hasDotdot, hasDotgit, fullPathname)

    Good:

        references/api.md

    Bad:

        references/../../other/SKILL.md
        scripts\run.py

    Fix: rename the file.
    """
    for entry in reading.skill.entries:
        if what := _what_is_wrong(reading.skill.relative(entry.path)):
            message = f"The path `{shown(entry.path)}` {what}."
            yield Spot(entry.path, 1, message, "Rename it: letters, digits, `.`, `_` and `-`.")


@rule("layout/case-clash")
def case_clash(reading: Reading) -> Iterator[Spot]:
    """No two paths of a skill differ only in upper and lower case, or in how Unicode spells a letter.

    On macOS and Windows they are one file, and one of the two is lost without a word.
    Source: https://git-scm.com/docs/git-config#Documentation/git-config.txt-coreignoreCase

    Good:

        references/api.md, references/guide.md

    Bad:

        references/API.md, references/api.md

    Fix: rename one.
    """
    seen: dict[str, str] = {}
    told: set[str] = set()
    for entry in reading.skill.entries:
        parts = reading.skill.relative(entry.path).split("/")
        for end in range(1, len(parts) + 1):
            place = "/".join(parts[:end])
            first = seen.setdefault(folded(place), place)
            if first != place:
                if place not in told:
                    told.add(place)
                    message = f"`{shown(place)}` and `{shown(first)}` are one on macOS and Windows: one would be lost."
                    yield Spot(reading.skill.inside(place), 1, message, "Rename one of them.")
                break


def _what_is_wrong(path: str) -> str:
    """Why a path is refused; '' when it is fine."""
    if any(0xD800 <= ord(char) <= 0xDFFF for char in path) if not path.isascii() else False:
        return "is not UTF-8, so other systems spell it differently or cannot make it"
    if "\\" in path:
        return "holds a backslash, which is a folder's end on Windows"
    if not path.isprintable():
        return "holds a character that cannot be seen, which hides what the file is"
    for part in path.split("/"):
        if part in ("", ".", ".."):
            return "leaves its folder or names it again, so it may be written anywhere"
        if _DOT_GIT.match(part if part.isascii() else _IGNORED_BY_HFS.sub("", part)):
            return "holds a part that Git keeps for itself and refuses to check out"
    return ""
