"""The lines of a front matter, and edits of them that leave all other bytes alone."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from skill_fleet.fleet.frontmatter import FrontMatter, read_front_matter
from skill_fleet.fleet.yaml_edit import quote
from skill_fleet.fleet.yaml_nodes import Mapping, Node, Scalar, Sequence

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
