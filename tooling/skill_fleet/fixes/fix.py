"""Fixes of skills: changes for problems with exactly one possible fix."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from skill_fleet.checks import is_misspelled, is_variant, outdated_form
from skill_fleet.fixes.front_matter import fix_front_matter
from skill_fleet.fleet import FORM_FILE, SKILL_FILE, Fleet, Skill, Tree, is_name
from skill_fleet.git import EXECUTABLE, REGULAR, Entry, patch_of
from skill_fleet.markdown import CannotEdit, Scalar, quote, read_front_matter, set_value, written


def named_as_folder(content: bytes, folder: str) -> bytes:
    """A SKILL.md with the name of its folder, if it has no name or that one in another spelling.

    A different name stays, because either may be right; so does front matter that cannot be read.
    """
    node = read_front_matter(content).mapping.get("name")
    if not is_name(folder) or not (node is None or isinstance(node, Scalar)):
        return content
    if node is not None and node.text.strip() and not is_variant(node.text, folder):
        return content
    try:
        changed = set_value(content, "name", folder)
    except CannotEdit:
        return content
    return changed.replace(f"name: {quote(folder)}".encode(), f"name: {written(folder)}".encode(), 1)


Changes = Mapping[str, bytes | None]
"""Paths in the tree with their new contents; None removes the file."""


def fix_skill(skill: Skill) -> Changes:
    """The changes that fix one skill."""
    if skill.file is None or skill.file.mode not in (REGULAR, EXECUTABLE):
        return {}
    before = skill.tree.read(skill.file)
    after = named_as_folder(fix_front_matter(before), skill.folder)
    return {} if after == before else {skill.file.path: after}


def fix_fleet(fleet: Fleet) -> Changes:
    """The changes that fix every skill of a fleet, also those whose SKILL.md is in the wrong case."""
    changes: dict[str, bytes | None] = {}
    for skill in fleet.skills:
        changes |= fix_skill(skill)
    for right, entry in miscased_skill_files([each for each in fleet.stray if is_misspelled(fleet, each)]).items():
        folder = right.rpartition("/")[0]
        if folder and entry.mode == REGULAR:
            fixed = fix_front_matter(fleet.tree.read(entry))
            changes |= {entry.path: None, right: named_as_folder(fixed, folder.rpartition("/")[2])}
    if outdated := outdated_form(fleet):
        changes[FORM_FILE] = outdated.content
    return changes


def miscased_skill_files(entries: Collection[Entry]) -> dict[str, Entry]:
    """Return files such as `skill.md` by the path that they should have, unless another file has that."""
    paths = {entry.path for entry in entries}
    found: dict[str, Entry] = {}
    for entry in entries:
        folder, slash, name = entry.path.rpartition("/")
        right = f"{folder}{slash}{SKILL_FILE}"
        if name.casefold() == SKILL_FILE.casefold() and right not in paths:
            found.setdefault(right, entry)
    return found


def as_patch(tree: Tree, changes: Changes) -> bytes:
    """The changes against the contents of `tree`, as a patch for `git apply`."""
    entries = {entry.path: entry for entry in tree.entries}
    patches = []
    for path, after in sorted(changes.items()):
        entry = entries.get(path)
        before = tree.read(entry) if entry else None
        patches.append(patch_of(path, before, after, entry.mode if entry else REGULAR))
    return b"".join(patches)
