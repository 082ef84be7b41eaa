"""A valid front matter made of whatever can be read of a bad one, nothing of it lost."""

from __future__ import annotations

import re
from collections.abc import Mapping

from skill_fleet.checks.fixes.block import as_string, written
from skill_fleet.checks.rules.spec_description import CONTROL, MAX_DESCRIPTION
from skill_fleet.checks.rules.spec_fields import MAX_COMPATIBILITY
from skill_fleet.fleet.frontmatter import FrontMatter
from skill_fleet.fleet.yaml_edit import quote
from skill_fleet.fleet.yaml_nodes import Mapping as YamlMapping
from skill_fleet.fleet.yaml_nodes import Scalar, Sequence

_LINE = re.compile(r"([A-Za-z][\w -]{0,60}?)\s*:(?:[ \t]+(.*))?\Z")
_SPEC = ("name", "description", "license", "compatibility", "allowed-tools")


def fields_of(read: FrontMatter) -> tuple[dict[str, str], dict[str, str]]:
    """The specification's fields and the metadata of a front matter, all as strings: from its YAML, or else from its
    lines that look like `key: value`."""
    if read.mapping.pairs:
        top, metadata = _from_nodes(read.mapping)
    else:
        top, metadata = _from_lines(read.text[: read.body_at])
    fields = {name: top.pop(name) for name in _SPEC if top.get(name, "").strip()}
    metadata = {**{name: value for name, value in top.items() if name not in _SPEC}, **metadata}
    description = fields.get("description", "")
    if len(description) > MAX_DESCRIPTION or seen(description) != description:
        metadata.setdefault("full-description", description)
        fields["description"] = shortened(description, MAX_DESCRIPTION)
    if len(fields.get("compatibility", "")) > MAX_COMPATIBILITY:
        metadata.setdefault("full-compatibility", fields["compatibility"])
        fields["compatibility"] = shortened(fields["compatibility"], MAX_COMPATIBILITY)
    return fields, metadata


def front_matter_of(fields: Mapping[str, str], metadata: Mapping[str, str], ending: str = "\n") -> str:
    """The text of a front matter, dashes and all."""
    rows = ["---", *(f"{name}: {written(value)}" for name, value in fields.items())]
    if metadata:
        rows += ["metadata:", *(f"  {_key(name)}: {written(value)}" for name, value in metadata.items())]
    return "".join(f"{row}{ending}" for row in (*rows, "---"))


def seen(text: str) -> str:
    """The text with a blank for each character that a description must not hold, since XML cannot."""
    return CONTROL.sub(" ", text)


def shortened(text: str, most: int) -> str:
    """The text without control characters, up to the last sentence, or else the last word, within `most` characters."""
    text = " ".join(seen(text).split())
    if len(text) <= most:
        return text
    head = text[: most - 1]
    at = max(head.rfind(". "), head.rfind("! "), head.rfind("? ")) + 1
    return head[:at] if at > most // 2 else f"{head[: head.rfind(' ')] if ' ' in head else head}…"


def _from_nodes(mapping: YamlMapping) -> tuple[dict[str, str], dict[str, str]]:
    top: dict[str, str] = {}
    metadata: dict[str, str] = {}
    for key, node in mapping.pairs:
        if key.text == "metadata" and isinstance(node, YamlMapping):
            for name, value in node.pairs:
                metadata.setdefault(name.text, as_string(value))
        elif key.text == "allowed-tools" and isinstance(node, Sequence):
            top.setdefault(key.text, " ".join(item.text for item in node.items if isinstance(item, Scalar)))
        else:
            top.setdefault(key.text, as_string(node))
    return top, metadata


def _from_lines(text: str) -> tuple[dict[str, str], dict[str, str]]:
    """Top-level lines as fields, and what is indented below one as its continuation."""
    top: dict[str, list[str]] = {}
    last: list[str] = []
    for line in text.splitlines():
        if line.strip() == "---" or not line.strip():
            continue
        if (match := _LINE.match(line)) and not line[0].isspace():
            last = top.setdefault(match[1].strip(), [])
            last.append((match[2] or "").strip())
        else:
            last.append(line.strip())
    joined = {name: " ".join(filter(None, words)).strip() for name, words in top.items()}
    return {name: value.strip("\"'").lstrip("|>-").strip() for name, value in joined.items()}, {}


def _key(name: str) -> str:
    plain = re.fullmatch(r"[A-Za-z_][\w.-]*", name) and name.lower() not in (
        "y",
        "n",
        "yes",
        "no",
        "on",
        "off",
        "true",
        "false",
        "null",
    )
    return name if plain else quote(name)
