"""Escaping of text from skills and people: a file name or a value may hold anything, also commands for a terminal."""

from __future__ import annotations

import re

MAX_SHOWN = 80


def escaped(text: str) -> str:
    """`text` with an escape (`\\x1b`, `\\u202e`) for every character that is not printable."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def shown(text: str) -> str:
    """`text` escaped, and cut if it is long, for a message of one line."""
    return escaped(text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 1]}…")


def _escape(char: str) -> str:
    if "\udc80" <= char <= "\udcff":  # a byte of a path that is not UTF-8
        return f"\\x{ord(char) - 0xDC00:02x}"
    return char.encode("unicode_escape").decode()


def as_code(text: str, limit: int = 200) -> str:
    """`text` on one line, as a Markdown code span that it cannot break out of."""
    line = one_line(text).replace("<!--", "<! --")
    line = f"{line[:limit]}…" if len(line) > limit else line
    fence = "`" * (max(map(len, re.findall("`+", line)), default=0) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}" if line else "` `"


def one_line(text: str) -> str:
    """`text` with one space for every run of white space and control characters; invisible letters of words stay."""
    return re.sub(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", text).strip()
