"""What a model wrote must not carry the secrets of the job that asked it, whoever talked the model into it.

The job's own values are known, so they are looked for by themselves: as they are, encoded in the ways that a model can
write by heart, and with anything but letters and digits between. Other people's tokens are known by their forms.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote

from skill_fleet.checks.tokens import tokens_in
from skill_fleet.review.rounds import Revised, Reviser, Round

LEAKED = "What was written for this holds a secret, so none of it is used."
_NAMES = re.compile(r"(?:TOKEN|KEY|SECRET|PASSWORD|PASSWD|CREDENTIAL)S?\Z", re.IGNORECASE)
_SHORTEST = 8  # letters and digits; a shorter value stands in any text
_WORD = re.compile(r"[a-z]+|[A-Z]+")  # a plain word is a setting: to look for it would forbid the word


def own_secrets(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The values in an environment whose names say that they are secret."""
    values = {value.strip() for name, value in environ.items() if _NAMES.search(name)}
    return tuple(sorted(value for value in values if len(_bare(value)) >= _SHORTEST and not _WORD.fullmatch(value)))


def guarded(reviser: Reviser, secrets: Iterable[str]) -> Reviser:
    """The same reviser, of whom nothing is taken when files or replies hold one of `secrets`, or what looks like one."""
    forms = {form for value in secrets for form in _forms(value)}

    def revise(given: Round) -> Revised:
        made = reviser(given)
        new = [text for path, text in made.files.items() if given.files.get(path) != text]
        texts = [*new, *made.files, *(reply.text for reply in made.replies), made.by, made.failed]
        # paths and names are joined with the texts, so that a value cut in two between them is found as well
        all_of_it = _bare("".join(texts))
        known = {token[0] for before in given.files.values() for _, token in tokens_in(before)}
        token = any(found[0] not in known for text in texts for _, found in tokens_in(text))
        return Revised(given.files, (), "", LEAKED) if token or any(form in all_of_it for form in forms) else made

    return revise


def leaks(text: str, secrets: Iterable[str]) -> bool:
    """Whether `text` holds one of `secrets` in any of those ways."""
    bare = _bare(text)
    return any(form in bare for value in secrets for form in _forms(value))


def _forms(value: str) -> set[str]:
    """Every way in which a text could hold `value`, bare."""
    raw = value.encode("utf-8", "surrogateescape")
    found = {value, value[::-1], raw.hex(), quote(value, safe=""), "".join(f"%{byte:02x}" for byte in raw)}
    for shift in range(3):  # inside a longer text, the letters depend on where in a group of three it begins
        encoded = base64.b64encode(b"\0" * shift + raw).decode()
        inner = encoded[4 * bool(shift) :][: (shift + len(raw)) // 3 * 4 - 4 * bool(shift)]
        found |= {inner, inner.replace("+", "-").replace("/", "_")}
    return {bare for form in found if len(bare := _bare(form)) >= _SHORTEST}


def _bare(text: str) -> str:
    """`text` without anything but letters and digits, so that spaces and marks between them hide nothing."""
    return re.sub(r"[^0-9A-Za-z]", "", text).lower()
