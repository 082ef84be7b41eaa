"""The baseline: findings that a repository had when it began to be checked, and that fail nothing until they are fixed.

One line for each finding: the rule, the path, a hash of the finding's key. The first line lists the rules that there were.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import replace
from urllib.parse import quote, unquote

from skill_fleet.checks.rule import Finding, Outcome
from skill_fleet.checks.rules import RENAMED, RULES
from skill_fleet.errors import UserError
from skill_fleet.fleet import BASELINE_FILE

_HEAD = "# Findings from before skill-fleet, for these rules:"
_UNSAFE = "safety"

Line = tuple[str, str, str]
"""A rule, a path, and the hash of a key."""


def render_baseline(findings: Iterable[Finding]) -> str:
    """The baseline with these findings, except those about safety: nobody takes one in without reading it."""
    lines = sorted(_line(each) for each in findings if _family(each.rule) != _UNSAFE)
    return _text(RULES, lines)


def with_baseline(
    outcome: Outcome, content: bytes, paths: Collection[str], is_whole: bool = True
) -> tuple[Outcome, str]:
    """Set the findings aside that are in the baseline `content`; return also the baseline without what is fixed.

    A finding in a file that was renamed is still the same: `paths` are the files that exist. A rule that is newer than the
    baseline gives hints, but for safety. Lines without a finding are out of date if `is_whole`: everything was checked.
    UserError when the baseline cannot be read.
    """
    rules, listed = _read(content)
    left = Counter(listed)
    new: list[Finding] = []
    existing: list[Finding] = []
    moved: list[Finding] = []
    for finding in outcome.findings:
        (existing if left[_line(finding)] > 0 else moved).append(finding)
        left[_line(finding)] -= 1
    gone: dict[tuple[str, str], list[Line]] = {}
    for line in sorted((+left).elements(), reverse=True):
        if line[1] not in paths:
            gone.setdefault((line[0], line[2]), []).append(line)
    for finding in moved:
        rule, path, key = _line(finding)
        if before := gone.get((rule, key)):
            same = next((each for each in before if _name(each[1]) == _name(path)), before[-1])
            before.remove(same)
            left[same] -= 1
            existing.append(finding)
        elif finding.severity == "error" and rule not in rules and _family(rule) != _UNSAFE:
            new.append(replace(finding, severity="hint"))
        else:
            new.append(finding)
    stale = +left
    unsafe = [(each.path, f"{each.rule} is in the baseline.") for each in existing if _family(each.rule) == _UNSAFE]
    fixed = [(BASELINE_FILE, f"Lines out of date: {stale.total()}. Remove them: skill-fleet validate --prune-baseline")]
    result = replace(
        outcome,
        findings=tuple(sorted(new)),
        existing=tuple(sorted([*(outcome.existing or ()), *existing])),
        notes=(*outcome.notes, *unsafe, *(fixed if stale and is_whole else ())),
    )
    return result, _text(rules, sorted((Counter(listed) - stale).elements()))


def _line(finding: Finding) -> Line:
    key = (finding.key or finding.message).encode("utf-8", "surrogatepass")
    return finding.rule, finding.path, hashlib.sha256(key).hexdigest()[:16]


def _family(rule: str) -> str:
    return rule.partition("/")[0]


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _text(rules: Iterable[str], lines: Iterable[Line]) -> str:
    written = (f"{rule} {quote(path.encode('utf-8', 'surrogateescape'))} {key}\n" for rule, path, key in lines)
    return "".join([f"{_HEAD} {' '.join(sorted(rules))}\n", *sorted(written)])


def _read(content: bytes) -> tuple[set[str], list[Line]]:
    """The rules and the lines of a baseline, under the names that the rules have now."""
    rules: set[str] = set()
    lines = []
    for number, row in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
        if row.startswith("#"):
            rules.update(RENAMED.get(each, each) for each in row.removeprefix(_HEAD).split())
            continue
        words = row.split()
        if words and len(words) != 3:
            raise UserError(
                f"{BASELINE_FILE}:{number} is not RULE PATH HASH.", f"Restore it: git checkout HEAD -- {BASELINE_FILE}"
            )
        if words:
            lines.append((RENAMED.get(words[0], words[0]), unquote(words[1], errors="surrogateescape"), words[2]))
    return rules, lines
