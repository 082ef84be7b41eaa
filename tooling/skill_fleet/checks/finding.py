"""What a check says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Severity = Literal["error", "hint"]


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that is wrong (error: blocks) or could be better (hint: never blocks).

    `skill` is the id, '' for the fleet; `path` is relative to the repository; `line` and `column` count from 1;
    `message` says what is wrong and why it matters, `fix` what to do about it. `key` is what is complained about, in
    words that stay the same when lines move or a number in the message changes: with it, a finding of the base and one
    of the head are known to be the same.
    """

    path: str
    line: int
    column: int
    rule: str
    severity: Severity
    skill: str
    message: str
    fix: str
    key: str = field(default="", repr=False)

    def as_json(self) -> dict[str, Any]:
        """The form that `--format json` prints."""
        order = ("rule", "severity", "skill", "path", "line", "column", "message", "fix")
        return {name: getattr(self, name) for name in order}


@dataclass(frozen=True)
class Outcome:
    """What was found. `skills` is how many were checked one by one; `existing` is what was wrong before the change,
    None when there was no base to compare with."""

    skills: int
    findings: tuple[Finding, ...]
    existing: tuple[Finding, ...] | None = None

    @property
    def errors(self) -> int:
        """How many findings block."""
        return sum(finding.severity == "error" for finding in self.findings)

    @property
    def hints(self) -> int:
        """How many findings are advice."""
        return len(self.findings) - self.errors

    def fails(self, strict: bool = False) -> bool:
        """Whether the exit status is 1: there is an error, or with `strict` anything at all."""
        return bool(self.findings if strict else self.errors)
