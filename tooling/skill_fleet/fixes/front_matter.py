"""Fixes of a front matter, one function each: bytes in, bytes out, the same when there is nothing to fix.

Each edit is read back: one that changes anything but what it is about is dropped.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from skill_fleet.checks import FIELDS, STRING_FIELDS, closest_field
from skill_fleet.markdown import FrontMatter, Mapping, Node, Scalar, Sequence, quote, read_front_matter

Pair = tuple[Scalar, Node]


@dataclass(frozen=True)
class Block:
    """The front matter of a SKILL.md as `lines` without their ends, the first being line 2 of the file."""

    read: FrontMatter
    lines: tuple[str, ...]
    ending: str
    before: str
    after: str

    def bytes(self, lines: list[str]) -> bytes:
        """The file with other lines for its front matter."""
        inside = "".join(f"{line}{self.ending}" for line in lines)
        return f"{self.before}{inside}{self.after}".encode()

    def span(self, pair: Pair, mapping: Mapping, limit: int | None = None) -> tuple[int, int]:
        """The lines, from 0 and half open, of a key with its value. Comments and blank lines behind it are not its own."""
        start = pair[0].line - 2
        later = [name.line - 2 for name, _ in mapping.pairs if name.line - 2 > start]
        end = min([*later, len(self.lines) if limit is None else limit])
        while end > start + 1 and (not self.lines[end - 1].strip() or self.lines[end - 1].lstrip().startswith("#")):
            end -= 1
        return start, end


def open_block(content: bytes) -> Block | None:
    """The front matter of a file, None when it cannot be edited by lines: not UTF-8, not closed, or in braces."""
    read = read_front_matter(content)
    if {fault.what for fault in read.faults} & {"encoding", "bom", "missing", "unclosed", "not-a-mapping"}:
        return None
    text = content.decode("utf-8")
    first = text.index("\n") + 1
    last = text.rfind("\n", 0, read.body_at - 1) + 1 if read.body_at else 0
    if last < first or read.mapping.flow:
        return None
    ending = "\r\n" if "\r\n" in text[: read.body_at] else "\n"
    inside = text[first:last].removesuffix("\n").removesuffix("\r") if last > first else ""
    lines = tuple(line.removesuffix("\r") for line in inside.split("\n")) if last > first else ()
    return Block(read, lines, ending, text[:first], text[last:])


def as_string(node: Node) -> str:
    """A value as one string: a list of words with commas, anything deeper as JSON."""
    if isinstance(node, Scalar):
        return "" if node.kind == "null" else node.text
    if isinstance(node, Sequence) and all(isinstance(item, Scalar) for item in node.items):
        return ", ".join(item.text for item in node.items if isinstance(item, Scalar))
    return json.dumps(_plain(node), ensure_ascii=False)


def entry(name: str, node: Node, rows: list[str], indent: str, value: str | None = None) -> list[str]:
    """The lines of a key at another indentation, or with another `value`. Comments inside of it stay above it.

    `rows` are its lines as they are. A string stays written as it is, moved as a whole.
    """
    is_plain = re.fullmatch(r"[A-Za-z_][\w.-]*", name) is not None and name.lower() not in _WORDS
    if (
        value is None
        and isinstance(node, Scalar)
        and node.kind == "str"
        and (is_plain or rows[0].lstrip()[:1] in "'\"")
    ):
        old = len(rows[0]) - len(rows[0].lstrip())
        first = rows[0].lstrip()
        colon = first.index(":", len(name) if first.startswith(name) else 0)
        head = f"{indent}{name if first.startswith(name) else first[:colon]}{first[colon:]}"
        shift = " " * max(len(indent) - old, 0)
        return [head, *(f"{shift}{row}" if row.strip() else row for row in rows[1:])]
    comments = [f"{indent}{row.strip()}" for row in rows[1:] if row.lstrip().startswith("#")]
    behind = re.search(r"\s(#.*)$", rows[0]) if not isinstance(node, Scalar) or node.kind != "str" else None
    tail = f"  {behind[1]}" if behind and "#" not in (node.text if isinstance(node, Scalar) else "") else ""
    key = name if is_plain else quote(name)
    return [*comments, f"{indent}{key}: {written(as_string(node) if value is None else value)}{tail}"]


def written(text: str) -> str:
    """A string as YAML: plain where every reader takes it for that text, or else in double quotes."""
    if not _PLAIN.fullmatch(text):
        return quote(text)
    node = read_front_matter(f"---\nx: {text}\n---\n".encode()).mapping.get("x")
    return text if isinstance(node, Scalar) and node.kind == "str" and node.text == text else quote(text)


def _plain(node: Node) -> object:
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Sequence):
        return [_plain(item) for item in node.items]
    return {name.text: _plain(value) for name, value in node.pairs}


# Words with blanks, no sign that means anything to YAML where it stands.
_PLAIN = re.compile(r"[A-Za-z](?:[\w ./()*,+-]|:(?=\S))*")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


_BOM = b"\xef\xbb\xbf"
_ONE_LINE = re.compile(r"(\s*)([A-Za-z][\w-]*):[ \t]+(\S.*?)[ \t]*\Z")


def fix_front_matter(content: bytes) -> bytes:
    """All fixes, one after the other. The body's bytes stay as they are."""
    for step in _STEPS:
        changed = step(content)
        if changed != content and _is_safe(content, changed):
            content = changed
    return content


def without_mark(content: bytes) -> bytes:
    """Without a byte order mark."""
    return content.removeprefix(_BOM)


def quoted_lines(content: bytes) -> bytes:
    """Where the YAML cannot be read: quotes around values of one line that are no YAML by themselves."""
    block = open_block(content)
    if block is None or not any(fault.what == "syntax" for fault in block.read.faults):
        return content
    lines = []
    for line in block.lines:
        match = _ONE_LINE.match(line)
        if match and not match[3].startswith(("'", '"', "[", "{", "|", ">", "#")) and _is_broken(match[2], match[3]):
            line = f"{match[1]}{match[2]}: {quote(match[3])}"
        lines.append(line)
    return block.bytes(lines)


def spelt_fields(content: bytes) -> bytes:
    """Fields of the specification by their names: `Description` and `allowed_tools` are respelt where nothing is in the way."""
    block = open_block(content)
    if block is None:
        return content
    lines = list(block.lines)
    taken = {name.text for name, _ in block.read.mapping.pairs}
    for pair in block.read.mapping.pairs:
        written, meant = pair[0].text, _meant(pair[0].text)
        start, _ = block.span(pair, block.read.mapping)
        if written not in FIELDS and meant in FIELDS and meant not in taken and lines[start].startswith(f"{written}:"):
            lines[start] = meant + lines[start].removeprefix(written)
            taken.add(meant)
    return block.bytes(lines)


def string_fields(content: bytes) -> bytes:
    """The fields of the specification as strings: numbers and dates quoted, `allowed-tools` from a list, nothing left."""
    block = open_block(content)
    if block is None:
        return content
    lines = list(block.lines)
    for pair in reversed(block.read.mapping.pairs):
        name, node = pair
        start, end = block.span(pair, block.read.mapping)
        if name.text in ("license", "compatibility", "allowed-tools", "metadata") and _is_nothing(pair):
            lines[start:end] = []
        elif name.text in STRING_FIELDS and isinstance(node, Scalar) and node.kind not in ("str", "null"):
            lines[start:end] = entry(name.text, node, lines[start:end], "")
        elif name.text == "allowed-tools" and isinstance(node, Sequence) and (tools := _tools(node)):
            lines[start:end] = entry(name.text, node, lines[start:end], "", tools)
    return block.bytes(lines)


def string_metadata(content: bytes) -> bytes:
    """Every value under `metadata` as a string: lists joined by commas, deeper ones as JSON."""
    block = open_block(content)
    pair = _pair(block, "metadata")
    if block is None or pair is None or not isinstance(pair[1], Mapping) or not pair[1].pairs:
        return content
    lines = list(block.lines)
    if pair[1].flow:
        start, end = block.span(pair, block.read.mapping)
        rows = [f"  {_key(name.text)}: {quote(as_string(value))}" for name, value in pair[1].pairs]
        lines[start:end] = ["metadata:", *rows]
        return block.bytes(lines)
    _, limit = block.span(pair, block.read.mapping)
    for inner in reversed(pair[1].pairs):
        name, node = inner
        if name.kind == "str" and isinstance(node, Scalar) and node.kind == "str":
            continue
        start, end = block.span(inner, pair[1], limit)
        lines[start:end] = entry(name.text, node, lines[start:end], " " * (name.column - 1))
    return block.bytes(lines)


def known_fields(content: bytes) -> bytes:
    """Fields that the specification does not know, moved under `metadata` as strings; not one that is nearly spelled as a
    field that is missing, for that has two fixes.
    """
    block = open_block(content)
    if block is None:
        return content
    mapping = block.read.mapping
    home = _pair(block, "metadata")
    if home and not (isinstance(home[1], Mapping) and not home[1].flow and home[1].pairs):
        return content
    present = {name.text for name, _ in mapping.pairs}
    taken = {name.text for name, _ in home[1].pairs} if home and isinstance(home[1], Mapping) else set()
    indent = " " * (home[1].pairs[0][0].column - 1) if home and isinstance(home[1], Mapping) else "  "
    moved: list[str] = []
    lines: list[str | None] = list(block.lines)
    for pair in mapping.pairs:
        name, node = pair
        if _meant(name.text) in FIELDS or name.text in taken or not name.text.strip():
            continue
        if (near := closest_field(name.text)) and near not in present:
            continue
        taken.add(name.text)
        start, end = block.span(pair, mapping)
        moved += entry(name.text, node, list(block.lines[start:end]), indent)
        lines[start:end] = [None] * (end - start)
    if not moved:
        return content
    at = block.span(home, mapping)[1] if home else _last(block)
    kept = [line for line in lines[:at] if line is not None]
    rest = [line for line in lines[at:] if line is not None]
    return block.bytes([*kept, *([] if home else ["metadata:"]), *moved, *rest])


_STEPS: tuple[Callable[[bytes], bytes], ...] = (
    without_mark,
    quoted_lines,
    spelt_fields,
    string_fields,
    string_metadata,
    known_fields,
)


def _is_safe(before: bytes, after: bytes) -> bool:
    """Whether an edit reads back as the same skill: no new fault, no field of the specification lost, the same body."""
    old, new = read_front_matter(before), read_front_matter(after)
    if len(new.faults) > len(old.faults) or old.body != new.body:
        return False
    if any(fault.what == "syntax" for fault in old.faults):
        return not any(fault.what == "syntax" for fault in new.faults)
    return all(old.value(name) in (None, new.value(name)) for name in ("name", "description"))


def _meant(field: str) -> str:
    """How the specification would spell a field of that name."""
    return field.strip().lower().replace("_", "-")


def _is_broken(key: str, value: str) -> bool:
    """Whether a value of one line is no YAML, or means something else than its text."""
    read = read_front_matter(f"---\n{key}: {value}\n---\n".encode())
    return bool(read.faults) or read.value(key) is None


def _is_nothing(pair: Pair) -> bool:
    node = pair[1]
    return (isinstance(node, Scalar) and node.kind == "null") or (isinstance(node, Mapping) and not node.pairs)


def _tools(node: Sequence) -> str:
    """A list of tools as the specification's string; '' when a name holds a blank and would fall apart in it."""
    tools = [item.text for item in node.items if isinstance(item, Scalar)]
    whole = [re.sub(r"\([^()]*\)", "", tool) for tool in tools]
    return (
        ""
        if len(tools) < len(node.items) or any(re.search(r"\s", each) or not each for each in whole)
        else " ".join(tools)
    )


def _pair(block: Block | None, name: str) -> Pair | None:
    pairs = block.read.mapping.pairs if block else []
    return next((pair for pair in pairs if pair[0].text == name), None)


def _last(block: Block) -> int:
    """The line behind the last field."""
    return block.span(block.read.mapping.pairs[-1], block.read.mapping)[1] if block.read.mapping.pairs else 0


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z_][\w-]*", name) else quote(name)
