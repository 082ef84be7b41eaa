"""UTF-8 that was once read as cp1252 or Mac Roman, repaired only where that is certain.

A maximal run of non-ASCII characters is replaced if all of it encodes in that codec and the bytes are UTF-8, and only
in a document with three or more such runs, since a single pair can be real text. A run that lost bytes stays as it is
and is reported.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

ENOUGH = 3
_RUN = re.compile(r"[^\x00-\x7f]+")
_CODECS = {"cp1252": "Windows-1252", "mac_roman": "Mac Roman"}


@dataclass(frozen=True)
class Repair:
    """The repaired text, how many runs were replaced, the codec's name for people, and the lines (from 1) still damaged."""

    text: str
    replaced: int = 0
    codec: str = ""
    damaged: tuple[int, ...] = ()


def repair(text: str) -> Repair:
    """Undo the one misreading that the text shows, if it shows one. Line ends are never touched."""
    runs = _RUN.findall(text)
    if not runs:
        return Repair(text)
    good = {codec: {run: fixed for run in {*runs} if (fixed := _undone(run, codec))} for codec in _CODECS}
    counts = {codec: sum(run in good[codec] for run in runs) for codec in _CODECS}
    codec = max(_CODECS, key=lambda name: counts[name])
    if counts[codec] < ENOUGH:
        return Repair(text, damaged=_damaged(text, ""))
    fixed = _RUN.sub(lambda found: good[codec].get(found[0], found[0]), text)
    return Repair(fixed, counts[codec], _CODECS[codec], _damaged(fixed, codec))


def _undone(run: str, codec: str) -> str:
    try:
        fixed = _bytes(run, codec).decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return ""
    # Line separators would change what a line is, and controls are no text: then the run was no misread UTF-8.
    return "" if any(char < "\u00a0" or char in "\u2028\u2029" for char in fixed) else fixed


def _bytes(run: str, codec: str) -> bytes:
    if codec != "cp1252":
        return run.encode(codec)
    # Five bytes have no character in cp1252; browsers and editors make C1 controls of them.
    return b"".join(bytes([ord(c)]) if c in "\x81\x8d\x8f\x90\x9d" else c.encode(codec) for c in run)


def _damaged(text: str, codec: str) -> tuple[int, ...]:
    lines: dict[int, None] = {}
    number, at = 1, 0
    for found in _RUN.finditer(text):
        if "\ufffd" in found[0] or (codec and _begins(found[0], codec)):
            number += text.count("\n", at, found.start())
            at = found.start()
            lines[number] = None
    return tuple(lines)


def _begins(run: str, codec: str) -> bool:
    try:
        data = _bytes(run, codec)
    except UnicodeEncodeError:
        return False
    return len(data) > 1 and 0xC2 <= data[0] <= 0xF4 and 0x80 <= data[1] <= 0xBF
