"""A strict YAML reader that keeps the place of every value: the events of the C parser, as small nodes.

`safe_load` will not do: it turns `2026-01-01` into a date and `no` into False, silently keeps the last of two equal keys,
and drops line numbers. Aliases are refused, so that no document can grow while it is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

try:
    from yaml.cyaml import CParser as _Parser  # type: ignore[attr-defined]
except ImportError:  # a PyYAML that was built without libyaml: slower, same answers
    from yaml import SafeLoader as _Parser  # type: ignore[assignment]

MAX_DEPTH = 32

_ENDS = (yaml.SequenceEndEvent, yaml.MappingEndEvent)

_KINDS = {f"tag:yaml.org,2002:{name}": name for name in ("bool", "int", "float", "null", "timestamp", "merge", "value")}
# the core schema of YAML 1.2: https://yaml.org/spec/1.2.2/#103-core-schema
_CORE = re.compile(
    r"(?P<null>~|null|Null|NULL|)|(?P<bool>true|True|TRUE|false|False|FALSE)|(?P<int>[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)|"
    r"(?P<float>[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))"
)
_OCTAL = re.compile("[-+]?0[0-7]+")


@dataclass(frozen=True, slots=True)
class Scalar:
    """A scalar: its text, its place, and the type (`str`, `bool`, ...) that a YAML 1.1 reader gives it.

    `end` is the place after the last character of a plain scalar; None for one in quotes and for a block of text.
    """

    text: str
    kind: str
    line: int
    column: int
    end: tuple[int, int] | None = None

    @property
    def core_kind(self) -> str:
        """The type that a YAML 1.2 reader gives it."""
        found = _CORE.fullmatch(self.text) if self.end else None
        return (found and found.lastgroup) or "str"

    @property
    def is_ambiguous(self) -> bool:
        """Whether readers of YAML 1.1 and 1.2 take it for different values: `no`, `0777`, `1e3`, `2026-01-01`."""
        if self.end and self.text in ("y", "Y", "n", "N"):  # true and false in YAML 1.1, but not to its usual readers
            return True
        is_octal = self.kind == "int" and _OCTAL.fullmatch(self.text) is not None and len(self.text.lstrip("+-0")) > 1
        return is_octal or (self.end is not None and self.core_kind != self.kind)


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list of values."""

    items: list[Node]
    line: int
    column: int
    flow: bool = False


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys with their values, in the order of the text."""

    pairs: list[tuple[Scalar, Node]]
    line: int
    column: int
    flow: bool = False

    def get(self, key: str) -> Node | None:
        """The first value of `key`."""
        return next((value for name, value in self.pairs if name.text == key), None)


Node = Scalar | Sequence | Mapping


def scalars(node: Node, path: str = "") -> Iterator[tuple[str, Scalar]]:
    """Every scalar of a value with the path to it, such as `metadata.version`; a key has a colon after its path."""
    if isinstance(node, Scalar):
        yield path, node
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from scalars(item, f"{path}[]")
    else:
        for key, value in node.pairs:
            inner = f"{path}.{key.text}" if path else key.text
            yield f"{inner}:", key
            yield from scalars(value, inner)


@dataclass(frozen=True, slots=True)
class Fault:
    """An error in a text: `what` kind it is, a `detail` for people, and its place, from 1."""

    what: str
    detail: str
    line: int
    column: int = 1
    is_strict: bool = False
    """Whether it is valid YAML that only we refuse: several documents, deep nesting."""


class _TooDeepError(Exception):
    """A text is nested too deeply to be read; the fault says so."""


def parse(text: str, first_line: int = 1) -> tuple[Node | None, tuple[Fault, ...]]:
    """Read one YAML document; return its root and its errors. Never raises.

    `first_line` is the number of its first line in the file.
    """
    reader = _Reader(iter(_Parser(text.encode("utf-8", "replace")).get_event, None), first_line)
    try:
        return reader.document(), tuple(reader.faults)
    except _TooDeepError:
        pass
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line, mark.column) if mark else (0, 0)
        reader.faults.append(Fault("syntax", _sentence(error.problem), line + first_line, column + 1))
    except yaml.YAMLError as error:  # a character that YAML forbids
        at = getattr(error, "position", 0) or 0
        line = first_line + text.count("\n", 0, at if isinstance(at, int) else 0)
        reader.faults.append(Fault("syntax", _sentence(getattr(error, "reason", None)), line))
    return None, tuple(reader.faults)


@dataclass
class _Reader:
    """Makes nodes of events. `offset` is the line of the file that the first one of the text is."""

    events: Iterator[Any]
    offset: int
    faults: list[Fault] = field(default_factory=list)

    def fault(self, what: str, detail: str, event: Any, is_strict: bool = False) -> None:
        self.faults.append(Fault(what, detail, *self.place(event), is_strict))

    def place(self, event: Any) -> tuple[int, int]:
        mark = event.start_mark
        return mark.line + self.offset, mark.column + 1

    def document(self) -> Node | None:
        """The root of the first document; None for a text without one."""
        root = None
        for event in self.events:
            if root is not None and isinstance(event, yaml.DocumentStartEvent):
                self.fault("syntax", "There is a second YAML document.", event, True)
                break
            if isinstance(event, yaml.NodeEvent):
                root = self.node(event, 0)
        return root

    def node(self, event: Any, depth: int) -> Node:
        """The node that begins with `event`, inside of `depth` others; takes all its events."""
        line, column = self.place(event)
        if isinstance(event, yaml.AliasEvent):
            self.fault("alias", str(event.anchor), event)
            return Scalar("", "null", line, column)
        if event.anchor is not None:
            self.fault("anchor", event.anchor, event)
        if event.tag is not None:
            self.fault("tag", event.tag, event)
        if isinstance(event, yaml.ScalarEvent):
            mark: Any = event.end_mark
            end = None if event.style else (mark.line + self.offset, mark.column + 1)
            return Scalar(event.value, _kind(event), line, column, end)
        if depth >= MAX_DEPTH:
            self.fault("syntax", f"It is nested more than {MAX_DEPTH} levels deep.", event, True)
            raise _TooDeepError
        inner = self.inner(depth + 1)
        if isinstance(event, yaml.SequenceStartEvent):
            return Sequence(list(inner), line, column, bool(event.flow_style))
        names: set[str] = set()
        pairs = [(self.key(node, names), next(inner)) for node in inner]
        return Mapping(pairs, line, column, bool(event.flow_style))

    def inner(self, depth: int) -> Iterator[Node]:
        """The nodes of a list or mapping, up to its end."""
        while not isinstance(event := next(self.events), _ENDS):
            yield self.node(event, depth)

    def key(self, node: Node, names: set[str]) -> Scalar:
        """`node` as a key of a mapping that has `names` already."""
        if not isinstance(node, Scalar):
            self.faults.append(Fault("key", "A key must be a plain word.", node.line, node.column))
            return Scalar("", "str", node.line, node.column)
        if node.text in names:
            self.faults.append(Fault("duplicate-key", node.text, node.line, node.column))
        names.add(node.text)
        return node


def _kind(event: yaml.ScalarEvent) -> str:
    if event.style or not event.implicit[0]:  # the C parser gives a plain scalar the style ''
        return "str"
    resolvers = yaml.SafeLoader.yaml_implicit_resolvers
    for first in (event.value[:1], None):
        for tag, pattern in resolvers.get(first, ()):
            if pattern.match(event.value):
                return _KINDS.get(tag, "str")
    return "str"


def _sentence(problem: str | None) -> str:
    words = (problem or "it cannot be read").strip().rstrip(".")
    return f"{words[:1].upper()}{words[1:]}."
