"""Words from a skill, made fit to be shown: a file name or a value may hold anything, a terminal's commands too."""

from __future__ import annotations

MAX_SHOWN = 80


def escaped(text: str) -> str:
    """`text` with every character that a reader cannot see as it is written as an escape (`\\x1b`, `\\u202e`)."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def shown(text: str) -> str:
    """`text` escaped, and cut when it is long: for a message of one line."""
    return escaped(text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 1]}…")


def _escape(char: str) -> str:
    code = ord(char)
    if char == "\t":
        return "\\t"
    if char == "\n":
        return "\\n"
    if 0xDC80 <= code <= 0xDCFF:  # a byte of a path that is not UTF-8, as Python keeps it
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
