"""Moving a skill to another id, and retiring one: the changes in the whole fleet."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from skill_fleet.errors import UserError
from skill_fleet.fixes.fix import Changes
from skill_fleet.fleet import PROFILES_FILE, SKILL_FILE, Fleet, Skill, device_in, find_skill, is_skill_id
from skill_fleet.git import EXECUTABLE, REGULAR
from skill_fleet.markdown import CannotEdit, set_value


@dataclass(frozen=True)
class Relocation:
    """The files to write (None: remove), and those of them that are executable."""

    changes: Changes = field(default_factory=dict)
    executable: frozenset[str] = frozenset()


def move_skill(fleet: Fleet, old: str, new: str) -> Relocation:
    """Give the skill `old` the id `new`; UserError when it cannot be done.

    Its files move, its `name` and `formerly` change, and the profiles and every Markdown file of other skills that
    mention the old id mention the new one. The order of the changes lets the same call finish a run that was stopped: the
    new SKILL.md comes first, the old one goes last.
    """
    there = fleet.by_id.get(new)
    if there and old in there.formerly and old not in fleet.by_id:  # done
        return Relocation()
    skill = find_skill(fleet, old)
    if not is_skill_id(new):
        raise UserError(f"{new!r} is not a skill id.", "Write CATEGORY/NAME: a-z, 0-9 and single hyphens.")
    if device := device_in(new):
        raise UserError(f"Windows reserves the name {device}, so no clone there could have it.", "Choose another name.")
    if fleet.taxonomy.categories and new.partition("/")[0] not in fleet.taxonomy.categories:
        raise UserError(
            f"There is no category {new.partition('/')[0]}.",
            f"The categories are: {', '.join(sorted(fleet.taxonomy.categories))}.",
        )
    home = f"{fleet.root}/{new}" if fleet.root else new
    changes: dict[str, bytes | None] = {f"{home}/{SKILL_FILE}": _renamed(skill, new)}
    executable = set()
    for entry in skill.entries:
        if entry.mode in (REGULAR, EXECUTABLE):
            path = f"{home}/{skill.relative(entry.path)}"
            changes.setdefault(path, skill.tree.read(entry))
            if entry.mode == EXECUTABLE:
                executable.add(path)
    begun = there if there is not skill and _is_begun(there, changes) else None
    owner = next((each for each in fleet.by_name.get(new.rpartition("/")[2], []) if each not in (skill, begun)), None)
    claimants = [each.id for each in fleet.former.get(new, []) if each is not skill]
    if owner or claimants:
        raise UserError(f"{new} is taken by {owner.id if owner else claimants[0]}.", "Choose another name.")
    if skill.id == new:
        raise UserError(f"The skill already has the id {new}.", "Choose another one.")
    mentions = _mentions(fleet, skill, new, but=begun)
    gone = sorted(skill.entries, key=lambda entry: entry is skill.file)
    return Relocation({**changes, **mentions, **{entry.path: None for entry in gone}}, frozenset(executable))


def _is_begun(there: Skill | None, changes: Changes) -> bool:
    """Whether `there` is what a run that was stopped has written: its SKILL.md, and no file that differs."""
    files = {entry.path: entry for entry in there.entries} if there else {}
    if there is None or not there.file or there.file.path not in changes:
        return False
    return all(there.tree.read(files[path]) == content for path, content in changes.items() if path in files)


def retire_skill(fleet: Fleet, skill_id: str, superseded_by: str = "", reason: str = "") -> Relocation:
    """Retire a skill: its SKILL.md becomes a stub that names its replacement, and its other files are removed.

    UserError when there is no such skill, or no such replacement.
    """
    skill = find_skill(fleet, skill_id)
    if superseded_by and (superseded_by not in fleet.by_id or superseded_by == skill.id):
        raise UserError(f"There is no other skill {superseded_by}.", "List the skills: skill-fleet list")
    content = _edit(skill, skill.tree.read(skill.file) if skill.file else b"", "metadata.status", "retired")
    if superseded_by:
        content = _edit(skill, content, "metadata.superseded-by", superseded_by)
    body = skill.front_matter.body.encode()
    head = content[: len(content) - len(body)] if body else content
    words = f"Use the skill `{superseded_by}` instead." if superseded_by else "Nothing replaces it."
    more = f"\n{reason.strip()}\n" if reason.strip() else ""
    changes: dict[str, bytes | None] = {entry.path: None for entry in skill.entries}
    changes[skill.inside(SKILL_FILE)] = head + f"\n# Retired\n\nThis skill is retired. {words}\n{more}".encode()
    return Relocation(changes)


def _renamed(skill: Skill, new: str) -> bytes:
    content = skill.tree.read(skill.file) if skill.file else b""
    content = _edit(skill, content, "name", new.rpartition("/")[2])
    former = [each for each in (*skill.formerly, skill.id) if each != new]
    return _edit(skill, content, "metadata.formerly", " ".join(dict.fromkeys(former)))


def _edit(skill: Skill, content: bytes, key: str, value: str) -> bytes:
    try:
        return set_value(content, key, value)
    except CannotEdit as problem:
        raise UserError(
            f"{skill.inside(SKILL_FILE)}: {problem}.", f"Fix it first: skill-fleet fix {skill.id}"
        ) from problem


def _mentions(fleet: Fleet, skill: Skill, new: str, but: Skill | None) -> dict[str, bytes | None]:
    """The profiles and the Markdown files of other skills, `but` one, that mention the old id, with the new one instead."""
    word = re.compile(rb"(?<![\w/.-])%s(?![\w/-])" % re.escape(skill.id.encode()))
    found: dict[str, bytes | None] = {}
    profiles = [entry for entry in fleet.tree.entries if entry.path == PROFILES_FILE]
    texts = (entry for other in fleet.skills if other not in (skill, but) for entry in other.entries)
    for entry in (*profiles, *(entry for entry in texts if entry.path.endswith(".md"))):
        if entry.mode in (REGULAR, EXECUTABLE):
            before = fleet.tree.read(entry)
            after = word.sub(new.encode(), before)
            if after != before:
                found[entry.path] = after
    return found
