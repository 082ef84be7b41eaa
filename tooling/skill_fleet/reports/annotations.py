"""The report for a GitHub workflow: one annotation a finding, on its line.

GitHub shows ten errors and ten warnings of a step and drops the rest without a word, so the worst come first and the last
line says how many are left. Whatever a skill says stands behind our own `::`, encoded, so none of it can be a command.
Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from collections.abc import Iterator

from skill_fleet.checks import Finding, Outcome
from skill_fleet.markdown import escaped

SHOWN = 10
_COMMANDS = {"error": "error", "hint": "warning"}


def github_report(outcome: Outcome) -> str:
    """Workflow commands, one a line."""
    return "".join(f"{line}\n" for line in _lines(outcome))


def _lines(outcome: Outcome) -> Iterator[str]:
    for severity in _COMMANDS:
        found = [finding for finding in outcome.findings if finding.severity == severity]
        yield from map(_annotation, found[:SHOWN])
        if len(found) > SHOWN:
            noun = "error" if severity == "error" else "hint"
            yield f"::notice::{len(found) - SHOWN} more {noun}s are in the summary of this job."


def _annotation(finding: Finding) -> str:
    place = f"file={_property(finding.path)},line={finding.line},col={finding.column},title={_property(finding.rule)}"
    return f"::{_COMMANDS[finding.severity]} {place}::{_data(f'{finding.message} {finding.fix}')}"


def _data(text: str) -> str:
    """A message: control characters made visible, then what the runner would take for the end of it encoded."""
    return escaped(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
