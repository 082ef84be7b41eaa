"""Unified diffs with Git's headers, for `git apply`, of contents that need not be in a repository."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from skill_fleet.git.repository import REGULAR, encode


def patch_of(path: str, before: bytes | None, after: bytes | None, mode: int = REGULAR) -> bytes:
    """The patch that turns `before` into `after` (None: there is no such file), byte for byte; b"" if they are equal."""
    return b"" if before == after else b"".join(_lines_of_patch(path, before, after, mode))


def _lines_of_patch(path: str, before: bytes | None, after: bytes | None, mode: int) -> Iterator[bytes]:
    old, new = _quoted(f"a/{path}"), _quoted(f"b/{path}")
    yield b"diff --git %s %s\n" % (old, new)
    if before is None:
        yield b"new file mode %o\n" % mode
    if after is None:
        yield b"deleted file mode %o\n" % mode
    if not (before or after):  # an empty file is created or deleted: there is no line to show
        return
    yield b"--- %s\n" % (b"/dev/null" if before is None else old)
    yield b"+++ %s\n" % (b"/dev/null" if after is None else new)
    rows = difflib.diff_bytes(difflib.unified_diff, _lines(before or b""), _lines(after or b""), n=3, lineterm=b"\n")
    for row in list(rows)[2:]:
        yield row if row.endswith(b"\n") else row + b"\n\\ No newline at end of file\n"


def _lines(content: bytes) -> list[bytes]:
    """Lines as Git counts them: only a line feed ends one."""
    *lines, last = content.split(b"\n")
    return [line + b"\n" for line in lines] + ([last] if last else [])


def _quoted(path: str) -> bytes:
    """A path as Git writes it: in quotes with escapes where it holds anything unusual."""
    raw = encode(path)
    if all(0x20 <= byte < 0x7F and byte not in b'"\\' for byte in raw):
        return raw
    special = {0x22: b'\\"', 0x5C: b"\\\\", 0x09: b"\\t", 0x0A: b"\\n"}
    return b'"' + b"".join(special.get(b, bytes([b]) if 0x20 <= b < 0x7F else b"\\%03o" % b) for b in raw) + b'"'
