"""Secrets: keys and tokens whose makers gave them a form of their own.

The makers document the forms; their kinds are collected at
https://docs.github.com/en/code-security/secret-scanning/introduction/supported-secret-scanning-patterns. A kind belongs
here when its form alone distinguishes it from other text. The list is not complete. The patterns are our own: the usual
library had its last release two and a half years ago, and a false error costs more here than a missed kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from skill_fleet.checks.contexts import SkillContext
from skill_fleet.checks.rule import Violation, rule


@rule("safety/secret")
def secret(context: SkillContext) -> Iterator[Violation]:
    """No text contains a key or a token.

    Programs find it within minutes after a push, and it stays in the history when the line is deleted. Only tokens that
    have a form of their own are recognised. Obvious examples are allowed.
    Source: https://docs.github.com/en/code-security/secret-scanning/introduction/supported-secret-scanning-patterns

    Good:

        export GITHUB_TOKEN=...

    Bad:

        export GITHUB_TOKEN=ghp_ and 36 letters

    Fix: revoke it first, then remove it; read it from the environment.
    """
    for path, text in context.texts if _likely(context.all_text) else ():
        for kind, match in find_secrets(text):
            number = text.count("\n", 0, match.start()) + 1
            column = match.start() - text.rfind("\n", 0, match.start())
            message = f"This looks like a real {kind}. Programs find it within minutes after a push."
            fix = "Revoke it first, then remove it and read it from the environment."
            yield context.in_file(path, number, message, fix, column, key=match[0][:12])


SecretPattern = tuple[str, str, str]
"""A kind of secret, words of which each such secret contains one, and its pattern."""

_WORD = r"A-Za-z0-9_\-"

SECRET_PATTERNS: tuple[SecretPattern, ...] = (
    ("AWS key", "AKIA ASIA ABIA ACCA", r"\bA(?:KIA|SIA|BIA|CCA)[A-Z2-7]{16}\b"),
    ("AWS key", "ABSK", r"\bABSK[A-Za-z0-9+/]{109,269}"),
    ("GitHub token", "ghp_ gho_ ghu_ ghs_ ghr_", r"\bgh[pousr]_[A-Za-z0-9]{36,255}\b"),
    ("GitHub token", "github_pat_", r"github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"),
    ("GitLab token", "glpat- gldt- glft- glsoat- glrt- glcbt- glimt- glagent- gloas-",
        rf"\bgl(?:pat|dt|ft|soat|rt|cbt|imt|agent|oas)-[{_WORD}]{{20,}}"),
    ("GitLab token", "glptt-", r"\bglptt-[0-9a-f]{40}"),
    ("Slack token", "xox", r"\bxox[abeoprs](?:\.xox[bp])?-[0-9]{1,13}-[A-Za-z0-9-]{20,250}"),
    ("Slack token", "xapp-", r"\bxapp-[0-9]-[A-Z0-9]{5,20}-[0-9]{5,20}-[a-z0-9]{30,}"),
    ("Slack webhook", "hooks.slack.com/", r"hooks\.slack\.com/(?:services|workflows|triggers)/[A-Z0-9]{8,12}/[A-Z0-9]{8,12}/[A-Za-z0-9]{20,}"),
    ("Stripe key", "k_live_ k_prod_", r"\b[sr]k_(?:live|prod)_[A-Za-z0-9]{20,200}"),
    ("Stripe key", "whsec_", r"\bwhsec_[A-Za-z0-9+/]{32,64}"),
    ("Google key", "AIza", rf"\bAIza[{_WORD}]{{35}}(?![{_WORD}])"),
    ("Google secret", "GOCSPX-", rf"\bGOCSPX-[{_WORD}]{{28}}"),
    ("Google token", "ya29.", rf"\bya29\.[{_WORD}]{{50,}}"),
    ("OpenAI key", "sk-proj- sk-svcacct- sk-admin-", rf"\bsk-(?:proj|svcacct|admin)-[{_WORD}]{{40,200}}"),
    ("OpenAI key", "T3BlbkFJ", r"\bsk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}"),
    ("Anthropic key", "sk-ant-", rf"\bsk-ant-[a-z]{{3,5}}[0-9]{{2}}-[{_WORD}]{{80,120}}"),
    ("OpenRouter key", "sk-or-v1-", r"\bsk-or-v1-[0-9a-f]{64}"),
    ("Hugging Face token", "hf_ api_org_", r"\b(?:hf|api_org)_[A-Za-z]{34}\b"),
    ("Groq key", "gsk_", r"\bgsk_[A-Za-z0-9]{52}\b"),
    ("xAI key", "xai-", r"\bxai-[A-Za-z0-9]{80}\b"),
    ("Perplexity key", "pplx-", r"\bpplx-[A-Za-z0-9]{48}\b"),
    ("Replicate token", "r8_", r"\br8_[A-Za-z0-9]{37}\b"),
    ("npm token", "npm_", r"\bnpm_[A-Za-z0-9]{36}\b"),
    ("PyPI token", "pypi-AgE", rf"pypi-AgE(?:IcHlwaS5vcmc|NdGVzdC5weXBpLm9yZw)[{_WORD}]{{50,}}"),
    ("RubyGems token", "rubygems_", r"\brubygems_[0-9a-f]{48}\b"),
    ("Clojars token", "CLOJARS_", r"\bCLOJARS_[a-z0-9]{60}\b"),
    ("Docker token", "dckr_", rf"\bdckr_(?:pat|oat)_[{_WORD}]{{27,}}"),
    ("SendGrid key", "SG.", rf"\bSG\.[{_WORD}]{{22}}\.[{_WORD}]{{43}}"),
    ("Twilio key", "SK", r"\bSK[0-9a-f]{32}\b"),
    ("Mailgun key", "key-", r"\bkey-[0-9a-f]{32}\b"),
    ("Mailchimp key", "-us", r"\b[0-9a-f]{32}-us[0-9]{1,2}\b"),
    ("Telegram token", ":AA", rf"\b[0-9]{{8,10}}:AA[{_WORD}]{{33}}(?![{_WORD}])"),
    ("Discord token", ".", rf"\b[MNO][A-Za-z0-9_-]{{23,25}}\.[{_WORD}]{{6}}\.[{_WORD}]{{27,38}}(?![{_WORD}.])"),
    ("Discord webhook", "/api/webhooks/", rf"discord(?:app)?\.com/api/webhooks/[0-9]{{17,20}}/[{_WORD}]{{60,}}"),
    ("DigitalOcean token", "dop_v1_ doo_v1_ dor_v1_", r"\bdo[opr]_v1_[0-9a-f]{64}\b"),
    ("Heroku key", "HRKU-", rf"\bHRKU-AA[{_WORD}]{{58}}"),
    ("Fly token", "fm1_ fm2_", r"\bfm[12]_[A-Za-z0-9+/]{100,}"),
    ("Netlify token", "nfp_", r"\bnfp_[A-Za-z0-9]{36}\b"),
    ("Supabase key", "sbp_ sb_secret_", rf"\b(?:sbp_[0-9a-f]{{40}}|sb_secret_[{_WORD}]{{31}})"),
    ("PlanetScale token", "pscale_", rf"\bpscale_(?:tkn|pw|oauth)_[{_WORD}.]{{32,64}}"),
    ("Databricks token", "dapi", r"\bdapi[0-9a-f]{32}(?:-\d)?\b"),
    ("Cloudflare key", "v1.0-", r"\bv1\.0-[0-9a-f]{24}-[0-9a-f]{146}\b"),
    ("Azure secret", "Q~", r"(?<![\w~.-])[A-Za-z0-9_~.]{3}\dQ~[A-Za-z0-9_~.-]{31,34}(?![\w~.-])"),
    ("Alibaba key", "LTAI", r"\bLTAI[A-Za-z0-9]{20}\b"),
    ("Shopify token", "shpat_ shpca_ shppa_ shpss_", r"\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}\b"),
    ("Square token", "sq0 EAAA", rf"\b(?:sq0(?:atp|csp|idp)-[{_WORD}]{{22,43}}|EAAA[A-Za-z0-9_-]{{60}})(?![{_WORD}])"),
    ("Sentry token", "sntry", r"\bsntry(?:u_[0-9a-f]{64}|s_eyJ[A-Za-z0-9+/=_]{80,})"),
    ("Grafana token", "glsa_ glc_eyJ", r"\b(?:glsa_[A-Za-z0-9]{32}_[0-9a-f]{8}|glc_eyJ[A-Za-z0-9+/=]{60,})"),
    ("New Relic key", "NRAK-", r"\bNRAK-[A-Z0-9]{27}\b"),
    ("Datadog token", "ddpat_ ddapp_", r"\bdd(?:pat|app)_[A-Za-z0-9]{32,}"),
    ("Vault token", "hvs. hvb. hvr.", rf"\bhv[sbr]\.[{_WORD}]{{90,}}"),
    ("Terraform token", ".atlasv1.", rf"\b[A-Za-z0-9]{{14}}\.atlasv1\.[{_WORD}]{{60,70}}"),
    ("Pulumi token", "pul-", r"\bpul-[0-9a-f]{40}\b"),
    ("Doppler token", "dp.", r"\bdp\.(?:pt|st|ct|sa|scim|audit)\.(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,44}\b"),
    ("1Password token", "ops_eyJ", r"\bops_eyJ[A-Za-z0-9+/]{250,}"),
    ("age key", "AGE-SECRET-KEY-1", r"\bAGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}\b"),
    ("Linear key", "lin_api_", r"\blin_api_[A-Za-z0-9]{40}\b"),
    ("Notion token", "ntn_", r"\bntn_[0-9]{11}[A-Za-z0-9]{35}\b"),
    ("Airtable token", "pat", r"\bpat[A-Za-z0-9]{14}\.[0-9a-f]{64}\b"),
    ("Atlassian token", "ATATT3", r"\bATATT3[A-Za-z0-9_=-]{180,200}"),
    ("Figma token", "figd_", rf"\bfigd_[{_WORD}]{{40}}"),
    ("Dropbox token", "sl.", rf"\bsl\.(?:u\.)?[{_WORD}]{{130,}}"),
    ("Postman key", "PMAK-", r"\bPMAK-[0-9a-f]{24}-[0-9a-f]{34}\b"),
    ("JSON Web Token", "eyJ", rf"\beyJ[{_WORD}]{{15,}}\.eyJ[{_WORD}]{{15,}}\.[{_WORD}]{{40,}}"),
)  # fmt: skip
# These have no form of their own, only a name before them. Slashes and pluses may leave no long run in them.
NAMED_PATTERNS: tuple[SecretPattern, ...] = (
    ("AWS key", "ecret_access_key ECRET_ACCESS_KEY ecretAccessKey",
        r"(?i:secret_?access_?key)[\"']?\s{0,3}[=:]\s{0,3}[\"']?[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])"),
    ("Azure storage key", "AccountKey=", r"\bAccountKey=[A-Za-z0-9+/]{86}=="),
)  # fmt: skip
_PRIVATE_KEY = (
    "private key",
    "PRIVATE KEY",
    r"-----BEGIN (?:[A-Z]{2,10} )?PRIVATE KEY(?: BLOCK)?-----(?:\\n|\s){1,20}"
    r"(?:[A-Za-z-]{4,20}: [^\n\\]{1,80}(?:\\n|\s){1,20}){0,4}[A-Za-z0-9+/=]{40}",
)
_BY_WORD = [(word, pattern) for pattern in SECRET_PATTERNS for word in pattern[1].split()]
_BY_NAME = [(word.encode(), pattern) for pattern in NAMED_PATTERNS for word in pattern[1].split()]
_BY_NAME.append((b"PRIVATE KEY", _PRIVATE_KEY))
_EXAMPLE = re.compile(r"EXAMPLE|example|X{4}|x{4}|0{6}|123456|abcdef|ABCDEF|your|fake|dummy|test|sample", re.IGNORECASE)

# Supabase's tokens with the role `anon` are meant to be public.
_HARMLESS_CLAIMS = re.compile(rb'12345|John Doe|example|test|demo|sample|"role": ?"anon"', re.IGNORECASE)

# Every token above has twenty letters, digits, hyphens or underscores in a row, and few texts have. The rest of the token is
# a little before them in the same line.
_RUN = 20
_BEFORE = 64
_MARKED = bytes(97 if chr(code).isascii() and (chr(code).isalnum() or chr(code) in "_-") else 32 for code in range(256))


def find_secrets(text: str) -> Iterator[tuple[str, re.Match[str]]]:
    """Find what looks like a key or a token, each with its kind. Obvious examples are left out."""
    for kind, _, pattern in _likely(text.encode("ascii", "replace")):
        yield from ((kind, match) for match in _compiled(pattern).finditer(text) if not _is_example(kind, match[0]))


def _likely(content: bytes) -> Iterable[SecretPattern]:
    """The patterns that may match in `content`, which is ASCII or contains it, as UTF-8 does."""
    near = _near_runs(content).decode("ascii", "replace")
    found = [each for word, each in _BY_WORD if word in near and _compiled(each[2]).search(near)] if near else []
    return dict.fromkeys([*found, *(each for word, each in _BY_NAME if word in content)])


def _near_runs(content: bytes) -> bytes:
    """The long runs of letters, with the text shortly before them: the few places where a token can be."""
    marked = content.translate(_MARKED)
    spans: list[tuple[int, int]] = []
    run = b"a" * _RUN
    at = marked.find(run)
    while at >= 0:
        end = marked.find(b" ", at)
        end = len(marked) if end < 0 else end
        if not _is_word(content[at:end]):
            start = max(at - _BEFORE, 0)
            if spans and start <= spans[-1][1]:  # a token of several runs stays together
                start = spans.pop()[0]
            spans.append((start, end))
        at = marked.find(run, end)
    return b"\n".join(content[start:end] for start, end in spans)


def _is_word(run: bytes) -> bool:
    """Whether a run has only lower-case letters, hyphens and underscores, as in names and in the lines of tables."""
    letters = run.replace(b"-", b"").replace(b"_", b"")
    return not letters or (letters.isalpha() and letters.islower())


def _is_example(kind: str, token: str) -> bool:
    """Whether a token is obviously an example; a JSON Web Token by its claims."""
    if kind == _PRIVATE_KEY[0]:
        return len(set(token[-40:])) < 10
    if _EXAMPLE.search(token) or len(set(token)) < 10:
        return True
    if kind != "JSON Web Token":
        return False
    import base64

    middle = token.split(".")[1]
    try:
        claims = base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4))
    except ValueError:
        return True  # without claims it is no token
    return bool(_HARMLESS_CLAIMS.search(claims))


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compiled on first use: most texts need none of them, and all of them take 20 ms."""
    return re.compile(pattern)
