"""What was not looked at is in every report, and hostile names in it do nothing."""

from __future__ import annotations

import json

from reports.findings import NOTED
from skill_fleet.reports import github_report, json_report, markdown_report, sarif_report, text_report


def test_every_report_has_the_notes() -> None:
    """The place and the sentence; a program can read both."""
    for report in (
        text_report(NOTED),
        github_report(NOTED),
        markdown_report(NOTED),
        json_report(NOTED),
        sarif_report(NOTED),
    ):
        assert "not checked" in report and "vendor" in report

    assert json.loads(json_report(NOTED))["notes"][0]["path"] == NOTED.notes[0][0]


def test_names_in_notes_do_nothing() -> None:
    """No escape for a terminal, no line of its own for a workflow command, no markup."""
    assert "\x1b" not in text_report(NOTED) + markdown_report(NOTED) + github_report(NOTED)
    assert [line[:8] for line in github_report(NOTED).splitlines()] == ["::notice"]
