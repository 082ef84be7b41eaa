"""A command of another tool in TOML, read as the text of its prompt, line for line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from itertools import zip_longest

from skill_fleet.drafting.sources.agentfiles import KEY, MATTER, TELLS, TEXTS, Read, SettingsText

_OPENING = re.compile(r"(?P<key>[\w-]+)\s*=\s*(?P<quote>\"\"\"|'''|\"|')(?P<rest>.*)$")


def read_toml(lines: Sequence[str]) -> Read | None:
    """A command: its `prompt` is the text and its `description` the description; None where quoting changes a line."""
    try:
        settings = tomllib.loads("\n".join(lines))
    except (tomllib.TOMLDecodeError, RecursionError):
        return None
    read, matter = SettingsText(lines), dict[str, str]()
    at = 0
    while at < len(lines) and not lines[at].startswith("["):
        found = _OPENING.match(lines[at])
        if found is None:
            at += 1
            continue
        first, own = _quoted(lines, at, found["quote"], found["rest"])
        value = settings.get(found["key"])
        if found["key"] in TEXTS and isinstance(value, str):
            said = value.split("\n")
            if not all(_decoded(line, found["quote"]) == one for line, one in zip_longest(own, said)):
                return None
            read.fates[at] = read.fates[first + len(own) - 1] = KEY
            read.put(first, said if said[-1] else said[:-1])
        elif found["key"] in TELLS and isinstance(value, str):
            matter["description"] = " ".join(value.split())
            read.fates[at : first + len(own)] = [MATTER] * (first + len(own) - at)
        at = first + len(own)
    return read.read(matter)


def _quoted(lines: Sequence[str], at: int, quote: str, rest: str) -> tuple[int, list[str]]:
    """The line that a string begins on and its lines as they stand in the file; TOML drops a line end after the quotes."""
    if len(quote) < 3 or quote in rest:
        return at, [rest.rpartition(quote)[0]]
    own = [rest]
    for line in lines[at + 1 :]:
        before, ended, _ = line.partition(quote) if "\\" not in line else (line, "", "")
        if not ended and line.rstrip().endswith(quote):
            before, ended = line.rstrip().removesuffix(quote), quote
        own.append(before)
        if ended:
            break
    return (at, own) if rest else (at + 1, own[1:])


def _decoded(line: str | None, quote: str) -> str | None:
    """What a line says that stands between these quotes; nothing if it is not a whole line of text."""
    if line is None or "\\" not in line or "'" in quote:
        return line
    try:
        said = tomllib.loads(f"line = {quote}{line}{quote}")["line"]
    except tomllib.TOMLDecodeError:
        return None
    return said if isinstance(said, str) and "\n" not in said else None
