"""The report for a job summary or a comment: Markdown in which nothing that a skill says is markup, a mention or a link."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator

from skill_fleet.checks import Finding, Outcome
from skill_fleet.markdown import escaped

MOST = 300
"""How many findings are listed: a summary of more than 1 MiB is refused as a whole."""

_SIGNS = re.compile(r"[\\`*_{}\[\]()#+!|~@:/.-]")


def markdown_report(outcome: Outcome, show_existing: bool = False) -> str:
    """A heading with the counts, and a table with errors first."""
    rows = [f"## Skills: {_count(outcome)}", ""]
    rows += _table(outcome.findings)
    if show_existing and outcome.existing:
        rows += ["", "### Already there before the change", "", *_table(outcome.existing)]
    return "\n".join(rows).rstrip("\n") + "\n"


def _table(findings: Iterable[Finding]) -> Iterator[str]:
    ordered = sorted(findings, key=lambda finding: (finding.severity, finding))
    if not ordered:
        return
    yield "| | Rule | Where | What | Fix |"
    yield "| --- | --- | --- | --- | --- |"
    for finding in ordered[:MOST]:
        place = f"{_text(finding.path)}:{finding.line}"
        cells = (finding.severity, f"`{finding.rule}`", place, _text(finding.message), _text(finding.fix))
        yield f"| {' | '.join(cells)} |"
    if len(ordered) > MOST:
        yield ""
        yield f"And {len(ordered) - MOST} more."


def _text(words: str) -> str:
    """Words as nothing but text: signs that mean something to Markdown or to a forge become their numbers."""
    return _SIGNS.sub(lambda match: f"&#{ord(match[0])};", html.escape(escaped(words), quote=False))


def _count(outcome: Outcome) -> str:
    words = f"{outcome.skills} checked, {outcome.errors} errors, {outcome.hints} hints"
    return f"{words}, {len(outcome.existing)} more were there before" if outcome.existing else words
