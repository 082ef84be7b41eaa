"""The report for a job summary: nothing that a skill says is markup."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, strategies as st
from markdown_it import MarkdownIt

from reports.findings import CHANGED, CLEAN, ERROR, OUTCOME
from skill_fleet.checks import Outcome
from skill_fleet.reports import MAX_ROWS, markdown_report

PARSER = MarkdownIt("commonmark").enable("table")


def test_a_table_with_errors_first() -> None:
    report = markdown_report(OUTCOME)
    assert report.startswith("## 3 skills checked: 3 errors, 1 hint.\n\n| | Rule |")
    assert [row.split(" ")[1] for row in report.splitlines()[4:]] == ["error", "error", "error", "hint"]
    assert markdown_report(CLEAN) == "## 1 skill checked: no errors, no hints.\n"


def test_what_was_there_is_shown_when_asked() -> None:
    assert "1 existing" in markdown_report(CHANGED).splitlines()[0]
    assert "content/when" not in markdown_report(CHANGED)
    assert "content/when" in markdown_report(CHANGED, show_existing=True)


def test_a_long_list_is_cut() -> None:
    report = markdown_report(Outcome(1, tuple(replace(ERROR, line=line) for line in range(1, MAX_ROWS + 3))))
    assert report.endswith("And 2 more.\n")


@given(st.text(max_size=60))
def test_no_text_of_a_skill_is_markup(words: str) -> None:
    hostile = f"{words} [a](b) <img src=x> **b** | c @me #1 https://x.org `d`"
    tokens = PARSER.parse(markdown_report(Outcome(1, (replace(ERROR, message=hostile, path=hostile, fix=hostile),))))
    kinds = {child.type for token in tokens for child in token.children or ()}
    assert kinds <= {"text", "code_inline", "text_special"}
    assert len([token for token in tokens if token.type == "td_open"]) == 5
    assert "@" not in markdown_report(Outcome(1, (replace(ERROR, message=hostile),)))
