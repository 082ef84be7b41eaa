"""UTF-8 that was once read as cp1252 or Mac Roman, put right only where that is certain.

A maximal run of non-ASCII characters is replaced if all of it encodes in that codec and the bytes are UTF-8; and only
in a document with three or more such runs, since a single pair can be somebody's real text. A run that lost bytes stays
as it is, and is reported: guessing would invent characters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

ENOUGH = 3
_RUN = re.compile(r"[^\x00-\x7f]+")
_CODECS = ("cp1252", "mac_roman")


@dataclass(frozen=True)
class Repair:
    """The repaired text, how many runs were replaced, and the lines (from 1) of what stays damaged."""

    text: str
    replaced: int
    codec: str
    damaged: tuple[int, ...]


def repair(text: str) -> Repair:
    """Undo the one misreading that the text shows, if it shows one; line ends are never touched."""
    runs = set(_RUN.findall(text))
    if not runs:
        return Repair(text, 0, "", ())
    good: dict[str, dict[str, str]] = {}
    for codec in _CODECS:
        good[codec] = {run: mended for run in runs if (mended := _undone(run, codec)) is not None}
    counts = {codec: sum(1 for run in _RUN.findall(text) if run in good[codec]) for codec in _CODECS}
    codec = max(_CODECS, key=lambda name: counts[name])
    if counts[codec] < ENOUGH:
        return Repair(text, 0, "", _damaged(text, ""))
    mended_runs = good[codec]
    mended = _RUN.sub(lambda found: mended_runs.get(found[0], found[0]), text)
    return Repair(mended, counts[codec], codec, _damaged(mended, codec))


def _undone(run: str, codec: str) -> str | None:
    try:
        mended = _bytes(run, codec).decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return None
    # Line separators would change what a line is, and controls are no text: then the run was no misread UTF-8.
    return None if any(c < "\u00a0" or c in "\u2028\u2029" for c in mended) else mended


def _bytes(run: str, codec: str) -> bytes:
    if codec != "cp1252":
        return run.encode(codec)
    # Five bytes have no character in cp1252; what reads them all the same (browsers, editors) makes C1 controls of them.
    return b"".join(bytes([ord(c)]) if c in "\x81\x8d\x8f\x90\x9d" else c.encode(codec) for c in run)


def _damaged(text: str, codec: str) -> tuple[int, ...]:
    """Lines with a replacement character, or with a run that begins like UTF-8 in the codec and does not end so."""
    lines: list[int] = []
    number = 1
    at = 0
    for found in _RUN.finditer(text):
        run = found[0]
        if "\ufffd" in run or (codec and _begins(run, codec)):
            number += text.count("\n", at, found.start())
            at = found.start()
            if not lines or lines[-1] != number:
                lines.append(number)
    return tuple(lines)


def _begins(run: str, codec: str) -> bool:
    try:
        data = _bytes(run, codec)
    except UnicodeEncodeError:
        return False
    return len(data) > 1 and 0xC2 <= data[0] <= 0xF4 and 0x80 <= data[1] <= 0xBF
