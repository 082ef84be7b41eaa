"""Every kind of token is found as its maker describes it, and what is made up for an example is not."""

from __future__ import annotations

import base64
import random
import string

import pytest

from skill_fleet.checks import NAMED_PATTERNS, SECRET_PATTERNS, find_secrets

HEX, DIGITS, UPPER, LOWER = "0123456789abcdef", string.digits, string.ascii_uppercase, string.ascii_lowercase
LETTERS = string.ascii_letters
ALNUM = LETTERS + DIGITS
WORD = f"{ALNUM}_-"
_chance = random.Random(11)


def some(alphabet: str, count: int) -> str:
    return "".join(_chance.choices(alphabet, k=count))


def claims(text: str) -> str:
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').decode().rstrip("=")
    return f"{head}.{base64.urlsafe_b64encode(text.encode()).decode().rstrip('=')}.{some(WORD, 43)}"


# Written in parts, so that no scanner takes this file for a leak.
TOKENS = [
    ("AWS key", "AK" + "IA" + some(f"{UPPER}234567", 16)),
    ("AWS key", "AS" + "IA" + some(f"{UPPER}234567", 16)),
    ("AWS key", "AB" + "SK" + some(ALNUM, 110)),
    ("AWS key", "aws_secret_access_key = " + some(f"{ALNUM}/", 40)),
    ("AWS key", '"SecretAccessKey": "' + some(f"{ALNUM}+", 40) + '"'),
    *(("GitHub token", f"gh{each}" + "_" + some(ALNUM, 36)) for each in "pousr"),
    ("GitHub token", "github_" + "pat_" + some(ALNUM, 22) + "_" + some(ALNUM, 59)),
    *(("GitLab token", f"gl{each}" + "-" + some(WORD, 20)) for each in ("pat", "dt", "ft", "soat", "rt", "cbt", "agent")),
    ("GitLab token", "glp" + "tt-" + some(HEX, 40)),
    ("Slack token", "xo" + "xb-" + some(DIGITS, 12) + "-" + some(DIGITS, 12) + "-" + some(ALNUM, 24)),
    ("Slack token", "xo" + "xe.xo" + "xp-1-" + some(ALNUM, 160)),
    ("Slack token", "xa" + "pp-1-A" + some(DIGITS, 10) + "-" + some(DIGITS, 12) + "-" + some(HEX, 64)),
    ("Slack webhook", "https://hooks.slack" + ".com/services/T" + some(ALNUM.upper(), 8) + "/B" + some(DIGITS, 8) + "/" + some(ALNUM, 24)),
    ("Stripe key", "sk_" + "live_" + some(ALNUM, 24)),
    ("Stripe key", "rk_" + "live_" + some(ALNUM, 99)),
    ("Stripe key", "wh" + "sec_" + some(ALNUM, 32)),
    ("Google key", "AI" + "za" + some(ALNUM, 35)),
    ("Google secret", "GOC" + "SPX-" + some(ALNUM, 28)),
    ("Google token", "ya" + "29." + some(WORD, 120)),
    ("OpenAI key", "sk-" + "proj-" + some(ALNUM, 120)),
    ("OpenAI key", "sk-" + some(ALNUM, 20) + "T3Blbk" + "FJ" + some(ALNUM, 20)),
    ("Anthropic key", "sk-" + "ant-api03-" + some(ALNUM, 93) + "AA"),
    ("OpenRouter key", "sk-" + "or-v1-" + some(HEX, 64)),
    ("Hugging Face token", "h" + "f_" + some(LETTERS, 34)),
    ("Groq key", "gs" + "k_" + some(ALNUM, 52)),
    ("xAI key", "x" + "ai-" + some(ALNUM, 80)),
    ("Perplexity key", "pp" + "lx-" + some(ALNUM, 48)),
    ("Replicate token", "r" + "8_" + some(ALNUM, 37)),
    ("npm token", "np" + "m_" + some(ALNUM, 36)),
    ("PyPI token", "pypi-" + "AgEIcHlwaS5vcmc" + some(ALNUM, 70)),
    ("RubyGems token", "ruby" + "gems_" + some(HEX, 48)),
    ("Clojars token", "CLO" + "JARS_" + some(LOWER + DIGITS, 60)),
    ("Docker token", "dckr" + "_pat_" + some(ALNUM, 27)),
    ("SendGrid key", "S" + "G." + some(ALNUM, 22) + "." + some(ALNUM, 43)),
    ("Twilio key", "S" + "K" + some(HEX, 32)),
    ("Mailgun key", "ke" + "y-" + some(HEX, 32)),
    ("Mailchimp key", some(HEX, 32) + "-us" + "12"),
    ("Telegram token", some(DIGITS, 10) + ":A" + "A" + some(ALNUM, 33)),
    ("Discord token", "M" + some(ALNUM, 23) + "." + some(ALNUM, 6) + "." + some(ALNUM, 38)),
    ("Discord webhook", "https://discord.com/api" + "/webhooks/" + some(DIGITS, 18) + "/" + some(ALNUM, 68)),
    ("DigitalOcean token", "do" + "p_v1_" + some(HEX, 64)),
    ("Heroku key", "HR" + "KU-AA" + some(ALNUM, 58)),
    ("Fly token", "fm" + "2_" + some(ALNUM, 120)),
    ("Netlify token", "nf" + "p_" + some(ALNUM, 36)),
    ("Supabase key", "sb" + "p_" + some(HEX, 40)),
    ("PlanetScale token", "psc" + "ale_tkn_" + some(ALNUM, 43)),
    ("Databricks token", "da" + "pi" + some(HEX, 32)),
    ("Cloudflare key", "v1" + ".0-" + some(HEX, 24) + "-" + some(HEX, 146)),
    ("Azure secret", some(ALNUM, 3) + "8" + "Q~" + some(ALNUM, 34)),
    ("Azure storage key", "Account" + "Key=" + some(f"{ALNUM}+/", 86) + "=="),
    ("Alibaba key", "LT" + "AI" + some(ALNUM, 20)),
    ("Shopify token", "shp" + "at_" + some(HEX, 32)),
    ("Square token", "sq0" + "atp-" + some(ALNUM, 22)),
    ("Sentry token", "snt" + "ryu_" + some(HEX, 64)),
    ("Grafana token", "gl" + "sa_" + some(ALNUM, 32) + "_" + some(HEX, 8)),
    ("New Relic key", "NR" + "AK-" + some(UPPER + DIGITS, 27)),
    ("Datadog token", "dd" + "pat_" + some(ALNUM, 40)),
    ("Vault token", "hv" + "s." + some(ALNUM, 95)),
    ("Terraform token", some(ALNUM, 14) + ".atlas" + "v1." + some(ALNUM, 67)),
    ("Pulumi token", "pu" + "l-" + some(HEX, 40)),
    ("Doppler token", "dp" + ".pt." + some(ALNUM, 43)),
    ("1Password token", "ops_" + "eyJ" + some(ALNUM, 260)),
    ("age key", "AGE-SECRET-" + "KEY-1" + some("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58)),
    ("Linear key", "lin_" + "api_" + some(ALNUM, 40)),
    ("Notion token", "nt" + "n_" + some(DIGITS, 11) + some(ALNUM, 35)),
    ("Airtable token", "pa" + "t" + some(ALNUM, 14) + "." + some(HEX, 64)),
    ("Atlassian token", "ATA" + "TT3" + some(ALNUM, 186)),
    ("Figma token", "fi" + "gd_" + some(ALNUM, 40)),
    ("Dropbox token", "s" + "l." + some(ALNUM, 135)),
    ("Postman key", "PM" + "AK-" + some(HEX, 24) + "-" + some(HEX, 34)),
    ("JSON Web Token", claims('{"sub":"u-8812","iss":"https://login.acme.io"}')),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "token"), TOKENS, ids=[kind for kind, _ in TOKENS])
def test_a_token_is_found_wherever_it_stands(kind: str, token: str) -> None:
    """Alone, in a sentence, in quotes, in a command, behind characters of several bytes."""
    for text in (
        token,
        f"é→ 'x' Use {token} here.\n",
        f'key: "{token}"\n',
        f"é\n\n    run --key={token}\n",
        f"`{token}`",
    ):
        found = [(found, match[0] in text) for found, match in find_secrets(text)]
        assert (kind, True) in found


def test_every_kind_has_a_token_here() -> None:
    """A form that no test has seen finding anything may find nothing."""
    assert {kind for kind, *_ in (*SECRET_PATTERNS, *NAMED_PATTERNS)} == {kind for kind, _ in TOKENS}


@pytest.mark.parametrize("newline", ["\n", "\\n", "\r\n", "\n    "])
def test_a_private_key_is_found(newline: str) -> None:
    """As a file, in a JSON string, indented in YAML, with headers of its own."""
    for name in ("PRIVATE KEY", "RSA PRIVATE KEY", "PGP PRIVATE KEY BLOCK"):
        for head in ("", f"Proc-Type: 4,ENCRYPTED{newline}{newline}"):
            text = f"-----BEGIN {name}-----{newline}{head}{some(ALNUM, 64)}{newline}"
            assert [kind for kind, _ in find_secrets(text)] == ["private key"]


@pytest.mark.parametrize(
    "text",
    [
        "gh" + "p_" + "x" * 36,
        "AK" + "IAIOSFODNN7EXAMPLE",
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "sk-" + "proj-your-key-here-0000000000000000000000000000000000",
        "-----BEGIN PRIVATE KEY-----\nMIIE...\n-----END PRIVATE KEY-----",
        "gh" + "p_abcdefghijklmnopqrstuvwxyz0123456789",
        claims('{"sub":"1234567890","name":"John Doe","iat":1516239022}'),
        claims('{"iss":"supabase","ref":"abcdqwertz","role":"anon","iat":1}'),
        "see https://git.example/blob/0123456789abcdef0123456789abcdef01234567/README.md",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "|--------------------------|--------------------------|",
    ],
)
def test_what_is_nobodys_is_let_pass(text: str) -> None:
    """Examples of documentation, placeholders, hashes and rules of tables."""
    assert list(find_secrets(text)) == []
