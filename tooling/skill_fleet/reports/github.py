"""The report for a GitHub workflow: annotations, each on the line of its finding.

GitHub shows ten errors and ten warnings of a step and silently drops the rest. So errors come first, and the last line says
how many are left. Text of a skill comes after our own `::` and is encoded, so it cannot be a command.
Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from collections.abc import Iterator

from skill_fleet.checks import Finding, Outcome
from skill_fleet.markdown import escaped

MAX_ANNOTATIONS = 10
_COMMANDS = {"error": "error", "hint": "warning"}


def github_report(outcome: Outcome) -> str:
    """Return one workflow command on each line."""
    return "".join(f"{line}\n" for line in _lines(outcome))


def _lines(outcome: Outcome) -> Iterator[str]:
    for severity in _COMMANDS:
        found = [finding for finding in outcome.findings if finding.severity == severity]
        yield from map(_annotation, found[:MAX_ANNOTATIONS])
        if len(found) > MAX_ANNOTATIONS:
            yield f"::notice::{len(found) - MAX_ANNOTATIONS} more {severity}s are in the summary of this job."
    for path, message in outcome.notes[:MAX_ANNOTATIONS]:
        yield f"::notice file={_property(path)}::{_encoded(message)}"


def _annotation(finding: Finding) -> str:
    place = f"file={_property(finding.path)},line={finding.line},col={finding.column},title={_property(finding.rule)}"
    return f"::{_COMMANDS[finding.severity]} {place}::{_encoded(f'{finding.message} {finding.fix}')}"


def _encoded(text: str) -> str:
    """`text` with visible control characters, and without what would end the command."""
    return escaped(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _encoded(text).replace(":", "%3A").replace(",", "%2C")
