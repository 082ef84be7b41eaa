"""The front matter of SKILL.md, written so that strict readers and lenient ones read the same strings."""

from __future__ import annotations

import re
from collections.abc import Mapping

from skill_fleet.markdown.words import tidy

_BARE = re.compile(r"[A-Za-z][^\\]*$")
_TYPED = {"true", "false", "yes", "no", "on", "off", "null", "y", "n", "nan", "inf"}
_KEY = re.compile(r"[^A-Za-z0-9_.-]+")


def write_front_matter(
    name: str, description: str, fields: Mapping[str, str], metadata: Mapping[str, str]
) -> tuple[str, ...]:
    """Block style, one line a field, metadata's values quoted; the spec's fields in the spec's order.

    Nothing in it contains three hyphens: the reference reader (skills-ref) cuts the file at the first two it finds.
    """
    lines = ["---", f"name: {_scalar(name)}", f"description: {_scalar(description)}"]
    lines += [
        f"{key}: {_scalar(fields[key])}" for key in ("license", "compatibility", "allowed-tools") if fields.get(key)
    ]
    if metadata:
        lines.append("metadata:")
        lines += [f"  {_key(key)}: {_quoted(value)}" for key, value in metadata.items()]
    return (*lines, "---")


def _key(key: str) -> str:
    clean = re.sub(r"-{2,}", "-", _KEY.sub("-", key)).strip("-.") or "key"
    return clean if clean[0].isalpha() and clean.lower() not in _TYPED else f"x-{clean}"


def _scalar(value: str) -> str:
    text = _clean(value)
    if _BARE.match(text) and ": " not in text and " #" not in text and text[-1] != ":" and text.lower() not in _TYPED:
        return text
    return _quoted(text)


def _quoted(value: str) -> str:
    escaped = _clean(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _clean(value: str) -> str:
    return re.sub(r"-{3,}", "--", tidy(value))
