"""Secrets taken out of what is kept for learning: whatever looks like one, and the values that the caller knows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from skill_fleet.checks.tokens import tokens_in

HIDDEN = "[secret]"
_SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|\b(?:sk|pk|rk)-[A-Za-z0-9_-]{16,}|\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_\w{20,}|\bAKIA[0-9A-Z]{16}\b"
    r"|\bxox[abprs]-[A-Za-z0-9-]{10,}|\bAIza[0-9A-Za-z_-]{30,}|\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}"
    r"|(?<=://)[^/\s:@]+:[^/\s:@]+(?=@)",
    re.DOTALL,
)


def redacted(value: Any, known: Iterable[str] = ()) -> Any:
    """A value of JSON with every secret in its texts replaced; `known` are secrets by their value, whatever they look like."""
    return _clean(value, tuple(sorted((each for each in known if each), key=len, reverse=True)))


def _clean(value: Any, known: tuple[str, ...]) -> Any:
    if isinstance(value, str):
        for each in known:
            value = value.replace(each, HIDDEN)
        for _, token in list(tokens_in(value)):
            value = value.replace(token[0], HIDDEN)
        return _SECRET.sub(HIDDEN, value)
    if isinstance(value, Mapping):
        return {_clean(str(key), known): _clean(each, known) for key, each in value.items()}
    return [_clean(each, known) for each in value] if isinstance(value, list | tuple) else value
