"""Folders and file names: where clients find a skill, and what every system can check out."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from skill_fleet.checks.contexts import FleetContext, SkillContext
from skill_fleet.checks.rule import Violation, rule
from skill_fleet.checks.rules.identity import clashes
from skill_fleet.fleet import SKILL_FILE, Fleet, is_nearly_skill_file, plugin_parts
from skill_fleet.git import EXECUTABLE, REGULAR, SUBMODULE, SYMLINK, Entry
from skill_fleet.markdown import escaped, read_front_matter, shown

_RENAME = "Rename it: letters, digits, `.`, `_` and `-`."


@rule("layout/no-skill-file", scope="fleet", ours=True)
def no_skill_file(context: FleetContext) -> Iterator[Violation]:
    """A folder with files in a category has a SKILL.md.

    Without it, no client sees the folder.
    Source: https://agentskills.io/specification#directory-structure

    Good:

        skills/python/demo/SKILL.md
        skills/python/demo/references/api.md

    Bad:

        skills/python/demo/references/api.md

    Fix: add the SKILL.md, or move the files into the skill that they belong to.
    """
    for folder, entries in sorted(_without_skill(context.fleet).items()):
        if any(is_misspelled(context.fleet, entry) for entry in entries):
            continue
        if all(entry.mode in _ELSEWHERE for entry in entries):
            message = f"`{shown(entries[0].path)}` is {_ELSEWHERE[entries[0].mode]}: what is in it was not checked."
            fix = "Put the files themselves there."
        else:
            message = f"The folder `{shown(folder)}` has files but no {SKILL_FILE}, so no client sees it."
            fix = f"Add {shown(folder)}/{SKILL_FILE}, or move the files into the skill they belong to."
        yield Violation(entries[0].path, 1, message, fix, key=f"no skill in {folder}")


_ELSEWHERE = {SUBMODULE: "a submodule or another repository", SYMLINK: "a symbolic link"}


@rule("layout/skill-file-case", scope="fleet")
def skill_file_case(context: FleetContext) -> Iterator[Violation]:
    """The file is named SKILL.md, in upper case.

    On Linux `skill.md` is another file, which most clients do not find. On a Mac nobody notices. `SKILLS.md`,
    `SKIL.md`, `SKILL.markdown` and the like are reported when they begin with a name and a description.
    Source: https://agentskills.io/specification#directory-structure

    Good:

        demo/SKILL.md

    Bad:

        demo/skill.md

    Fix: git mv demo/skill.md demo/SKILL.md
    """
    for entry in context.fleet.stray:
        if is_misspelled(context.fleet, entry):
            folder, _, name = entry.path.rpartition("/")
            message = f"`{shown(name)}` in {shown(folder) or 'the top folder'} is not named {SKILL_FILE}, so most clients do not find it."
            command = shlex.join(["git", "mv", entry.path, f"{folder}/{SKILL_FILE}" if folder else SKILL_FILE])
            yield Violation(entry.path, 1, message, f"Rename it: {escaped(command)}")


@rule("layout/depth", "hint", scope="fleet", ours=True)
def depth(context: FleetContext) -> Iterator[Violation]:
    """A skill is two folders deep: CATEGORY/NAME.

    The usual installers look no deeper, unless a marketplace file lists the skill.
    Source: https://github.com/vercel-labs/skills (discovery) and https://cli.github.com/manual/ (gh skill)

    Good:

        skills/python/fastapi/SKILL.md

    Bad:

        skills/python/web/fastapi/SKILL.md

    Fix: move the folder into the name: python/web-fastapi.
    """
    for skill in context.fleet.skills:
        if skill.id.count("/") > 1:
            first, *others = skill.id.split("/")
            fix = f"Move it to {shown(context.fleet.root)}/{shown(first)}/{shown('-'.join(others))}."
            yield context.at(skill, "The skill is deeper than CATEGORY/NAME, where most installers do not look.", fix)


def _without_skill(fleet: Fleet) -> dict[str, list[Entry]]:
    """The files at least two folders down that belong to no skill, by the folder at the depth of a skill."""
    found: dict[str, list[Entry]] = {}
    top = len(fleet.root.split("/")) if fleet.root else 0
    for entry in fleet.stray:
        parts = entry.path.split("/")
        below = len(parts) - top
        if below >= 3 or (below == 2 and entry.mode in (SUBMODULE, SYMLINK)):
            found.setdefault("/".join(parts[: top + 2]), []).append(entry)
    return found


def is_misspelled(fleet: Fleet, entry: Entry) -> bool:
    """Whether a file that belongs to no skill was meant as a SKILL.md: by its name, and its place or its front matter."""
    folder, _, name = entry.path.rpartition("/")
    if not is_nearly_skill_file(name) or entry.mode not in (REGULAR, EXECUTABLE):
        return False
    if name.casefold() == SKILL_FILE.casefold() and (
        fleet.is_ours or not fleet.skills or fleet.has_skills_in(folder.rpartition("/")[0])
    ):
        return True
    fields = read_front_matter(fleet.tree.read(entry))
    return bool(fields.value("name") and fields.value("description"))


# What Git refuses to check out, at least on some systems: https://git-scm.com/docs/git-fsck (hasDotgit and others)
_DOT_GIT = re.compile(r"(?:\.git|git~[0-9])[. ]*(?::.*)?\Z", re.IGNORECASE)
_MAX_BYTES = 255
_IGNORED_BY_HFS = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")


@rule("layout/plugin-part", scope="fleet", ours=True)
def plugin_part(context: FleetContext) -> Iterator[Violation]:
    """No skill has a file that Claude Code loads from a plugin's folder by its name, such as hooks and servers.

    In the marketplace each skill is a plugin, so its hooks would run in every session of whoever installs it, and what is in
    `bin/` would take the place of other programs. Such a skill is left out of the marketplace. The folder .claude-plugin,
    which all bundles share, has no such file either. The texts in `agents/` and `commands/` become subagents and commands of
    that plugin; they run nothing by themselves, as the skill does not.
    Source: https://code.claude.com/docs/en/plugins-reference (file locations), tried with version 2.1.332

    Good:

        scripts/check.sh
        assets/mcp.json

    Bad:

        hooks/hooks.json
        .mcp.json

    Fix: rename the file, or move it into assets/ or scripts/.
    """
    fleet, bundle = context.fleet, ".claude-plugin"
    shared = [entry for entry in fleet.tree.entries if entry.path.startswith(f"{bundle}/")]
    for skill in fleet.skills:
        for entry in plugin_parts(skill.path, skill.entries):
            message = "Claude Code would load this file unasked once the skill is installed as a plugin."
            yield Violation(
                entry.path, 1, message, "Rename it, or move it into `assets/` or `scripts/`.", skill=skill.id
            )
    for entry in plugin_parts(bundle, shared):
        message = "Claude Code would load this file unasked with every bundle of the marketplace."
        yield Violation(entry.path, 1, message, "Remove it, or move it elsewhere.")


@rule("layout/path")
def path(context: SkillContext) -> Iterator[Violation]:
    r"""Every path is inside the skill, is UTF-8, and can be checked out everywhere.

    Archives use parts such as `..` or `.git` to write outside their folder. A backslash separates folders on Windows. A
    control character can hide the name. A name has at most 255 bytes.
    Source: https://git-scm.com/docs/git-fsck (hasDotdot, hasDotgit, fullPathname)

    Good:

        references/api.md

    Bad:

        references/../../other/SKILL.md
        scripts\run.py

    Fix: rename the file.
    """
    if any(map(_is_too_long, context.skill.path.split("/"))):
        message = f"A folder of `{shown(context.skill.path)}` has a name of more than {_MAX_BYTES} bytes."
        yield context.at(None, message, "Shorten it: no file system holds it.")
    for place in context.paths:
        if problem := _path_problem(place):
            full = context.skill.inside(place)
            yield Violation(full, 1, f"The path `{shown(full)}` {problem}.", _RENAME)


def _is_too_long(name: str) -> bool:
    return len(name) * 4 > _MAX_BYTES and len(name.encode("utf-8", "surrogateescape")) > _MAX_BYTES


def _path_problem(path: str) -> str:
    """What is wrong with a path, '' if nothing is."""
    if not path.isascii() and any(0xD800 <= ord(char) <= 0xDFFF for char in path):
        return "is not UTF-8, so some systems cannot create it"
    if "\\" in path:
        return "contains a backslash, which separates folders on Windows"
    if not path.isprintable():
        return "contains an invisible character, which hides the real name"
    for part in path.split("/"):
        if part in ("", ".", ".."):
            return "has an empty part, `.` or `..`, so it may be written anywhere"
        if _DOT_GIT.match(part if part.isascii() else _IGNORED_BY_HFS.sub("", part)):
            return "has a part that Git reserves and refuses to check out"
        if _is_too_long(part):
            return f"has a part of more than {_MAX_BYTES} bytes, which no file system holds"
    return ""


# https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file
_DEVICE = re.compile(r"(?:con|conin\$|conout\$|prn|aux|nul|com[1-9¹²³]|lpt[1-9¹²³])(?:\..*)?\Z", re.IGNORECASE)
_FORBIDDEN = re.compile(r'[<>:"|?*]')


@rule("layout/windows-name")
def windows_name(context: SkillContext) -> Iterator[Violation]:
    """Every file name is valid on Windows.

    A clone on Windows stops at the first invalid name, and nothing is checked out.
    Source: https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file

    Good:

        references/auxiliary.md

    Bad:

        references/aux.md
        references/what?.md

    Fix: rename it.
    """
    for place in context.paths:
        for part in place.split("/"):
            if problem := _windows_problem(part):
                yield context.in_file(place, 1, f"`{shown(part)}` {problem}, so a clone fails there.", _RENAME)
                break


@rule("portability/windows-folder", "hint")
def windows_folder(context: SkillContext) -> Iterator[Violation]:
    """No folder on the path to the skill has a name that Windows forbids.

    A clone on Windows stops there. `layout/windows-name` reports the names inside the skill.
    Source: https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file

    Good:

        skills/system/console/SKILL.md

    Bad:

        skills/system/con/SKILL.md

    Fix: rename the folder.
    """
    for part in context.skill.path.split("/") if context.skill.path else ():
        if problem := _windows_problem(part):
            yield context.at(None, f"The folder `{shown(part)}` {problem}, so a clone fails there.", "Rename it.")


def _windows_problem(part: str) -> str:
    """What is wrong with one part of a path, '' if nothing is."""
    if part in ("", ".", ".."):
        return ""
    if _DEVICE.match(part):
        return "is the name of a device on Windows"
    if _FORBIDDEN.search(part):
        return "contains a character that Windows forbids"
    return "ends in a dot or a space, which Windows drops" if part[-1] in ". " else ""


@rule("layout/case-clash")
def clashing_paths(context: SkillContext) -> Iterator[Violation]:
    """No two paths of a skill differ only in upper and lower case, or in Unicode normalisation.

    On macOS and Windows they are one file, and one of the two is silently lost.
    Source: https://git-scm.com/docs/git-config#Documentation/git-config.txt-coreignoreCase

    Good:

        references/api.md, references/guide.md

    Bad:

        references/API.md, references/api.md

    Fix: rename one.
    """
    for place, first, _ in clashes(context.paths):
        message = f"`{shown(place)}` and `{shown(first)}` are the same on macOS and Windows; one is lost."
        yield context.in_file(place, 1, message, "Rename one of them.")
