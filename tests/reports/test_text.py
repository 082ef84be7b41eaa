"""The report for a terminal."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, strategies as st

from reports.findings import CHANGED, CLEAN, ERROR, HINT, HOSTILE, OUTCOME, TREE
from skill_fleet.checks import Finding, Outcome
from skill_fleet.reports import line_reader, statistics_report, text_report

SOURCE = line_reader(TREE)


def test_a_finding_has_its_line_a_caret_and_a_fix() -> None:
    assert text_report(Outcome(1, (ERROR,)), SOURCE) == (
        "web/demo\n"
        "  skills/web/demo/SKILL.md:2:7  error  spec/name\n"
        "    2 | name: Demo\n"
        "      |       ^\n"
        "    The name `Demo` has upper-case letters.\n"
        "    Fix: Call it `demo`.\n"
        "\n"
        "1 skill checked: 1 error, no hints.\n"
    )


def test_a_line_with_a_secret_is_not_repeated() -> None:
    """Logs and issues that quote it would keep it when it is gone from the branch."""
    secret = replace(ERROR, rule="safety/secret", column=1)
    report = text_report(Outcome(1, (ERROR, secret)), SOURCE)
    assert report.count("SKILL.md:2:") == 2 and "name: Demo" not in report


def test_the_caret_stands_right_behind_wide_letters() -> None:
    rows = text_report(Outcome(1, (HINT,)), SOURCE).splitlines()
    line, caret = rows[2], rows[3]
    assert line == "    3 | description: Schön 日本 \\x1b[31mrot\\u202e."
    assert caret == "    " + "  | " + " " * 28 + "^"


def test_groups_and_counts() -> None:
    report = text_report(OUTCOME)
    assert "\nthe fleet\n" in f"\n{report}"
    assert report.endswith("3 skills checked: 3 errors, 1 hint.\n")
    assert text_report(CLEAN) == "1 skill checked: no errors, no hints.\n"


def test_findings_that_say_the_same_are_one_entry_with_all_places() -> None:
    again = replace(HINT, line=7)
    report = text_report(Outcome(1, (HINT, again)), SOURCE)
    assert report.count(HINT.message) == 1
    assert "line 7" in report
    assert report.endswith("no errors, 2 hints.\n")


def test_statistics_count_the_findings_of_each_rule() -> None:
    rows = statistics_report(Outcome(1, (HINT, ERROR, replace(HINT, line=7)))).splitlines()
    assert [row.split()[:3] for row in rows[:-1]] == [["2", "hint", "content/when"], ["1", "error", "spec/name"]]


def test_existing_findings_are_counted_and_shown_when_asked() -> None:
    assert "1 existing" in text_report(CHANGED).splitlines()[-1]
    assert "content/when" not in text_report(CHANGED)
    assert "content/when" in text_report(CHANGED, show_existing=True)


def test_nothing_hostile_reaches_a_terminal() -> None:
    report = text_report(Outcome(1, (HOSTILE,)))
    assert "\x1b" not in report
    assert "\\x1b[2J\\n::error::x" in report


def test_colours_are_for_terminals_only() -> None:
    plain, bright = text_report(OUTCOME, SOURCE), text_report(OUTCOME, SOURCE, colour=True)
    assert "\x1b[" in bright
    assert "\x1b[" not in plain
    assert "[31mrot" in bright


@given(st.text(max_size=300), st.integers(1, 400), st.text(max_size=40))
def test_any_line_and_column_can_be_shown(line: str, column: int, words: str) -> None:
    finding = Finding("p", 1, column, "spec/name", "error", words, words, words)
    report = text_report(Outcome(1, (finding,)), lambda path, number: line)
    assert all(char.isprintable() or char == "\n" for char in report)
    assert len(report.splitlines()) in (6, 8)
