"""What a run of the rules comes to."""

from __future__ import annotations

from dataclasses import dataclass

from skill_fleet.checks.finding import Finding


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
