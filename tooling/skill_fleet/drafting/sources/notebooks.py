"""A Jupyter notebook read as Markdown, line for line: cells of text are text, cells of code fences, the rest is left out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from skill_fleet.drafting.pages.page import Drawn, Used

STRUCTURE = "structure of the notebook"
OUTPUT = "an output of a code cell"
RAW = "a raw cell of the notebook"
_SOURCE = '"source": ['


def read_notebook(lines: Sequence[str]) -> tuple[tuple[str, ...], Drawn] | None:
    """The lines as Markdown, and what became of those that are blank there; None unless each line of text has its own."""
    try:
        notebook = json.loads("\n".join(lines))
        cells = [(cell["cell_type"], _strings(cell["source"])) for cell in notebook["cells"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    language = _language(notebook)
    text = [""] * len(lines)
    placed = bytearray(len(lines))
    aside: list[Used] = [Used(first, last, OUTPUT, aside=True) for first, last in _outputs(lines)]
    at = 0
    for kind, source in cells:
        if not source:
            continue
        first = _place(lines, source, at)
        if first < 0:
            return None
        if kind == "code" and lines[first - 1].strip() != _SOURCE:
            return None  # on a line of its own there is no line for the marks of a fence
        at = first + len(source)
        if kind == "raw":
            aside.append(Used(first, at, RAW, aside=True))
            continue
        text[first:at] = [one.removesuffix("\n") for one in source]
        placed[first:at] = b"\1" * len(source)
        if kind == "code":
            longest = max((len(run) for one in source for run in re.findall("`+", one)), default=0)
            mark = "`" * max(3, longest + 1)
            text[first - 1], text[at] = f"{mark}{language}", mark
            placed[first - 1] = placed[at] = 1
    if not any(placed):
        return None
    return tuple(text), Drawn(tuple(sorted(_rest(placed, aside), key=lambda one: one.first)))


def _strings(source: Any) -> list[str]:
    """The lines of a cell; a cell written as one string is refused unless it is one line, for it has only one here."""
    given = [source] if isinstance(source, str) and source else source
    if not isinstance(given, (list, str)) or any(not isinstance(one, str) or "\n" in one[:-1] for one in given):
        raise ValueError("a cell whose lines do not stand on lines of their own")
    return list(given)


def _language(notebook: Any) -> str:
    metadata = notebook.get("metadata") or {}
    for place, key in (("language_info", "name"), ("kernelspec", "language")):
        named = metadata.get(place) if isinstance(metadata, dict) else None
        said = named.get(key) if isinstance(named, dict) else None
        if isinstance(said, str) and re.fullmatch(r"[\w+#.-]{1,30}", said):
            return said.lower()
    return "python"


def _place(lines: Sequence[str], source: Sequence[str], at: int) -> int:
    """The line on which a cell's text begins, from line `at` on, or -1."""
    for number in range(at, len(lines)):
        if len(source) == 1 and lines[number].strip().startswith('"source": "'):
            if _string(lines[number].strip().removeprefix('"source": ')) == source[0]:
                return number
        elif (
            lines[number].strip() == _SOURCE
            and number + len(source) < len(lines)
            and all(_string(lines[number + 1 + k]) == one for k, one in enumerate(source))
        ):
            return number + 1
    return -1


def _string(line: str) -> str | None:
    try:
        found = json.loads(line.strip().removesuffix(","))
    except ValueError:
        return None
    return found if isinstance(found, str) else None


def _outputs(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The lines between `"outputs": [` and its bracket, where a tool indented them."""
    first, indent = -1, ""
    for at, line in enumerate(lines):
        if first < 0 and line.strip() == '"outputs": [':
            first, indent = at + 1, line[: len(line) - len(line.lstrip())]
        elif first >= 0 and line.startswith(f"{indent}]"):
            yield first, at
            first = -1


def _rest(placed: bytearray, aside: Sequence[Used]) -> Iterator[Used]:
    """What is left out, and all that is neither that nor text."""
    taken = bytearray(placed)
    for one in aside:
        if not any(placed[one.first : one.last]):
            yield one
            taken[one.first : one.last] = b"\1" * (one.last - one.first)
    for found in re.finditer(rb"\0+", taken):
        yield Used(found.start(), found.end(), STRUCTURE)
