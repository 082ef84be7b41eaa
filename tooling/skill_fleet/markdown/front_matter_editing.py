"""Editing and writing front matter, line by line, so that what is not edited stays as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping as Table, Sequence as Rows
from dataclasses import dataclass
from typing import NamedTuple

from skill_fleet.markdown import front_matter
from skill_fleet.markdown.words import tidy
from skill_fleet.markdown.yaml import Mapping, Node, Scalar, Sequence

_UNREADABLE = {"encoding", "bom", "missing", "unclosed", "not-a-mapping"}
_ODD_BREAK = re.compile("[\x85\u2028\u2029]|\r(?!\n)")


class CannotEdit(Exception):
    """The front matter has a form in which a value cannot be replaced safely; the message says why."""


class Field(NamedTuple):
    """A key with its value, and the lines (from 0, half open) that hold both."""

    name: Scalar
    node: Node
    start: int
    end: int


@dataclass(frozen=True)
class FrontMatterLines:
    """The front matter of a SKILL.md as `lines` without their ends; the first one is line 2 of the file."""

    read: front_matter.FrontMatter
    lines: tuple[str, ...]
    ending: str
    before: str
    after: str

    def with_lines(self, lines: Rows[str]) -> bytes:
        """The file with other lines for its front matter."""
        return f"{self.before}{''.join(f'{line}{self.ending}' for line in lines)}{self.after}".encode()

    def fields(self, mapping: Mapping | None = None, end: int | None = None) -> list[Field]:
        """The fields of the whole, or of a `mapping` in it whose lines end before `end`.

        Blank lines after a field do not belong to it, nor do comments that are not indented deeper than its key.
        """
        pairs = (mapping or self.read.mapping).pairs
        starts = [*(name.line - 2 for name, _ in pairs), len(self.lines) if end is None else end]
        found = []
        for (name, node), start, stop in zip(pairs, starts, starts[1:], strict=False):
            while stop > start + 1 and _is_between(self.lines[stop - 1], name.column - 1):
                stop -= 1
            found.append(Field(name, node, start, max(stop, start + 1)))
        return found

    def field(self, name: str) -> Field | None:
        """The field `name` of the whole."""
        return next((each for each in self.fields() if each.name.text == name), None)


def _is_between(line: str, indent: int) -> bool:
    text = line.lstrip()
    return not text or (text[0] == "#" and len(line) - len(text) <= indent)


def front_matter_lines(content: bytes) -> FrontMatterLines | None:
    """The front matter of a file; None when it cannot be edited by lines.

    That is when it is not UTF-8, not closed, in braces, or has line ends that only YAML takes for such.
    """
    read = front_matter.read_front_matter(content)
    if {fault.what for fault in read.faults} & _UNREADABLE or read.mapping.flow:
        return None
    text = content.decode("utf-8")
    first = text.index("\n") + 1
    last = text.rfind("\n", 0, read.body_at - 1) + 1 if read.body_at else 0
    if last < first or _ODD_BREAK.search(text, first, last):
        return None
    ending = "\r\n" if "\r\n" in text[: read.body_at] else "\n"
    lines = tuple(line.removesuffix("\r") for line in text[first:last].split("\n")[:-1])
    return FrontMatterLines(read, lines, ending, text[:first], text[last:])


def set_value(content: bytes, key: str, value: str) -> bytes:
    """The bytes of a SKILL.md with the field `key` (or `metadata.KEY`) set to `value`.

    Raises CannotEdit; never returns a file in which anything but that field reads differently.
    """
    opened = front_matter_lines(content)
    faults = front_matter.read_front_matter(content).faults
    if faults:
        raise CannotEdit(f"its front matter is not valid (line {faults[0].line}: {faults[0].detail})")
    if opened is None:
        raise CannotEdit("its front matter is written in braces, or has unusual line ends")
    parent, _, name = key.rpartition(".")
    fields, rows, indent = opened.fields(), [f"{name}: {front_matter.quote(value)}"], ""
    if parent:
        block = opened.field(parent)
        if block is None:
            rows, name = [f"{parent}:", f"  {rows[0]}"], ""
        elif isinstance(block.node, Mapping) and not block.node.flow and block.node.pairs:
            indent = " " * (block.node.pairs[0][0].column - 1)
            fields = opened.fields(block.node, block.end)
        else:
            raise CannotEdit(f"`{parent}` is not a block of `key: value` lines")
    end = fields[-1].end if fields else 0
    start, stop = next(((each.start, each.end) for each in fields if each.name.text == name), (end, end))
    try:
        changed = opened.with_lines([*opened.lines[:start], *(f"{indent}{row}" for row in rows), *opened.lines[stop:]])
    except UnicodeEncodeError as problem:
        raise CannotEdit("the new value has a character that no text file can hold") from problem
    old, new = opened.read, front_matter.read_front_matter(changed)
    path = tuple(key.split(".", 1))
    before, after = (dict(_leaves(each.mapping)) for each in (old, new))
    before.pop(path, None)
    got = after.pop(path, None)
    if new.faults or got != (value, "str") or before != after or old.body != new.body:
        raise CannotEdit(f"`{key}` is written in a form that cannot be replaced safely")
    return changed


def _leaves(node: Node, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], tuple[str, str]]]:
    """Every scalar in a value, and every list, by its path."""
    if isinstance(node, Scalar):
        yield path, (node.text, node.kind)
    elif isinstance(node, Sequence):
        yield path, ("", "list")
        for number, item in enumerate(node.items):
            yield from _leaves(item, (*path, str(number)))
    else:
        for name, value in node.pairs:
            yield from _leaves(value, (*path, name.text))


def rewritten(field: Field, rows: Rows[str], indent: str = "") -> list[str]:
    """The lines of a field at another indentation, its value as a string.

    `rows` are its present lines. A string keeps its form and moves as a whole; comments inside other values go above.
    """
    name, node = field.name.text, field.node
    is_string = isinstance(node, Scalar) and node.kind == "str"
    if is_string and (front_matter.is_plain_key(name) or rows[0].lstrip()[:1] in "'\""):
        first = rows[0].lstrip()
        shift = " " * max(len(indent) - (len(rows[0]) - len(first)), 0)
        return [f"{indent}{first}", *(f"{shift}{row}" if row.strip() else row for row in rows[1:])]
    comments = [f"{indent}{row.strip()}" for row in rows[1:] if row.lstrip().startswith("#")]
    behind = None if is_string else re.search(r"\s(#.*)$", rows[0])
    tail = f"  {behind[1]}" if behind and "#" not in (node.text if isinstance(node, Scalar) else "") else ""
    return [
        *comments,
        f"{indent}{front_matter.written_key(name)}: {front_matter.written(front_matter.as_string(node))}{tail}",
    ]


def new_front_matter(fields: Table[str, str | Node], metadata: Table[str, str | Node]) -> list[str]:
    """The lines of a front matter with these fields, between its two lines of dashes. A value keeps its types."""

    def row(name: str, value: str | Node) -> str:
        return f"{front_matter.written_key(name)}: {front_matter.written(value) if isinstance(value, str) else _in_flow(value)}"

    rows = ["---", *(row(name, value) for name, value in fields.items())]
    if metadata:
        rows += ["metadata:", *(f"  {row(name, value)}" for name, value in metadata.items())]
    return [*rows, "---"]


def _in_flow(node: Node) -> str:
    """A value on one line, in brackets and braces, with its types."""
    if isinstance(node, Scalar):
        return node.text or "null" if {node.kind, node.core_kind} != {"str"} else front_matter.quote(node.text)
    if isinstance(node, Sequence):
        return f"[{', '.join(map(_in_flow, node.items))}]"
    return f"{{{', '.join(f'{_in_flow(name)}: {_in_flow(value)}' for name, value in node.pairs)}}}"


def tidy_value(text: str) -> str:
    """`text` on one line without three hyphens in a row, at which the reference reader (skills-ref) cuts the file."""
    return re.sub(r"-{3,}", "--", tidy(text))
