"""What looks like a key or a token.

The patterns are our own: the usual library for it had its last release two and a half years before this was written, and a
wrong error costs more here than a missed kind of token. Absence proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from skill_fleet.checks.reading import Reading
from skill_fleet.checks.rule import Spot, rule
from skill_fleet.checks.tokens import tokens_in


@rule("safety/secret")
def secret(reading: Reading) -> Iterator[Spot]:
    """No text holds what looks like a key or a token.

    What is pushed is read by machines within minutes, and stays in the history when the line is gone. Only tokens whose
    makers gave them a form of their own are looked for, and made-up ones are let pass.
    Source: https://docs.github.com/en/code-security/secret-scanning/introduction/supported-secret-scanning-patterns

    Good:

        export GITHUB_TOKEN=...

    Bad:

        export GITHUB_TOKEN=ghp_ and 36 letters

    Mend: revoke it first, then take it out; read it from the environment.
    """
    for path, text in reading.texts:
        for kind, match in tokens_in(text):
            number = text.count("\n", 0, match.start()) + 1
            column = match.start() - text.rfind("\n", 0, match.start())
            message = f"This looks like a real {kind}, and whatever is pushed is read by machines within minutes."
            fix = "Revoke it first, then take it out and read it from the environment."
            yield Spot(reading.skill.inside(path), number, message, fix, column, key=match[0][:12])
