"""The fence around every commit of the bot: regular files inside the one skill's folder, whatever asked for it."""

from __future__ import annotations

import re

from skill_fleet.errors import UserError
from skill_fleet.forges.actions import CommitAction

_BAD = re.compile(r"[\x00-\x1f\x7f\\]")


def check_scope(action: CommitAction) -> None:
    """UserError when a change of `action` lies outside the folders it may touch, or in a path Git would not like."""
    for change in action.changes:
        inside = any(change.path.startswith(f"{folder}/") for folder in action.within if _is_skill(folder))
        if not inside or is_odd(change.path):
            raise UserError(
                f"A change to {change.path!r} is outside the skill, so nothing was committed.",
                "Look at the plan; a draft may only touch its own folder.",
            )
        if change.content is not None and any(char > "\xff" for char in change.content):
            raise UserError(
                f"The new content of {change.path!r} is not bytes as Latin-1 text, so nothing was committed.",
                "Look at the plan: each character stands for one byte.",
            )


def is_odd(path: str) -> bool:
    """Whether `path` could lead out of a folder, or is one that Git would not check out everywhere."""
    return any(part in ("", ".", "..") or part.lower() == ".git" for part in path.split("/")) or bool(_BAD.search(path))


def _is_skill(folder: str) -> bool:
    """A skill's folder is at least two levels below the fleet's."""
    return folder.startswith("skills/") and folder.count("/") >= 2 and not folder.endswith("/")
