"""Fixes of front matter, one function each: bytes in, bytes out, unchanged when there is nothing to fix.

A fix changes nothing that a known client acts on: fields of single clients, `allowed-tools`, truth values, lists and
mappings stay as they are. The result of each fix is read again; one that changes anything else is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import groupby

from skill_fleet import markdown
from skill_fleet.checks import FIELDS, MAX_UNKNOWN, closest_field, has_meaning, readers

_BOM = b"\xef\xbb\xbf"
_ONE_LINE = re.compile(r"(\s*)([A-Za-z][\w-]*):[ \t]+([^'\"\[{|>#\s].*?)[ \t]*\Z")
_MOST_QUOTED = 20
"""The number of broken lines that are fixed: each costs another reading."""


def fix_front_matter(content: bytes) -> bytes:
    """Apply all fixes in turn. The body stays as it is, byte for byte."""
    for step in (
        without_mark,
        quoted_lines,
        *map(_by_lines, (renamed_fields, without_empty, quoted_values, known_fields)),
    ):
        changed = step(content)
        if changed != content and _is_safe(content, changed):
            content = changed
    return content


def _by_lines(step: Callable[[markdown.FrontMatterLines], bytes]) -> Callable[[bytes], bytes]:
    """The same step on a file, which stays as it is where its front matter cannot be edited by lines."""
    return lambda content: step(opened) if (opened := markdown.front_matter_lines(content)) else content


def without_mark(content: bytes) -> bytes:
    """Remove a byte order mark."""
    return content.removeprefix(_BOM)


def quoted_lines(content: bytes) -> bytes:
    """Where the YAML is invalid: quote the values of one line at which reading it stops."""
    changed = content
    for _ in range(_MOST_QUOTED):
        opened = markdown.front_matter_lines(changed)
        fault = next((each for each in opened.read.faults if each.what == "syntax"), None) if opened else None
        if opened is None or fault is None:
            return changed
        row = fault.line - 2
        match = _ONE_LINE.match(opened.lines[row]) if row < len(opened.lines) else None
        if match is None or not _is_broken(match[2], match[3]):
            return content
        line = f"{match[1]}{match[2]}: {markdown.quote(match[3])}"
        changed = opened.with_lines([*opened.lines[:row], line, *opened.lines[row + 1 :]])
    return content


def renamed_fields(opened: markdown.FrontMatterLines) -> bytes:
    """Correct the case and the hyphens of the specification's fields, such as `Description`.

    Not of `allowed-tools`, which would then allow something.
    """
    lines = list(opened.lines)
    taken = {name.text for name, _ in opened.read.mapping.pairs}
    for field in opened.fields():
        name, meant = field.name.text, _meant(field.name.text)
        is_other = name not in FIELDS and meant in FIELDS and meant != "allowed-tools"
        if is_other and meant not in taken and lines[field.start].startswith(f"{name}:"):
            lines[field.start] = meant + lines[field.start].removeprefix(name)
            taken.add(meant)
    return opened.with_lines(lines)


def without_empty(opened: markdown.FrontMatterLines) -> bytes:
    """Remove fields of the specification that have no value and may be missing."""
    lines = list(opened.lines)
    for field in reversed(opened.fields()):
        node = field.node
        is_empty = (isinstance(node, markdown.Scalar) and node.kind == "null") or (
            isinstance(node, markdown.Mapping) and not node.pairs
        )
        if is_empty and field.name.text in ("license", "compatibility", "metadata") and _is_whole(lines, field.start):
            lines[field.start : field.end] = []
    return opened.with_lines(lines)


def _is_whole(lines: list[str], row: int) -> bool:
    """Whether the line has no comment, which may be the value: ` #` cuts it off."""
    return "#" not in lines[row]


def quoted_values(opened: markdown.FrontMatterLines) -> bytes:
    """Quote numbers and dates where the specification wants text; nothing else of their lines changes."""
    lines = list(opened.lines)
    for row, nodes in groupby(_typed(opened.read.mapping), key=lambda node: node.line - 2):
        line, parts, at = lines[row] if row < len(lines) else "", [], 0
        for node in nodes:
            start, end = node.column - 1, (node.end or (0, 0))[1] - 1
            if line[start:end] == node.text:
                parts += [line[at:start], markdown.quote(node.text)]
                at = end
        if parts:
            lines[row] = "".join([*parts, line[at:]])
    return opened.with_lines(lines)


def _typed(fields: markdown.Mapping) -> Iterator[markdown.Scalar]:
    """The values, and keys below `metadata`, that have to be text and are read as something else."""
    for name, value in fields.pairs:
        if name.text in ("name", "description", "license", "compatibility"):
            yield from _if_typed(value, "bool")
        for key, inner in value.pairs if name.text == "metadata" and isinstance(value, markdown.Mapping) else ():
            yield from _if_typed(key, "bool")
            if not readers(f"metadata.{key.text}"):
                yield from _if_typed(inner)


def _if_typed(node: markdown.Node, *more: str) -> Iterator[markdown.Scalar]:
    kinds = {"int", "float", "timestamp", "merge", "value", *more}
    if isinstance(node, markdown.Scalar) and node.text and {node.kind, node.core_kind} & kinds:
        yield node


def known_fields(opened: markdown.FrontMatterLines) -> bytes:
    """Move fields that neither the specification nor a client has under `metadata`, as strings.

    These stay: a field that looks like a misspelling of a missing one, because that has two fixes; one whose name means
    something under `metadata`; a mapping; and a truth value, because a client that we do not know may act on it.
    """
    fields, home = opened.fields(), opened.field("metadata")
    block = home.node if home and isinstance(home.node, markdown.Mapping) else None
    if home and not (block and block.pairs and not block.flow):
        return opened.with_lines(opened.lines)
    present = {field.name.text for field in fields}
    taken = {name.text for name, _ in block.pairs} if block else set()
    indent = " " * (block.pairs[0][0].column - 1) if block else "  "
    moved: list[str] = []
    number = 0
    lines: list[str | None] = list(opened.lines)
    for field in fields:
        name = field.name.text
        if _meant(name) in FIELDS or readers(name) or has_meaning(name) or name in taken or not name.strip():
            continue
        if not _is_words(field.node) or (number := number + 1) > MAX_UNKNOWN:
            continue
        if (near := closest_field(name, opposites=True)) and near not in present:
            continue
        taken.add(name)
        moved += markdown.rewritten(field, opened.lines[field.start : field.end], indent)
        lines[field.start : field.end] = [None] * (field.end - field.start)
    if not moved:
        return opened.with_lines(opened.lines)
    at = (home or fields[-1]).end
    kept, rest = ([line for line in part if line is not None] for part in (lines[:at], lines[at:]))
    return opened.with_lines([*kept, *([] if home else ["metadata:"]), *moved, *rest])


def _is_words(node: markdown.Node) -> bool:
    """Whether a value is text or a number, or a list of these."""
    if isinstance(node, markdown.Sequence):
        return all(isinstance(item, markdown.Scalar) and _is_words(item) for item in node.items)
    return isinstance(node, markdown.Scalar) and "bool" not in (node.kind, node.core_kind)


def _is_safe(before: bytes, after: bytes) -> bool:
    """Whether the result reads as the same skill: no new fault, no required field lost, the same body."""
    old, new = markdown.read_front_matter(before), markdown.read_front_matter(after)
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
    read = markdown.read_front_matter(f"---\n{key}: {value}\n---\n".encode())
    return bool(read.faults) or read.value(key) is None
