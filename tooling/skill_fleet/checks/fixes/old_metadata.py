"""The files in which Skills Fleet kept a skill's facts before they stood in its SKILL.md: metadata.json in its folder, and
taxonomy_index.json with the other paths under which it was known."""

from __future__ import annotations

import json
from collections.abc import Iterator

from skill_fleet.fleet.names import is_skill_id
from skill_fleet.fleet.skill import Skill
from skill_fleet.fleet.tree import Tree

OLD_METADATA = "metadata.json"
OLD_INDEX = "taxonomy_index.json"


def old_metadata(skill: Skill, notes: list[str]) -> dict[str, str]:
    """What Skills Fleet's metadata.json says, as strings; empty when there is none."""
    entry = next((each for each in skill.entries if skill.relative(each.path) == OLD_METADATA), None)
    try:
        loaded = json.loads(skill.tree.read(entry)) if entry else None
    except (ValueError, RecursionError):
        return {}
    # other collections have a file of that name too, and theirs stays where it is
    if not isinstance(loaded, dict) or "skill_id" not in loaded:
        return {}
    notes.append(f"{OLD_METADATA} -> metadata")
    found: dict[str, str] = {}
    for key, value in loaded.items():
        if key == "skill_id":
            if is_skill_id(str(value)):
                found["formerly"] = str(value)
        elif isinstance(value, str):
            found[str(key)] = value
        elif isinstance(value, list) and all(isinstance(each, str) for each in value):
            found[str(key)] = ", ".join(value)
        elif value is not None:
            found[str(key)] = json.dumps(value, ensure_ascii=False)
    return {key: value for key, value in found.items() if key != "name"}


def old_paths(tree: Tree) -> dict[str, tuple[str, ...]]:
    """For each path that an index calls canonical, the other ids it was known by; empty when there is no index."""
    found: dict[str, tuple[str, ...]] = {}
    for entry in tree.entries:
        if entry.path.rpartition("/")[2] == OLD_INDEX:
            try:
                loaded = json.loads(tree.read(entry))
            except (ValueError, RecursionError):
                continue
            for path, aliases in _indexed(loaded):
                found[path] = tuple(alias for alias in aliases if isinstance(alias, str) and is_skill_id(alias))
    return found


def _indexed(loaded: object, depth: int = 3) -> Iterator[tuple[str, list[object]]]:
    """The entries of an index, however deep it keeps them."""
    if not isinstance(loaded, dict):
        return
    if isinstance(loaded.get("canonical_path"), str):
        aliases = loaded.get("aliases")
        yield loaded["canonical_path"].strip("/"), aliases if isinstance(aliases, list) else []
    elif depth:
        for value in loaded.values():
            yield from _indexed(value, depth - 1)
