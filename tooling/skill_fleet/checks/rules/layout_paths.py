"""What may stand in a skill's folder: plain files, under names that every system keeps apart."""

from __future__ import annotations

import re
from collections.abc import Iterator

from skill_fleet.checks.reading import Reading
from skill_fleet.checks.rule import Spot, rule
from skill_fleet.checks.rules.fleet_names import folded
from skill_fleet.checks.visible import shown
from skill_fleet.fleet.git import SUBMODULE, SYMLINK

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

    Mend: put a copy there, or a sentence that says where to look.
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

    Mend: copy the files that are needed, with their licence.
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

    Mend: rename the file.
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

    Mend: rename one.
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
