"""The report for programs: exactly the keys of the design."""

from __future__ import annotations

import json

from reports.findings import CHANGED, CLEAN, OUTCOME
from skill_fleet.reports import json_report


def test_the_keys_are_the_designs() -> None:
    facts = json.loads(json_report(OUTCOME))
    assert list(facts) == ["skills", "errors", "hints", "findings"]
    assert (facts["skills"], facts["errors"], facts["hints"]) == (3, 3, 1)
    assert facts["findings"][0] == {
        "rule": "spec/name",
        "severity": "error",
        "skill": "web/demo",
        "path": "skills/web/demo/SKILL.md",
        "line": 2,
        "column": 7,
        "message": "The name `Demo` has upper-case letters.",
        "fix": "Call it `demo`.",
    }


def test_a_base_adds_what_was_there() -> None:
    assert json.loads(json_report(CHANGED))["existing"] == 1
    assert "existing" not in json.loads(json_report(CLEAN))


def test_nothing_hostile_reaches_a_terminal() -> None:
    assert json_report(OUTCOME).isascii()
    assert all(char.isprintable() or char == "\n" for char in json_report(OUTCOME))


def test_statistics_take_the_place_of_the_findings() -> None:
    facts = json.loads(json_report(OUTCOME, statistics=True))
    assert sum(facts["rules"].values()) == len(OUTCOME.findings)
    assert "findings" not in facts
