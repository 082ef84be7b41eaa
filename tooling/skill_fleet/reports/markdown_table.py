"""The report for a job summary or a comment: Markdown, in which no text of a skill is markup, a mention or a link."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator

from skill_fleet.checks import Finding, Outcome
from skill_fleet.markdown import escaped
from skill_fleet.reports.terminal import summary_line

MAX_ROWS = 300
"""The number of findings that are listed: GitHub rejects a summary of more than 1 MiB."""

_MARKUP = re.compile(r"[\\`*_{}\[\]()#+!|~@:/.-]")


def markdown_report(outcome: Outcome, show_existing: bool = False) -> str:
    """Return a heading with the counts, and a table of findings, errors first."""
    rows = [f"## {summary_line(outcome)}", "", *_table(outcome.findings)]
    if show_existing and outcome.existing:
        rows += ["", "### Existing problems", "", *_table(outcome.existing)]
    if outcome.notes:
        rows += [
            "",
            "### Notes",
            "",
            *(f"- {_text(path)}: {_text(message)}" for path, message in outcome.notes[:MAX_ROWS]),
        ]
    return "\n".join(rows).rstrip("\n") + "\n"


def _table(findings: Iterable[Finding]) -> Iterator[str]:
    ordered = sorted(findings, key=lambda finding: (finding.severity, finding))
    if not ordered:
        return
    yield "| | Rule | Place | Problem | Fix |"
    yield "| --- | --- | --- | --- | --- |"
    for finding in ordered[:MAX_ROWS]:
        place = f"{_text(finding.path)}:{finding.line}"
        cells = (finding.severity, f"`{finding.rule}`", place, _text(finding.message), _text(finding.fix))
        yield f"| {' | '.join(cells)} |"
    if len(ordered) > MAX_ROWS:
        yield ""
        yield f"And {len(ordered) - MAX_ROWS} more."


def _text(words: str) -> str:
    """`words` as plain text: characters that mean something to Markdown or a forge become references."""
    return _MARKUP.sub(lambda match: f"&#{ord(match[0])};", html.escape(escaped(words), quote=False))
