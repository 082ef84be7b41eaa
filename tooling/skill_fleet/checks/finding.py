"""What a check says."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["error", "hint"]


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that is wrong (error: blocks) or could be better (hint: never blocks).

    `skill` is the id, '' for the fleet; `path` is relative to the repository; `line` and `column` count from 1;
    `message` says what is wrong and why it matters, `fix` what to do about it.
    """

    path: str
    line: int
    column: int
    rule: str
    severity: Severity
    skill: str
    message: str
    fix: str

    def as_json(self) -> dict[str, Any]:
        """The form that `--format json` prints."""
        order = ("rule", "severity", "skill", "path", "line", "column", "message", "fix")
        facts = asdict(self)
        return {key: facts[key] for key in order}
