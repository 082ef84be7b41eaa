"""skill-fleet explain"""

from __future__ import annotations

import click


@click.command("explain")
@click.argument("rule", required=False)
def explain(rule: str | None) -> None:
    """Say what a rule wants, why, and how to mend it.

    RULE is a rule such as spec/name-format, or a family such as spec. Without it, all rules are listed.
    """
    from skill_fleet.checks.explain import explain as text_of
    from skill_fleet.checks.rules import RULES

    names = [rule] if rule else sorted({each.family for each in RULES.values()})
    click.echo("\n".join(text_of(name).rstrip("\n") for name in names))
