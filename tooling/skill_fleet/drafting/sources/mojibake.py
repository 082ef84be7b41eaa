"""UTF-8 that was once read as cp1252 or Mac Roman, put right only where that is certain.

A maximal run of non-ASCII characters is replaced if all of it encodes in that codec and the bytes are UTF-8; and only
in a document with three or more such runs, since a single pair can be somebody's real text. A run that lost bytes stays
as it is, and is reported: guessing would invent characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

ENOUGH = 3
_RUN = re.compile(r"[^\x00-\x7f]+")
_CODECS = ("cp1252", "mac_roman")
_LOST = (b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d")
_PICTURES = frozenset(
    "\u231a\u231b\u23e9\u23ea\u23eb\u23ec\u23f0\u23f3\u25fd\u25fe\u2614\u2615\u267f\u2693\u26a1\u26aa\u26ab\u26bd\u26be\u26c4\u26c5"
    "\u26ce\u26d4\u26ea\u26f2\u26f3\u26f5\u26fa\u26fd\u2705\u270a\u270b\u2728\u274c\u274e\u2753\u2754\u2755\u2757\u2795\u2796\u2797\u27b0"
    "\u27bf\u2b1b\u2b1c\u2b50\u2b55"
)


@dataclass(frozen=True)
class Repair:
    """The repaired text, how many runs were replaced, on how many lines and the first of them before and after, and the
    lines (from 1) of what stays damaged.
    """

    text: str
    replaced: int
    codec: str
    damaged: tuple[int, ...]
    lines: int = 0
    example: tuple[int, str, str] = (0, "", "")


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
    changed = [(at, *pair) for at, pair in enumerate(zip(text.split("\n"), mended.split("\n"), strict=True), 1)]
    changed = [one for one in changed if one[1] != one[2]]
    at, was, _ = changed[0]
    run = next(run for run in _RUN.findall(was) if run in mended_runs)
    example = (at, run, mended_runs[run])
    return Repair(mended, counts[codec], codec, _damaged(mended, codec), len(changed), example)


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


def candidates(line: str) -> Iterator[tuple[str, str]]:
    """Damaged runs that one of the five bytes cp1252 lost makes an emoji, if exactly one emoji: named, never written."""
    for run in _RUN.findall(line):
        if len(run) < 12 and _begins(run, "cp1252"):
            data = _bytes(run, "cp1252")
            completed = {data[:at] + lost + data[at:] for at in range(1, len(data) + 1) for lost in _LOST}
            pictures = {
                text for one in completed if (text := one.decode("utf-8", "ignore")).encode() == one and _picture(text)
            }
            if len(pictures) == 1:
                yield run, pictures.pop()


def _picture(text: str) -> bool:
    """Whether a text is one emoji: shown as one by itself, or by the selector behind it."""
    if len(text) == 2 and text[1] == "\ufe0f":
        return "\u2190" <= text[0] <= "\u2bff" or text[0] >= "\U0001f000"
    if len(text) != 1 or unicodedata.category(text) == "Cn":
        return False
    return text in _PICTURES or "\U0001f300" <= text <= "\U0001faff"
