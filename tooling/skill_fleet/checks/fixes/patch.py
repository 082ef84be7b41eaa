"""Changes as a patch that `git apply` takes."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from skill_fleet.checks.fixes.fix import Changes
from skill_fleet.fleet.git import REGULAR
from skill_fleet.fleet.tree import Tree

_NO_NEWLINE = b"\\ No newline at end of file\n"


def as_patch(tree: Tree, changes: Changes) -> bytes:
    """The changes against what the tree holds, as a unified diff with Git's headers; the bytes as they are."""
    entries = {entry.path: entry for entry in tree.entries}
    out = b""
    for path, after in sorted(changes.items()):
        entry = entries.get(path)
        before = tree.read(entry) if entry else None
        if before != after:
            mode = entry.mode if entry else REGULAR
            out += b"".join(_file(path, before, after, mode))
    return out


def _file(path: str, before: bytes | None, after: bytes | None, mode: int) -> Iterator[bytes]:
    old, new = _quoted(f"a/{path}"), _quoted(f"b/{path}")
    yield b"diff --git %s %s\n" % (old, new)
    if before is None:
        yield b"new file mode %o\n" % mode
    if after is None:
        yield b"deleted file mode %o\n" % mode
    if not (before or after):  # an empty file comes or goes: there is no line to show
        return
    yield b"--- %s\n" % (b"/dev/null" if before is None else old)
    yield b"+++ %s\n" % (b"/dev/null" if after is None else new)
    one, other = (_lines(each or b"") for each in (before, after))
    rows = list(difflib.diff_bytes(difflib.unified_diff, one, other, n=3, lineterm=b"\n"))[2:]
    for row in rows:
        yield row if row.endswith(b"\n") else row + b"\n" + _NO_NEWLINE


def _lines(content: bytes) -> list[bytes]:
    """Lines as Git counts them: only a line feed ends one."""
    lines = [line + b"\n" for line in content.split(b"\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def _quoted(path: str) -> bytes:
    """A path as Git writes it: in quotes with escapes where it holds anything unusual."""
    raw = path.encode("utf-8", "surrogateescape")
    if all(0x20 <= byte < 0x7F and byte not in b'"\\' for byte in raw):
        return raw
    special = {0x22: b'\\"', 0x5C: b"\\\\", 0x09: b"\\t", 0x0A: b"\\n"}
    return b'"' + b"".join(special.get(b, bytes([b]) if 0x20 <= b < 0x7F else b"\\%03o" % b) for b in raw) + b'"'
