"""skill-fleet explain"""

from __future__ import annotations

import click

from skill_fleet import checks
from skill_fleet.cli.lazy import complete_rules
from skill_fleet.cli.options import format_option, say_json


@click.command("explain")
@click.argument("rule", required=False, shell_complete=complete_rules)
@format_option
def explain(rule: str | None, form: str) -> None:
    """Explain a rule and how to fix violations.

    RULE is a rule such as spec/name, or a family such as spec. Without it, all rules are listed.
    """
    names = sorted({each.family for each in checks.RULES.values()}) if rule is None else [rule]
    text = "\n".join(checks.explain(name).rstrip("\n") for name in names)
    if form == "text":
        click.echo(text)
        return
    fields = ("severity", "scope", "summary", "text")
    wanted = [
        each for _, each in sorted(checks.RULES.items()) if rule is None or rule.rstrip("/") in (each.name, each.family)
    ]
    say_json([{"rule": each.name} | {field: getattr(each, field) for field in fields} for each in wanted])
