"""What a rule wants and why, for people."""

from __future__ import annotations

from skill_fleet.checks.rules import RULES
from skill_fleet.checks.selection import unknown


def explain(name: str) -> str:
    """The text on the rule `name`, or the list of the rules of a family; UserError when there is neither."""
    if name in RULES:
        rule = RULES[name]
        return f"{rule.name} ({rule.severity})\n\n{rule.text}\n"
    family = [rule for rule in RULES.values() if rule.family == name.rstrip("/")]
    if not family:
        raise unknown(name)
    width = max(len(rule.name) for rule in family)
    rows = [
        f"{rule.name:<{width}}  {rule.severity:<5}  {rule.summary}" for rule in sorted(family, key=lambda r: r.name)
    ]
    return "\n".join(rows) + "\n"


def rule_table() -> str:
    """All rules as a Markdown table, for the documentation."""
    rows = ["| rule | severity | what it wants |", "| --- | --- | --- |"]
    for rule in sorted(RULES.values(), key=lambda rule: rule.name):
        rows.append(f"| `{rule.name}` | {rule.severity} | {rule.summary.replace('|', chr(92) + '|')} |")
    return "\n".join(rows) + "\n"
