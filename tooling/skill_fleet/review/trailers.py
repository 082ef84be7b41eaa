"""Trailers: the facts in the last paragraph of a commit's message, in Git's own form (`Key: value`)."""

from __future__ import annotations

import re
from collections.abc import Iterable

_LINE = re.compile(r"(?P<key>[A-Z][A-Za-z-]*): (?P<value>.+)")


def read_trailers(message: str) -> tuple[tuple[str, str], ...]:
    """The trailers of a message: of its last paragraph, if every line of that is one and it is not the first."""
    paragraphs = [part for part in re.split(r"\n[ \t]*\n", message.rstrip()) if part.strip()]
    if len(paragraphs) < 2:
        return ()
    rows = [_LINE.fullmatch(line.rstrip()) for line in paragraphs[-1].strip("\n").split("\n")]
    return tuple((row["key"], row["value"]) for row in rows if row) if all(rows) else ()


def trailer(message: str, key: str) -> str:
    """The first value of `key`, '' when it is not there."""
    return next((value for name, value in read_trailers(message) if name == key), "")


def write_message(subject: str, body: str, trailers: Iterable[tuple[str, str]]) -> str:
    """A whole message. No text can add a trailer: the body never touches the last paragraph, values are one line.

    A trailer without a value is left out: Git would take its line, and so the whole paragraph, for prose.
    """
    pairs = [(key, one_line(value)) for key, value in trailers]
    rows = "\n".join(f"{key}: {value}" for key, value in pairs if value)
    text = "\n\n".join(part for part in (one_line(subject), body.strip(), rows) if part) + "\n"
    return text.encode("utf-8", "replace").decode()  # a lone surrogate is no text to Git


def one_line(text: str) -> str:
    """`text` with every run of white space and control characters as one space."""
    return re.sub(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", text).strip()


def credit(name: str, address: str) -> str:
    """A person as a trailer names one: `Name <address>`."""
    clean = re.sub(r"[<>]", "", one_line(name)) or "someone"
    return f"{clean} <{re.sub(r'[<> ]', '', one_line(address))}>"
