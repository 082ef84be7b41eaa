"""Strict YAML with the place of every value: the C parser's events, built into small nodes.

Why not `safe_load`: it turns `2026-01-01` into a date and `no` into False, keeps the last of two equal keys without a
word, and forgets the lines. Aliases are refused, so no document can grow when it is read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # a PyYAML that was built without libyaml: slower, same answers
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

MAX_DEPTH = 32

_ENDS = (yaml.SequenceEndEvent, yaml.MappingEndEvent)

_KINDS = {f"tag:yaml.org,2002:{name}": name for name in ("bool", "int", "float", "null", "timestamp", "merge", "value")}


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value: its text, where it stands, and what a plain YAML 1.1 reader would take it for (`str`, `bool`, ...)."""

    text: str
    kind: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list of nodes."""

    items: list[Node]
    line: int
    column: int
    flow: bool = False


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys with their nodes, in the order they stand in."""

    pairs: list[tuple[Scalar, Node]]
    line: int
    column: int
    flow: bool = False

    def get(self, key: str) -> Node | None:
        """The first value of `key`."""
        return next((value for name, value in self.pairs if name.text == key), None)


Node = Scalar | Sequence | Mapping


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a text: `what` names it, `detail` says it, `line` and `column` count from 1."""

    what: str
    detail: str
    line: int
    column: int = 1
    is_strict: bool = False
    """Whether it is valid YAML that only we refuse: several documents, deep nesting."""


@dataclass
class _Builder:
    """Builds nodes from events. A key waits in `keys` until its value comes."""

    offset: int
    faults: list[Fault] = field(default_factory=list)
    stack: list[Sequence | Mapping] = field(default_factory=list)
    keys: list[Scalar | None] = field(default_factory=list)
    root: Node | None = None

    def fault(self, what: str, detail: str, mark: Any, is_strict: bool = False) -> None:
        self.faults.append(Fault(what, detail, mark.line + self.offset, mark.column + 1, is_strict))

    def put(self, node: Node) -> None:
        if not self.stack:
            self.root = node
            return
        top = self.stack[-1]
        if isinstance(top, Sequence):
            top.items.append(node)
        elif (key := self.keys[-1]) is not None:
            top.pairs.append((key, node))
            self.keys[-1] = None
        elif isinstance(node, Scalar):
            self.keys[-1] = node
            if any(name.text == node.text for name, _ in top.pairs):
                self.faults.append(Fault("duplicate-key", node.text, node.line, node.column))
        else:
            self.faults.append(Fault("key", "A key must be a plain word.", node.line, node.column))
            self.keys[-1] = Scalar("", "str", node.line, node.column)


def parse(text: str, first_line: int = 1) -> tuple[Node | None, tuple[Fault, ...]]:
    """Read one YAML document; `first_line` is the number of its first line in the file. Never raises."""
    builder = _Builder(first_line)
    try:
        for event in yaml.parse(text.encode("utf-8", "replace"), Loader=_Loader):
            _take(builder, event)
            if len(builder.stack) > MAX_DEPTH:
                builder.fault("syntax", f"It is nested more than {MAX_DEPTH} levels deep.", event.start_mark, True)
                break
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line, mark.column) if mark else (0, 0)
        builder.faults.append(Fault("syntax", _sentence(error.problem), line + first_line, column + 1))
        return None, tuple(builder.faults)
    except yaml.YAMLError as error:  # a character that YAML does not allow
        at = getattr(error, "position", 0) or 0
        line = first_line + text.count("\n", 0, at if isinstance(at, int) else 0)
        builder.faults.append(Fault("syntax", _sentence(getattr(error, "reason", None)), line))
        return None, tuple(builder.faults)
    return builder.root, tuple(builder.faults)


def _take(builder: _Builder, event: Any) -> None:
    mark = event.start_mark
    if type(event) is yaml.ScalarEvent and event.anchor is None and event.tag is None:  # as nearly all are
        builder.put(Scalar(event.value, _kind(event), mark.line + builder.offset, mark.column + 1))
        return
    if isinstance(event, yaml.AliasEvent):
        builder.fault("alias", str(event.anchor), mark)
        builder.put(Scalar("", "null", mark.line + builder.offset, mark.column + 1))
        return
    if isinstance(event, yaml.DocumentStartEvent) and builder.root is not None:
        builder.fault("syntax", "There is a second YAML document.", mark, True)
    if isinstance(event, _ENDS):
        node = builder.stack.pop()
        builder.keys.pop()
        builder.put(node)
        return
    if not isinstance(event, yaml.NodeEvent):
        return
    for what in ("anchor", "tag"):
        if (word := getattr(event, what, None)) is not None:
            builder.fault(what, str(word), mark)
    line, column = mark.line + builder.offset, mark.column + 1
    if isinstance(event, yaml.ScalarEvent):
        builder.put(Scalar(event.value, _kind(event), line, column))
    elif isinstance(event, yaml.SequenceStartEvent):
        builder.stack.append(Sequence([], line, column, bool(event.flow_style)))
        builder.keys.append(None)
    elif isinstance(event, yaml.MappingStartEvent):
        builder.stack.append(Mapping([], line, column, bool(event.flow_style)))
        builder.keys.append(None)


def _kind(event: yaml.ScalarEvent) -> str:
    if event.style or not event.implicit[0]:  # the C parser gives a plain scalar the style ''
        return "str"
    resolvers = _Loader.yaml_implicit_resolvers
    for first in (event.value[:1], None):
        for tag, pattern in resolvers.get(first, ()):
            if pattern.match(event.value):
                return _KINDS.get(tag, "str")
    return "str"


def _sentence(problem: str | None) -> str:
    words = (problem or "it cannot be read").strip().rstrip(".")
    return f"{words[:1].upper()}{words[1:]}."
