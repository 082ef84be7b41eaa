"""The reports for programs: our own JSON, and SARIF for code scanning."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any
from urllib.parse import quote

from skill_fleet.checks import RULES, Finding, Outcome


def json_report(outcome: Outcome, statistics: bool = False) -> str:
    """Return one JSON object: counts and findings, `existing`, a count, if there was a base, and `notes`, if any.


    With `statistics`, it has the number of findings of each rule instead of the findings.
    It is ASCII, so it contains no commands for a terminal.
    """
    facts: dict[str, object] = {"skills": outcome.skills, "errors": outcome.errors, "hints": outcome.hints}
    if outcome.existing is not None:
        facts["existing"] = len(outcome.existing)
    if outcome.notes:
        facts["notes"] = [{"path": path, "message": message} for path, message in outcome.notes]
    if statistics:
        facts["rules"] = dict(Counter(finding.rule for finding in outcome.findings).most_common())
        return f"{json.dumps(facts)}\n"
    rows = ",".join(f"\n{json.dumps(finding.as_json())}" for finding in outcome.findings)
    return f'{json.dumps(facts)[:-1]}, "findings": [{rows}]}}\n'


_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {"error": "error", "hint": "note"}


def sarif_report(outcome: Outcome) -> str:
    """Return one SARIF log with one run. It is ASCII."""
    used = sorted({finding.rule for finding in outcome.findings})
    run: dict[str, Any] = {
        "tool": {"driver": {"name": "skill-fleet", "rules": [_rule(name) for name in used]}},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The top of the repository."}}},
        "results": [_result(finding, used.index(finding.rule)) for finding in outcome.findings],
    }
    if outcome.notes:
        run["invocations"] = [
            {"executionSuccessful": True, "toolExecutionNotifications": [*map(_notification, outcome.notes)]}
        ]
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _notification(note: tuple[str, str]) -> dict[str, Any]:
    path, message = note
    return {
        "level": "note",
        "message": {"text": message},
        "locations": [{"physicalLocation": {"artifactLocation": _file(path)}}],
    }


def _file(path: str) -> dict[str, str]:
    # the path's bytes as Git has them, even if they are not UTF-8
    return {"uri": quote(path.encode("utf-8", "surrogateescape")), "uriBaseId": "SRCROOT"}


def _rule(name: str) -> dict[str, Any]:
    rule = RULES[name]
    return {
        "id": name,
        "shortDescription": {"text": rule.summary},
        "help": {"text": rule.text},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _result(finding: Finding, index: int) -> dict[str, Any]:
    region = {"startLine": finding.line, "startColumn": finding.column}
    return {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{finding.message} {finding.fix}"},
        "locations": [{"physicalLocation": {"artifactLocation": _file(finding.path), "region": region}}],
        "partialFingerprints": {"findingWithoutPlace/v1": _fingerprint(finding)},
    }


def _fingerprint(finding: Finding) -> str:
    """A hash that stays the same when the finding's line moves."""
    import hashlib  # 4 ms, and only this format needs it

    words = "\0".join((finding.rule, finding.path, finding.key or finding.message))
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()
