"""What looks like a key or a token.

The patterns are our own: the usual library for it had its last release two and a half years before this was written, and a
wrong error costs more here than a missed kind of token. Absence proves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from skill_fleet.checks.reading import Reading
from skill_fleet.checks.rule import Spot, rule

# Tokens that their makers gave a form of their own, so that they can be recognised; documented by each of them and
# collected at https://docs.github.com/en/code-security/secret-scanning/introduction/supported-secret-scanning-patterns
_SECRETS = tuple(
    (kind, starts, re.compile(pattern))
    for kind, starts, pattern in (
        ("AWS key", ("AKIA", "ASIA"), r"(?<![A-Za-z0-9])A[KS]IA[A-Z2-7]{16}(?![A-Za-z0-9])"),
        ("GitHub token", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), r"gh[pousr]_[A-Za-z0-9]{36}(?![A-Za-z0-9])"),
        ("GitHub token", ("github_pat_",), r"github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"),
        ("GitLab token", ("glpat-",), r"glpat-[A-Za-z0-9_-]{20}"),
        ("Slack token", ("xox",), r"xox[abprs]-[0-9]{10,13}-[A-Za-z0-9-]{20,80}"),
        ("Stripe key", ("k_live_",), r"[sr]k_live_[A-Za-z0-9]{24,99}"),
        ("Google key", ("AIza",), r"AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])"),
        ("OpenAI key", ("sk-proj-", "sk-svcacct-"), r"sk-(?:proj|svcacct)-[A-Za-z0-9_-]{40,200}"),
        ("OpenAI key", ("T3BlbkFJ",), r"sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}"),
        ("Anthropic key", ("sk-ant-",), r"sk-ant-[a-z]{3,5}[0-9]{2}-[A-Za-z0-9_-]{80,120}"),
        ("npm token", ("npm_",), r"npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])"),
        ("PyPI token", ("pypi-AgE",), r"pypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,200}"),
        (
            "private key",
            (" PRIVATE KEY-----", "-----BEGIN PRIVATE KEY"),
            r"-----BEGIN (?:[A-Z]{2,10} )?PRIVATE KEY-----\r?\n[A-Za-z0-9+/=]{40}",
        ),
    )
)
_MADE_UP = re.compile(r"EXAMPLE|example|X{4}|x{4}|0{6}|123456|abcdef|ABCDEF|your|fake|dummy|test", re.IGNORECASE)


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


def tokens_in(text: str) -> Iterator[tuple[str, re.Match[str]]]:
    """What looks like a key or a token in any text, each with its kind."""
    for kind, starts, pattern in _SECRETS:
        if any(start in text for start in starts):
            for match in pattern.finditer(text):
                if kind == "private key" or not (_MADE_UP.search(match[0]) or len(set(match[0])) < 10):
                    yield kind, match
