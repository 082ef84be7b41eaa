"""Front matter of any tool, read leniently into strings: YAML between `---`, TOML between `+++`.

Outside documents break YAML in known ways (an unquoted colon in a description is the commonest), so what the parser
refuses is read line by line as `key: value`; what is not even that is no front matter but text.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence

import yaml

_MOST_LINES = 200
_MOST_BLANKS = 10
_KEY = re.compile(r"([A-Za-z_][\w .-]{0,60}?)\s*:(?:\s+(.*))?$")


def read_matter(lines: Sequence[str]) -> tuple[dict[str, str], int]:
    """The fields of the front matter, flat and as strings, and how many lines it takes (0: there is none)."""
    start = next((at for at, line in enumerate(lines[:_MOST_BLANKS]) if line.strip()), 0)
    mark = lines[start].rstrip() if lines else ""
    if mark not in ("---", "+++"):
        return {}, 0
    ends = ("---", "...") if mark == "---" else ("+++",)
    end = next((at for at in range(start + 1, min(len(lines), _MOST_LINES)) if lines[at].rstrip() in ends), 0)
    if end < start + 2:
        return {}, 0
    body = lines[start + 1 : end]
    fields = _toml(body) if mark == "+++" else _yaml(body)
    return (fields, end + 1) if fields else ({}, 0)


def _toml(body: Sequence[str]) -> dict[str, str]:
    try:
        return dict(_flat("", tomllib.loads("\n".join(body))))
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def _yaml(body: Sequence[str]) -> dict[str, str]:
    text = "\n".join(body)
    try:
        if not any(isinstance(token, yaml.AliasToken) for token in yaml.scan(text, Loader=yaml.SafeLoader)):
            found = yaml.load(text, Loader=yaml.BaseLoader)
            if isinstance(found, dict):
                return dict(_flat("", found))
            return {}
    except (yaml.YAMLError, ValueError, RecursionError):
        pass
    return _by_line(body)


def _by_line(body: Sequence[str]) -> dict[str, str]:
    """`key: value` a line; below a key without a value, deeper ones are its own, and other lines go on with it."""
    fields: dict[str, str] = {}
    key = parent = ""
    for line in body:
        inner = bool(parent) and line[:1] in (" ", "\t")
        found = _KEY.match(line.strip() if inner else line)
        if found:
            value = (found[2] or "").strip()
            key = f"{parent}.{found[1]}" if inner else found[1]
            parent = parent if inner else "" if value else key
            fields[key] = "" if value in ("|", ">", "|-", ">-") else value.strip("\"'")
        elif key and (line.startswith((" ", "\t", "-")) or not line.strip()):
            fields[key] = f"{fields[key]} {line.strip()}".strip()
        elif line.strip() and not line.lstrip().startswith("#"):
            return {}
    return {key: value for key, value in fields.items() if value}


def _flat(prefix: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            name = str(key)
            yield from _flat(f"{prefix}.{name}" if prefix else name, inner)
    elif isinstance(value, list) and not any(isinstance(inner, dict | list) for inner in value):
        yield prefix, ", ".join(_text(inner) for inner in value)
    elif isinstance(value, list):
        for at, inner in enumerate(value, 1):
            yield from _flat(f"{prefix}.{at}", inner)
    else:
        yield prefix, _text(value)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
