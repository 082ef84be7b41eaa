"""Fixes of front matter, one function each: bytes in, bytes out, unchanged when there is nothing to fix.

The result of each fix is read again; a fix that changes anything else is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from skill_fleet.checks import FIELDS, STRING_FIELDS, closest_field
from skill_fleet.markdown import (
    Field,
    Mapping,
    Scalar,
    Sequence,
    as_string,
    front_matter_lines,
    quote,
    read_front_matter,
    rewritten,
    written_key,
)

_BOM = b"\xef\xbb\xbf"
_ONE_LINE = re.compile(r"(\s*)([A-Za-z][\w-]*):[ \t]+(\S.*?)[ \t]*\Z")


def fix_front_matter(content: bytes) -> bytes:
    """Apply all fixes in turn. The body stays as it is, byte for byte."""
    for step in _STEPS:
        changed = step(content)
        if changed != content and _is_safe(content, changed):
            content = changed
    return content


def without_mark(content: bytes) -> bytes:
    """Remove a byte order mark."""
    return content.removeprefix(_BOM)


def quoted_lines(content: bytes) -> bytes:
    """Where the YAML is invalid: quote values of one line that are not YAML by themselves."""
    opened = front_matter_lines(content)
    if opened is None or not any(fault.what == "syntax" for fault in opened.read.faults):
        return content
    lines = []
    for line in opened.lines:
        match = _ONE_LINE.match(line)
        if match and not match[3].startswith(("'", '"', "[", "{", "|", ">", "#")) and _is_broken(match[2], match[3]):
            line = f"{match[1]}{match[2]}: {quote(match[3])}"
        lines.append(line)
    return opened.with_lines(lines)


def renamed_fields(content: bytes) -> bytes:
    """Correct the case and the hyphens of the specification's fields (`Description`, `allowed_tools`)."""
    opened = front_matter_lines(content)
    if opened is None:
        return content
    lines = list(opened.lines)
    taken = {name.text for name, _ in opened.read.mapping.pairs}
    for field in opened.fields():
        name, meant = field.name.text, _meant(field.name.text)
        if name not in FIELDS and meant in FIELDS and meant not in taken and lines[field.start].startswith(f"{name}:"):
            lines[field.start] = meant + lines[field.start].removeprefix(name)
            taken.add(meant)
    return opened.with_lines(lines)


def string_fields(content: bytes) -> bytes:
    """Make the specification's fields strings: quote numbers and dates, join `allowed-tools`, remove empty fields."""
    opened = front_matter_lines(content)
    if opened is None:
        return content
    lines = list(opened.lines)
    for field in reversed(opened.fields()):
        name, node, rows = field.name.text, field.node, lines[field.start : field.end]
        if name in ("license", "compatibility", "allowed-tools", "metadata") and _is_empty(field):
            rows = []
        elif name in STRING_FIELDS and isinstance(node, Scalar) and node.kind not in ("str", "null"):
            rows = rewritten(field, rows)
        elif name == "allowed-tools" and isinstance(node, Sequence) and (tools := _tools(node)):
            rows = rewritten(field, rows, value=tools)
        lines[field.start : field.end] = rows
    return opened.with_lines(lines)


def string_metadata(content: bytes) -> bytes:
    """Make every value under `metadata` a string: join lists with commas, write deeper values as JSON."""
    opened = front_matter_lines(content)
    metadata = opened.field("metadata") if opened else None
    if opened is None or metadata is None or not isinstance(metadata.node, Mapping) or not metadata.node.pairs:
        return content
    lines = list(opened.lines)
    if metadata.node.flow:
        rows = [f"  {written_key(name.text)}: {quote(as_string(value))}" for name, value in metadata.node.pairs]
        lines[metadata.start : metadata.end] = ["metadata:", *rows]
        return opened.with_lines(lines)
    for field in reversed(opened.fields(metadata.node, metadata.end)):
        is_string = isinstance(field.node, Scalar) and field.node.kind == "str"
        if field.name.kind != "str" or not is_string:
            indent = " " * (field.name.column - 1)
            lines[field.start : field.end] = rewritten(field, lines[field.start : field.end], indent)
    return opened.with_lines(lines)


def known_fields(content: bytes) -> bytes:
    """Move fields that the specification does not have under `metadata`, as strings.

    A field that looks like a misspelling of a missing one stays, because that has two fixes.
    """
    opened = front_matter_lines(content)
    if opened is None:
        return content
    fields, home = opened.fields(), opened.field("metadata")
    block = home.node if home and isinstance(home.node, Mapping) else None
    if home and not (block and block.pairs and not block.flow):
        return content
    present = {field.name.text for field in fields}
    taken = {name.text for name, _ in block.pairs} if block else set()
    indent = " " * (block.pairs[0][0].column - 1) if block else "  "
    moved: list[str] = []
    lines: list[str | None] = list(opened.lines)
    for field in fields:
        name = field.name.text
        if _meant(name) in FIELDS or name in taken or not name.strip():
            continue
        if (near := closest_field(name)) and near not in present:
            continue
        taken.add(name)
        moved += rewritten(field, opened.lines[field.start : field.end], indent)
        lines[field.start : field.end] = [None] * (field.end - field.start)
    if not moved:
        return content
    at = (home or fields[-1]).end
    kept, rest = ([line for line in part if line is not None] for part in (lines[:at], lines[at:]))
    return opened.with_lines([*kept, *([] if home else ["metadata:"]), *moved, *rest])


_STEPS: tuple[Callable[[bytes], bytes], ...] = (
    without_mark,
    quoted_lines,
    renamed_fields,
    string_fields,
    string_metadata,
    known_fields,
)


def _is_safe(before: bytes, after: bytes) -> bool:
    """Whether the result reads as the same skill: no new fault, no required field lost, the same body."""
    old, new = read_front_matter(before), read_front_matter(after)
    if len(new.faults) > len(old.faults) or old.body != new.body:
        return False
    if any(fault.what == "syntax" for fault in old.faults):
        return not any(fault.what == "syntax" for fault in new.faults)
    return all(old.value(name) in (None, new.value(name)) for name in ("name", "description"))


def _meant(field: str) -> str:
    """The spelling that the specification uses for a field of that name."""
    return field.strip().lower().replace("_", "-")


def _is_broken(key: str, value: str) -> bool:
    """Whether a value of one line is not valid YAML, or is read as something else than its text."""
    read = read_front_matter(f"---\n{key}: {value}\n---\n".encode())
    return bool(read.faults) or read.value(key) is None


def _is_empty(field: Field) -> bool:
    node = field.node
    return (isinstance(node, Scalar) and node.kind == "null") or (isinstance(node, Mapping) and not node.pairs)


def _tools(node: Sequence) -> str:
    """A list of tools as the specification's string; "" when that would split a name with a space in it."""
    tools = [item.text for item in node.items if isinstance(item, Scalar)]
    names = [re.sub(r"\([^()]*\)", "", tool) for tool in tools]
    is_whole = len(tools) == len(node.items) and all(name and not re.search(r"\s", name) for name in names)
    return " ".join(tools) if is_whole else ""
