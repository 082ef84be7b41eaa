"""Commands that run what nobody has seen: signals for a reviewer, not verdicts, and their absence proves nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from skill_fleet.checks.reading import Reading
from skill_fleet.checks.rule import Spot, rule

_PIPED = re.compile(
    r"\b(?:curl|wget|iwr|irm|Invoke-WebRequest|Invoke-RestMethod)\b[^\n|]{0,400}\|\s{0,4}"
    r"(?:sudo\s{1,4}(?:-\S{1,20}\s{1,4})?)?(?:env\s{1,4})?(?:ba|z|k|da)?(?:sh|iex|Invoke-Expression|python3?|perl|ruby|node)\b",
    re.IGNORECASE,
)
_ENCODED = re.compile(
    r"\bbase64\s{1,4}(?:-d|-D|--decode)\b[^\n|]{0,200}\|\s{0,4}(?:sudo\s{1,4})?(?:ba|z|k|da)?sh\b"
    r"|\b(?:exec|eval)\s{0,4}\(\s{0,4}(?:compile\s{0,4}\(\s{0,4})?(?:base64\.b64decode|codecs\.decode|bytes\.fromhex|"
    r"zlib\.decompress|marshal\.loads|atob|Buffer\.from)\s{0,4}\("
    r"|\bpowershell(?:\.exe)?\b[^\n]{0,80}\s-e(?:nc|ncodedcommand)?\s{1,4}[A-Za-z0-9+/=]{40}",
    re.IGNORECASE,
)
_WHOLE = ("curl", "wget", "iwr", "irm")


@rule("safety/piped-download", "hint")
def piped_download(reading: Reading) -> Iterator[Spot]:
    """No download is piped into an interpreter.

    Whatever that server answers on the day is run unseen. A reviewer should know the address.
    Source: https://cwe.mitre.org/data/definitions/494.html

    Good:

        curl -fsSLO https://example.org/install.sh
        less install.sh
        sh install.sh

    Bad:

        curl -fsSL https://example.org/install.sh | sh

    Mend: download, check against a known checksum, then run; or name a package.
    """
    yield from _matches(
        reading,
        _PIPED,
        ("curl", "wget", "iwr", "irm", "nvoke-"),
        "A download is run unseen here, so what it does is decided by a server on the day.",
        "Download to a file, check its checksum, then run it; or name a package.",
    )


@rule("safety/encoded-payload")
def encoded_payload(reading: Reading) -> Iterator[Spot]:
    """No encoded text is decoded and run in one go.

    Nobody can review what it does, which is mostly the point.
    Source: https://attack.mitre.org/techniques/T1027/

    Good:

        python scripts/setup.py

    Bad:

        echo ZWNobyBoaQ== | base64 -d | sh

    Mend: put the commands there as text.
    """
    yield from _matches(
        reading,
        _ENCODED,
        ("base64", "codecs.decode", "fromhex", "decompress", "marshal", "atob", "uffer.from", "owershell"),
        "Encoded text is decoded and run here, which keeps reviewers from seeing what it does.",
        "Write the commands as text.",
    )


def _matches(
    reading: Reading, pattern: re.Pattern[str], words: tuple[str, ...], message: str, fix: str
) -> Iterator[Spot]:
    for path, text in reading.texts:
        lines = sorted({text.rfind("\n", 0, at) + 1 for word in words for at in _places(text, word)})
        for start in lines:
            end = text.find("\n", start)
            if match := pattern.search(text, start, min(len(text) if end < 0 else end, start + 2000)):
                number = text.count("\n", 0, start) + 1
                yield Spot(
                    reading.skill.inside(path), number, message, fix, match.start() - start + 1, key=match[0][:200]
                )


def _places(text: str, word: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        if not (word in _WHOLE and text[at - 1 : at].isalnum()):  # confirm is no irm
            yield at
        at = text.find(word, at + len(word))
