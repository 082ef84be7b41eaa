"""The front matter of a SKILL.md: found, decoded and read once, each value with its line.

Source: https://agentskills.io/specification (a YAML block between two lines of three dashes at the top of the file).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from skill_fleet.markdown.yaml import Fault, Mapping, Node, Scalar, Sequence, parse

_FENCE = re.compile(r"---[ \t]*\r?\n|---[ \t]*\Z")
_BOM = "\ufeff"


@dataclass(frozen=True)
class FrontMatter:
    """What stands between the dashes. `faults` says what is wrong; whatever could be read is there all the same."""

    mapping: Mapping
    faults: tuple[Fault, ...]
    text: str
    """The whole file, decoded (bytes that are not UTF-8 become U+FFFD), without a byte order mark."""
    body_line: int
    """The line, from 1, where the body begins."""
    body_at: int = 0
    """Where in the text that is, in characters."""

    @property
    def body(self) -> str:
        """The text after the closing dashes; all of it when there is no front matter."""
        return self.text[self.body_at :]

    def value(self, key: str) -> str | None:
        """The text of a scalar field, or None."""
        node = self.mapping.get(key)
        return node.text if isinstance(node, Scalar) else None

    def metadata(self, key: str) -> str | None:
        """The text of a scalar under `metadata:`, or None."""
        block = self.mapping.get("metadata")
        node = block.get(key) if isinstance(block, Mapping) else None
        return node.text if isinstance(node, Scalar) else None

    def line(self, key: str) -> int:
        """The line of a key, a dotted one under `metadata.`; line 1 when it is not there."""
        name, _, inner = key.partition(".")
        found, mapping = 1, self.mapping
        for part in filter(None, (name, inner)):
            pair = next(((key, node) for key, node in mapping.pairs if key.text == part), None)
            if pair is None:
                return found
            found = pair[0].line
            mapping = pair[1] if isinstance(pair[1], Mapping) else Mapping([], found, 1)
        return found


def read_front_matter(content: bytes) -> FrontMatter:
    """Read the bytes of a SKILL.md. Never raises: what is wrong with them is in `faults`."""
    faults: list[Fault] = []
    text = _decode(content, faults)
    if text.startswith(_BOM):
        faults.append(Fault("bom", "The file begins with a byte order mark.", 1))
        text = text.removeprefix(_BOM)
    empty = Mapping([], 1, 1)
    opening = _FENCE.match(text)
    if not opening:
        faults.append(Fault("missing", "The file does not begin with a line of three dashes.", 1))
        return FrontMatter(empty, tuple(faults), text, 1)
    end, body_line, body_at = _closing(text, opening.end())
    if end is None:
        faults.append(Fault("unclosed", "No second line of three dashes closes the front matter.", 1))
        return FrontMatter(empty, tuple(faults), text, 1)
    node, wrong = parse(text[opening.end() : end], first_line=2)
    faults += wrong
    if not isinstance(node, Mapping):
        if not wrong:
            faults.append(Fault("not-a-mapping", "The front matter is not a list of `key: value` lines.", 2))
        node = empty
    return FrontMatter(node, tuple(faults), text, body_line, body_at)


def _decode(content: bytes, faults: list[Fault]) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - (content.rfind(b"\n", 0, error.start) + 1) + 1
        faults.append(Fault("encoding", f"Byte 0x{content[error.start]:02x} is not UTF-8.", line, column))
        return content.decode("utf-8", "replace")


def _closing(text: str, start: int) -> tuple[int | None, int, int]:
    """Where the closing line begins, and the number and the offset of the line after it. Each line is seen once."""
    at, number = start, 2
    while at < len(text):
        if closing := _FENCE.match(text, at):
            return at, number + 1, closing.end()
        newline = text.find("\n", at)
        if newline < 0:
            break
        at, number = newline + 1, number + 1
    return None, 1, 0


class CannotEdit(Exception):
    """The front matter is not in a form in which a single value can be replaced safely; the message says why."""


def quote(text: str) -> str:
    """`text` as a double-quoted YAML scalar on one line, which every YAML reader gives back as it is."""
    quoted = json.dumps(text, ensure_ascii=False)
    return re.sub(r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]", lambda found: f"\\u{ord(found[0]):04x}", quoted)


def set_value(content: bytes, key: str, value: str) -> bytes:
    """The bytes of a SKILL.md with the field `key` (or `metadata.KEY`) set to `value`.

    Raises CannotEdit, and never gives back a file in which anything but that field reads differently.
    """
    before = read_front_matter(content)
    if before.faults:
        raise CannotEdit(f"its front matter is not valid (line {before.faults[0].line}: {before.faults[0].detail})")
    lines = before.text.split("\n")
    end = before.text.count("\n", 0, before.body_at) - (1 if before.text[: before.body_at].endswith("\n") else 0)
    ending = "\r" if "\r\n" in before.text else ""
    parent, _, inner = key.rpartition(".")
    mapping, indent, at = before.mapping, "", 1
    if parent:
        block = before.mapping.get(parent)
        if block is None:
            lines[end:end] = [f"{parent}:{ending}"]
            mapping, indent, at, end = Mapping([], end + 1, 1), "  ", end + 1, end + 1
        elif isinstance(block, Mapping) and not block.flow and block.pairs:
            mapping, indent, at = block, " " * (block.pairs[0][0].column - 1), block.pairs[0][0].line - 1
            end = min([_last_line(lines, before.line(parent) - 1, end, 0), end])
        else:
            raise CannotEdit(f"`{parent}` is not a block of `key: value` lines")
    if mapping.flow:
        raise CannotEdit("its front matter is written in braces")
    start, stop = _span(lines, mapping, inner if parent else key, at, end, len(indent))
    lines[start:stop] = [f"{indent}{inner or key}: {quote(value)}{ending}"]
    try:
        changed = "\n".join(lines).encode("utf-8")
    except UnicodeEncodeError as problem:
        raise CannotEdit("the new value has a character that no text file can hold") from problem
    _confirm(content, changed, key, value)
    return changed


def _span(lines: list[str], mapping: Mapping, key: str, at: int, end: int, indent: int) -> tuple[int, int]:
    """The lines (from 0, half open) that hold `key`, or an empty span behind the last field."""
    name = next((name for name, _ in mapping.pairs if name.text == key), None)
    if name is None:
        if mapping.pairs:
            last = mapping.pairs[-1][0].line - 1
            return (stop := _last_line(lines, last, end, indent)), stop
        return at, at
    return name.line - 1, _last_line(lines, name.line - 1, end, indent)


def _last_line(lines: list[str], first: int, end: int, indent: int) -> int:
    """The line after the value that begins on line `first`: deeper or blank lines belong to it, but not at its end."""
    stop = first + 1
    while stop < end and (not lines[stop].strip() or len(lines[stop]) - len(lines[stop].lstrip(" ")) > indent):
        stop += 1
    while stop > first + 1 and not lines[stop - 1].strip():
        stop -= 1
    return stop


def _confirm(before: bytes, after: bytes, key: str, value: str) -> None:
    """Read the result back: the edit is only good when that one field changed."""
    old, new = read_front_matter(before), read_front_matter(after)
    got = new.metadata(key.removeprefix("metadata.")) if "." in key else new.value(key)
    if new.faults or got != value or _rest(old.mapping, key) != _rest(new.mapping, key) or old.body != new.body:
        raise CannotEdit(f"`{key}` is written in a form that cannot be replaced safely")


def _rest(mapping: Mapping, key: str) -> list[object]:
    """How everything but `key` reads, wherever it stands; a parent that held nothing else counts as not there."""
    found: list[object] = []
    for name, node in mapping.pairs:
        inner = key.removeprefix(f"{name.text}.")
        if name.text == key:
            continue
        if isinstance(node, Mapping) and inner != key:
            found += [(name.text, rest)] if (rest := _rest(node, inner)) else []
        else:
            found.append((name.text, _reading(node)))
    return found


def _reading(node: Node) -> object:
    if isinstance(node, Scalar):
        return node.text, node.kind
    if isinstance(node, Sequence):
        return [_reading(item) for item in node.items]
    return {name.text: _reading(value) for name, value in node.pairs}
