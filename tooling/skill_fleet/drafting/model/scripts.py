"""Code that a model wrote: never executable, never run by us, and said so on the pull request."""

from __future__ import annotations

from collections.abc import Mapping

LABEL = "model-written-code"
_PROGRAMS = (".py", ".sh", ".bash", ".js", ".mjs", ".ts", ".rb", ".pl", ".ps1", ".bat", ".cmd", ".php", ".lua")


def model_written_code(files: Mapping[str, str], before: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The programs among `files` that the model made or changed: the pull request gets the label `LABEL` for them.

    They are committed with mode 100644 in any case: neither a Draft nor a Revision has modes.
    """
    new = {path: text for path, text in files.items() if (before or {}).get(path) != text}
    return tuple(sorted(path for path, text in new.items() if _runs(path, text)))


def _runs(path: str, text: str) -> bool:
    return path.startswith("scripts/") or path.lower().endswith(_PROGRAMS) or text.startswith("#!")
