"""Front matter of a SKILL.md: decoding, the lines of dashes, the YAML between them; and values written as YAML.

Source: https://agentskills.io/specification (a YAML block between two lines of three dashes at the top of the file).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from skill_fleet.markdown.yaml import Fault, Mapping, Node, Scalar, Sequence, parse

_PLAIN = re.compile(r"[A-Za-z](?:[\w ./()*,+-]|:(?=\S))*")  # no sign that means anything to YAML
_PLAIN_KEY = re.compile(r"[A-Za-z_][\w.-]*")
_TYPED = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})

_FENCE = re.compile(r"^---[ \t]*(?:\r?\n|\Z)", re.MULTILINE)
_BOM = "\ufeff"


@dataclass(frozen=True)
class FrontMatter:
    """The fields of a SKILL.md. `faults` are its errors; what could be read is there all the same."""

    mapping: Mapping
    faults: tuple[Fault, ...]
    text: str
    """The whole file, decoded (bytes that are not UTF-8 become U+FFFD), without a byte order mark."""
    body_line: int
    """The line, from 1, where the body begins."""
    body_at: int = 0
    """The offset of that line in the text, in characters."""

    @property
    def body(self) -> str:
        """The text after the closing dashes; the whole text when there is no front matter."""
        return self.text[self.body_at :]

    def value(self, key: str) -> str | None:
        """The text of a scalar field; None when there is none."""
        node = self.mapping.get(key)
        return node.text if isinstance(node, Scalar) else None

    def metadata(self, key: str) -> str | None:
        """The text of a scalar under `metadata:`; None when there is none."""
        block = self.mapping.get("metadata")
        node = block.get(key) if isinstance(block, Mapping) else None
        return node.text if isinstance(node, Scalar) else None

    def line(self, key: str) -> int:
        """The line of a key (`metadata.KEY` for one under `metadata`); 1 when there is none."""
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
    """Read the bytes of a SKILL.md. Never raises: errors are in `faults`."""
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
    closing = _FENCE.search(text, opening.end())
    if not closing:
        faults.append(Fault("unclosed", "No second line of three dashes closes the front matter.", 1))
        return FrontMatter(empty, tuple(faults), text, 1)
    node, wrong = parse(text[opening.end() : closing.start()], first_line=2)
    faults += wrong
    if not isinstance(node, Mapping):
        if not wrong:
            faults.append(Fault("not-a-mapping", "The front matter is not a list of `key: value` lines.", 2))
        node = empty
    return FrontMatter(node, tuple(faults), text, text.count("\n", 0, closing.start()) + 2, closing.end())


def _decode(content: bytes, faults: list[Fault]) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - (content.rfind(b"\n", 0, error.start) + 1) + 1
        faults.append(Fault("encoding", f"Byte 0x{content[error.start]:02x} is not UTF-8.", line, column))
        return content.decode("utf-8", "replace")


def quote(text: str) -> str:
    """`text` as a double-quoted YAML scalar on one line, which every YAML reader reads as that text."""
    quoted = json.dumps(text, ensure_ascii=False)
    return re.sub(r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]", lambda found: f"\\u{ord(found[0]):04x}", quoted)


def written(text: str) -> str:
    """`text` as a YAML scalar: plain where every reader takes it for that text, quoted elsewhere."""
    if not _PLAIN.fullmatch(text) or text.lower() in _TYPED:
        return quote(text)
    node = read_front_matter(f"---\nx: {text}\n---\n".encode()).mapping.get("x")
    return text if isinstance(node, Scalar) and node.kind == "str" and node.text == text else quote(text)


def as_string(node: Node) -> str:
    """A value as one string: a list of words with commas, anything deeper as JSON."""
    if isinstance(node, Scalar):
        return "" if node.kind == "null" else node.text
    if isinstance(node, Sequence) and all(isinstance(item, Scalar) for item in node.items):
        return ", ".join(item.text for item in node.items if isinstance(item, Scalar))
    return json.dumps(as_data(node), ensure_ascii=False)


def as_data(node: Node) -> object:
    """A value as lists, mappings and strings, such as a JSON Schema is about."""
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Sequence):
        return [as_data(item) for item in node.items]
    return {name.text: as_data(value) for name, value in node.pairs}


def written_key(name: str) -> str:
    """`name` as a YAML key: plain where every reader takes it for a string, quoted elsewhere."""
    return name if is_plain_key(name) else quote(name)


def is_plain_key(name: str) -> bool:
    """Whether every reader takes `name` for a string without quotes."""
    return _PLAIN_KEY.fullmatch(name) is not None and name.lower() not in _TYPED
