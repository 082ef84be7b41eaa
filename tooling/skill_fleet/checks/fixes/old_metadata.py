"""The metadata.json of Skills Fleet, where a skill's facts stood before they stood in its SKILL.md."""

from __future__ import annotations

import json

from skill_fleet.fleet.names import is_skill_id
from skill_fleet.fleet.skill import Skill

OLD_METADATA = "metadata.json"


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
