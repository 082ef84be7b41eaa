"""The report for code scanning. The schema here is that of the parts we write, with what SARIF 2.1.0 demands of them."""

from __future__ import annotations

import json
from dataclasses import replace

from jsonschema import Draft202012Validator

from reports.findings import CHANGED, ERROR, NOTED, OUTCOME
from skill_fleet.checks import Finding, Outcome
from skill_fleet.reports import sarif_report

TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
RULE = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string"},
        "shortDescription": TEXT,
        "help": TEXT,
        "defaultConfiguration": {"properties": {"level": LEVEL}, "additionalProperties": False},
    },
    "additionalProperties": False,
}
LOCATION = {
    "type": "object",
    "required": ["physicalLocation"],
    "properties": {
        "physicalLocation": {
            "required": ["artifactLocation"],
            "properties": {
                "artifactLocation": {
                    "properties": {
                        "uri": {"type": "string", "pattern": r"^[\x21-\x7e]+$"},
                        "uriBaseId": {"type": "string"},
                    },
                    "additionalProperties": False,
                },
                "region": {
                    "properties": {
                        "startLine": {"type": "integer", "minimum": 1},
                        "startColumn": {"type": "integer", "minimum": 1},
                    },
                    "additionalProperties": False,
                },
            },
            "additionalProperties": False,
        }
    },
    "additionalProperties": False,
}
RESULT = {
    "type": "object",
    "required": ["message"],
    "properties": {
        "ruleId": {"type": "string"},
        "ruleIndex": {"type": "integer", "minimum": -1},
        "level": LEVEL,
        "message": TEXT,
        "locations": {"type": "array", "items": LOCATION},
        "partialFingerprints": {"type": "object", "additionalProperties": {"type": "string"}},
    },
    "additionalProperties": False,
}
NOTIFICATION = {
    "type": "object",
    "required": ["message"],
    "properties": {"level": LEVEL, "message": TEXT, "locations": {"type": "array", "items": LOCATION}},
    "additionalProperties": False,
}
RUN = {
    "type": "object",
    "required": ["tool"],
    "properties": {
        "tool": {
            "required": ["driver"],
            "properties": {
                "driver": {
                    "required": ["name"],
                    "properties": {
                        "name": {"type": "string"},
                        "rules": {"type": "array", "items": RULE, "uniqueItems": True},
                    },
                    "additionalProperties": False,
                }
            },
            "additionalProperties": False,
        },
        "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
        "originalUriBaseIds": {"type": "object", "additionalProperties": {"properties": {"description": TEXT}}},
        "invocations": {
            "type": "array",
            "items": {
                "required": ["executionSuccessful"],
                "properties": {"toolExecutionNotifications": {"type": "array", "items": NOTIFICATION}},
            },
        },
        "results": {"type": "array", "items": RESULT},
    },
    "additionalProperties": False,
}
LOG = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "$schema": {"type": "string"},
        "version": {"const": "2.1.0"},
        "runs": {"type": "array", "items": RUN},
    },
    "additionalProperties": False,
}


def test_it_is_sarif() -> None:
    for outcome in (OUTCOME, CHANGED, Outcome(1, ()), NOTED):
        Draft202012Validator(LOG).validate(json.loads(sarif_report(outcome)))


def test_each_result_names_its_rule_and_its_line() -> None:
    run = json.loads(sarif_report(OUTCOME))["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    for result, finding in zip(run["results"], OUTCOME.findings, strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == finding.rule
        assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == finding.line


def test_a_finding_is_known_again_when_its_line_moves() -> None:
    def mark(finding: Finding) -> object:
        return json.loads(sarif_report(Outcome(1, (finding,))))["runs"][0]["results"][0]["partialFingerprints"]

    assert mark(ERROR) == mark(replace(ERROR, line=99, column=1))
    assert mark(ERROR) != mark(OUTCOME.findings[1])


def test_nothing_hostile_reaches_a_terminal() -> None:
    assert all(" " <= char <= "~" or char == "\n" for char in sarif_report(OUTCOME))
