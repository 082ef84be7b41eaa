"""How far a fleet's files are from what they should be, as a patch that `git apply` takes."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import unified_diff

from skill_fleet.founding.templates import without_local


def drift(wanted: Mapping[str, str], now: Mapping[str, str | None]) -> dict[str, str]:
    """A patch for each file of `now` (None: it is missing) that is not as `wanted`, by path.

    Parts that a fleet has added between "only here" lines are its own: they are no drift.
    """
    return {
        path: _patch(path, now.get(path), text)
        for path, text in sorted(wanted.items())
        if (there := now.get(path)) is None or text not in (there, without_local(there))
    }


def _patch(path: str, old: str | None, new: str) -> str:
    head = [f"diff --git a/{path} b/{path}\n", *(["new file mode 100644\n"] if old is None else [])]
    source = "/dev/null" if old is None else f"a/{path}"
    body = unified_diff(_lines(old or ""), _lines(new), source, f"b/{path}")
    return "".join(
        [*head, *(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in body)]
    )


def _lines(text: str) -> list[str]:
    """The lines as Git counts them: only a line feed ends one."""
    return [f"{line}\n" for line in text.split("\n")[:-1]] + ([last] if (last := text.rpartition("\n")[2]) else [])
