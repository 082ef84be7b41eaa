"""The fence around every commit of the bot: regular files inside the one skill's folder, whatever asked for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from skill_fleet.errors import UserError
from skill_fleet.forges import CommitAction, FlagAction, Snapshot
from skill_fleet.review.markers import read_trailers

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


LABEL = "model-written-code"
TRAILER = "Model-written-code"
_PROGRAMS = (".py", ".sh", ".bash", ".js", ".mjs", ".ts", ".rb", ".pl", ".ps1", ".bat", ".cmd", ".php", ".lua")


def model_written_code(files: Mapping[str, str], before: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The programs among `files` (by path in the skill's folder) that a model made or changed.

    They are committed with mode 100644 in any case: what a model gives back has no modes.
    """
    new = {path: text for path, text in files.items() if (before or {}).get(path) != text}
    return tuple(sorted(path for path, text in new.items() if _runs(path, text)))


def code_trailers(paths: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """What the commit says of them, so that the label is owed from then on, whoever made the commit."""
    return tuple((TRAILER, path) for path in paths)


def owed_label(snapshot: Snapshot) -> FlagAction | None:
    """The label, if a commit calls for it and it is not set."""
    if LABEL in snapshot.labels:
        return None
    named = (name for commit in snapshot.commits for name, _ in read_trailers(commit.message))
    return FlagAction("label", LABEL) if TRAILER in named else None


def _runs(path: str, text: str) -> bool:
    return path.startswith("scripts/") or path.lower().endswith(_PROGRAMS) or text.startswith("#!")
