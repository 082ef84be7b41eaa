"""The scope of every commit of the bot: regular files in the folder of one skill, and a label for code that a model wrote."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from skill_fleet.errors import UserError
from skill_fleet.forges import CommitAction, FlagAction, Snapshot
from skill_fleet.review.markers import read_trailers

_BAD = re.compile(r"[\x00-\x1f\x7f\\]")


def check_scope(action: CommitAction) -> None:
    """Raise UserError if a change is outside the folders that `action` may touch, or has an unsafe path."""
    for change in action.changes:
        inside = any(change.path.startswith(f"{folder}/") for folder in action.within if _is_skill(folder))
        if not inside or is_unsafe(change.path):
            raise UserError(
                f"A change to {change.path!r} is outside the skill, so nothing was committed.",
                "Check the plan: a draft may only change its own folder.",
            )
        if change.content is not None and any(char > "\xff" for char in change.content):
            raise UserError(
                f"The new content of {change.path!r} is not bytes as Latin-1 text, so nothing was committed.",
                "Check the plan: each character must be one byte.",
            )


def is_unsafe(path: str) -> bool:
    """Whether `path` could lead outside a folder, or cannot be checked out on every system."""
    return any(part in ("", ".", "..") or part.lower() == ".git" for part in path.split("/")) or bool(_BAD.search(path))


def _is_skill(folder: str) -> bool:
    """Whether `folder` is at least two levels below `skills`."""
    return folder.startswith("skills/") and folder.count("/") >= 2 and not folder.endswith("/")


CODE_LABEL = "model-written-code"
CODE_TRAILER = "Model-written-code"
_PROGRAMS = (".py", ".sh", ".bash", ".js", ".mjs", ".ts", ".rb", ".pl", ".ps1", ".bat", ".cmd", ".php", ".lua")


def model_written_code(files: Mapping[str, str], before: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Return the programs among `files` (by path in the skill's folder) that differ from `before`.

    A new one is committed with mode 100644: what a model returns has no modes.
    """
    new = {path: text for path, text in files.items() if (before or {}).get(path) != text}
    return tuple(sorted(path for path, text in new.items() if _runs(path, text)))


def code_trailers(paths: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return the trailers that name these programs; they call for the label, whoever made the commit."""
    return tuple((CODE_TRAILER, path) for path in paths)


def code_label(snapshot: Snapshot) -> FlagAction | None:
    """Set the label if a commit calls for it and it is not set."""
    if CODE_LABEL in snapshot.labels:
        return None
    names = (name for commit in snapshot.commits for name, _ in read_trailers(commit.message))
    return FlagAction("label", CODE_LABEL) if CODE_TRAILER in names else None


def _runs(path: str, text: str) -> bool:
    return path.startswith("scripts/") or path.lower().endswith(_PROGRAMS) or text.startswith("#!")
