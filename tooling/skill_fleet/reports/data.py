"""The report for programs."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from urllib.parse import quote

from skill_fleet.checks import Finding, Outcome
from skill_fleet.checks.rules import RULES


def json_report(outcome: Outcome) -> str:
    """One JSON object: counts, and the findings with the keys of `Finding.as_json`; `existing` if there was a base.

    Everything outside ASCII is escaped, so a terminal that shows it obeys nothing.
    """
    facts: dict[str, object] = {"skills": outcome.skills, "errors": outcome.errors, "hints": outcome.hints}
    if outcome.existing is not None:
        facts["existing"] = len(outcome.existing)
    facts["findings"] = [finding.as_json() for finding in outcome.findings]
    return json.dumps(facts, indent=2) + "\n"


SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {"error": "error", "hint": "note"}


def sarif_report(outcome: Outcome) -> str:
    """One SARIF log with one run. Only ASCII: everything else is escaped."""
    used = sorted({finding.rule for finding in outcome.findings})
    index = {name: number for number, name in enumerate(used)}
    driver = {
        "name": "skill-fleet",
        "rules": [_rule(name) for name in used],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The top of the repository."}}},
        "results": [_result(finding, index[finding.rule]) for finding in outcome.findings],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(name: str) -> dict[str, Any]:
    rule = RULES[name]
    return {
        "id": name,
        "shortDescription": {"text": rule.summary},
        "help": {"text": rule.text},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _result(finding: Finding, index: int) -> dict[str, Any]:
    # a path's bytes as Git has them, whether they are UTF-8 or not
    uri = quote(finding.path.encode("utf-8", "surrogateescape"))
    return {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{finding.message} {finding.fix}"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": uri, "uriBaseId": "SRCROOT"},
                    "region": {"startLine": finding.line, "startColumn": finding.column},
                }
            }
        ],
        "partialFingerprints": {"findingWithoutPlace/v1": _fingerprint(finding)},
    }


def _fingerprint(finding: Finding) -> str:
    """The same for the same finding when its line moves."""
    words = "\0".join((finding.rule, finding.path, finding.key or finding.message))
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()
