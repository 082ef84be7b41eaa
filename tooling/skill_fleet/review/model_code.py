"""Code that a model wrote: never executable, never run by us, named in its commit and by a label on the pull request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from skill_fleet.forges.actions import FlagAction
from skill_fleet.forges.types import Snapshot
from skill_fleet.review.trailers import read_trailers

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
