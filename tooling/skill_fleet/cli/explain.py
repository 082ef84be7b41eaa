"""skill-fleet explain"""

from __future__ import annotations

import click

from skill_fleet.cli.options import format_option, say_json


@click.command("explain")
@click.argument("rule", required=False)
@format_option
def explain(rule: str | None, form: str) -> None:
    """Explain a rule and how to fix violations.

    RULE is a rule such as spec/name, or a family such as spec. Without it, all rules are listed.
    """
    from skill_fleet.checks import RULES, explain as text_of

    names = sorted({each.family for each in RULES.values()}) if rule is None else [rule]
    text = "\n".join(text_of(name).rstrip("\n") for name in names)
    if form == "text":
        click.echo(text)
        return
    wanted = [each for _, each in sorted(RULES.items()) if rule is None or rule.rstrip("/") in (each.name, each.family)]
    say_json(
        [
            {
                "rule": each.name,
                "severity": each.severity,
                "scope": each.scope,
                "summary": each.summary,
                "text": each.text,
            }
            for each in wanted
        ]
    )
