"""One field of a front matter that cannot be read any more, written anew by its lines, where it is certain which they are."""

from __future__ import annotations

import re
from collections.abc import Iterator

from skill_fleet.fleet.frontmatter import read_front_matter
from skill_fleet.fleet.yaml_edit import quote

_KEY = re.compile(rb"[A-Za-z][\w-]*[ \t]*:(?:\s|$)")
_COLON = re.compile(rb":(?:\s|$)")
_OTHER = re.compile(rb"['\"]?(?:name|license|compatibility|metadata|allowed-tools)\b")


def rebuild(content: bytes, key: str, value: str) -> bytes | None:
    """The bytes of a SKILL.md with the field `key` set to `value`; None when it is not certain which lines held it.

    It is when one line at the margin begins with its name, or none does and one alone there has no key at all, and the
    whole reads without a fault, with every other key, once those lines are replaced. No other byte changes.
    """
    lines = content.split(b"\n")
    end = read_front_matter(content).body_line - 2  # the closing dashes, from 0
    if end < 1:
        return None
    ending = b"\r" if lines[0].endswith(b"\r") else b""
    written = f"{key}: {quote(value)}".encode() + ending
    found = {
        b"\n".join([*lines[:start], written, *lines[stop:]]): (*lines[1:start], *lines[stop:end])
        for start, stop in _places(lines, key.encode(), end)
    }
    good = [changed for changed, others in found.items() if _reads(changed, key, value, others)]
    return good[0] if len(good) == 1 else None


def _places(lines: list[bytes], key: bytes, end: int) -> Iterator[tuple[int, int]]:
    """The lines (from 0, half open) that may be the field: with what is deeper, and with the lines without a key below."""
    margin = {n for n in range(1, end) if lines[n].strip() and lines[n][:1] not in b" \t#"}
    named = [n for n in margin if re.match(rb"['\"]?" + re.escape(key) + rb"(?![\w-])", lines[n])]
    keyless = {n for n in margin if not _COLON.search(lines[n])}
    if len(starts := named or [n for n in keyless if not _OTHER.match(lines[n])]) != 1:
        return
    start = starts[0]
    for below in (set[int](), keyless):
        stop = start + 1
        while stop < end and (stop not in margin or stop in below):
            stop += 1
        yield start, stop


def _reads(changed: bytes, key: str, value: str, others: tuple[bytes, ...]) -> bool:
    """Whether it reads without a fault, has the value, and each key that stands at the margin of the other lines."""
    after = read_front_matter(changed)
    keys = {line.partition(b":")[0].strip().decode() for line in others if _KEY.match(line)}
    return (
        not after.faults
        and after.value(key) == value
        and {name.text for name, _ in after.mapping.pairs} == {*keys, key}
    )
