"""Every rule against its cases: a case is a file, a finding too many or too few is a failure."""

from __future__ import annotations

import re
from collections import defaultdict

import pytest

from checks.case import CASES, Case, all_cases
from skill_fleet.checks import RULES, Finding

ALL = all_cases()
ENDS: defaultdict[str, set[bool]] = defaultdict(set)
for each in ALL:
    ENDS[each.rule].add(each.is_good)


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.path.relative_to(CASES).as_posix())
def test_case(case: Case) -> None:
    every = case.findings()
    found = [each for each in every if each.severity == "error" or each.rule == case.rule]
    assert sorted(_shown(each, case.expect) for each in found) == sorted(case.expect), case.shows
    assert (case.rule not in {each.rule for each in found}) == case.is_good, "the file's name says otherwise"
    for each in every:
        _check_words(each)


@pytest.mark.parametrize("name", sorted(RULES))
def test_each_rule_has_cases_for_both_ends(name: str) -> None:
    assert ENDS[name] == {True, False}


@pytest.mark.parametrize("name", sorted(RULES))
def test_each_rule_explains_itself(name: str) -> None:
    text = RULES[name].text
    first, blank, rest = text.split("\n", 2)
    assert first.endswith("."), "the first line is the rule, in one sentence"
    assert blank == ""
    assert re.search(r"\nGood:\n\n {4}\S", text), "an example that is good"
    assert re.search(r"\nBad:\n\n {4}\S", text), "an example that is bad"
    assert text.index("Good:") < text.index("Bad:") < text.index("\nFix: ")
    assert len(first) <= 120
    assert rest.strip()


def test_no_case_is_about_a_rule_that_is_not_there() -> None:
    assert ENDS.keys() <= RULES.keys()


def _check_words(finding: Finding) -> None:
    """Each message is at most two short sentences, and so is each fix."""
    for text in (finding.message, finding.fix):
        assert text[-1] in ".!?)" or text.split()[0].endswith(":") or ": " in text, text
        assert "\n" not in text
        assert len(text) <= 220, text
        assert len(re.findall(r"[a-z)`][.!?] +[A-Z]", text)) <= 1, text


def _shown(finding: Finding, expected: list[str]) -> str:
    """A finding as the cases write it: with the column, where the case names one for that place."""
    path = "".join(f"\\x{ord(char) - 0xDC00:02x}" if 0xDC80 <= ord(char) <= 0xDCFF else char for char in finding.path)
    place = f"{finding.rule} {path}:{finding.line}"
    exact = f"{place}:{finding.column}"
    return place if place in expected else exact
