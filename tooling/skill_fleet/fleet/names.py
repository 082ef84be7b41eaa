"""Names and ids: what a skill may be called, and what its id says.

Source: https://agentskills.io/specification#name-field (1 to 64 characters, lower-case letters, digits and hyphens,
no hyphen at either end, no two in a row).
"""

from __future__ import annotations

import re

MAX_NAME = 64
NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")


def is_name(name: str) -> bool:
    """Whether the specification allows `name` for a skill (we keep to ASCII, as file systems and URLs do)."""
    return len(name) <= MAX_NAME and NAME.match(name) is not None


def is_skill_id(skill_id: str) -> bool:
    """Whether `skill_id` is CATEGORY/NAME, or deeper, each part a valid name."""
    parts = skill_id.split("/")
    return len(parts) >= 2 and all(is_name(part) for part in parts)


def split_id(skill_id: str) -> tuple[str, str]:
    """The category (first part) and the name (last part) of an id."""
    return skill_id.partition("/")[0], skill_id.rpartition("/")[2]
