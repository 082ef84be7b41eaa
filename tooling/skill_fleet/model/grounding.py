"""Names that are in no passage: functions, options, versions and addresses that a model may have invented."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass

from skill_fleet.markdown import Markdown

_ADDRESS = re.compile(r"https?://[^\s<>()\[\]`\"']+")
_FLAG = re.compile(r"(?<![\w-])--[a-z][a-z0-9-]+")
_VERSION = re.compile(r"(?<![\w.])v?\d+\.\d+(?:\.\d+)*(?![\w.]*\w)")
_SPAN = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_CALLED = re.compile(r"([A-Za-z_][\w.]*)\s*\(|\.([A-Za-z_]\w*)|@([A-Za-z_][\w.]*)")
_IMPORTED = re.compile(r"^\s*(?:from\s+([\w.]+)\s+)?import\s+(.+)$", re.MULTILINE)
_DEFINED = re.compile(
    r"(?:\bdef|\bclass|\bfunction|\bconst|\blet|\bvar|\bas|\bfor)\s+([A-Za-z_]\w*)|^\s*([A-Za-z_]\w*)\s*(?::[^=\n]+)?=",
    re.MULTILINE,
)
_PARAMETERS = re.compile(r"\bdef\s+\w+\s*\(([^)]*)\)")
_FIELD = re.compile(r"^\s*([A-Za-z_]\w*)\s*:(?!:)", re.MULTILINE)
# without spaces around the sign, and within brackets or on a line of its own below them: else it is an assignment
_KEYWORD = re.compile(r"(?:^[ \t]+|[(,][ \t]*)([A-Za-z_]\w*)=(?![=>])")
# forms that only names have: snake_case, camelCase, CamelCase and DBAPIError, but not JSON
_MADE_UP = re.compile(r"\b\w+_\w+\b|\b[a-z]+[A-Z]\w*\b|\b(?=\w*[a-z])[A-Z]\w*[A-Z]\w*\b")
_KNOWN = {*dir(builtins), *keyword.kwlist, *keyword.softkwlist, "self", "cls", "args", "kwargs"}
_DISTINCT = re.compile(r"_|[a-z][A-Z]|\.")
_STRINGS = re.compile(r"(['\"])(?:(?!\1)[^\\\n]|\\.)*\1|#[^\n]*|//[^\n]*")


@dataclass(frozen=True)
class UnknownName:
    """A name that no passage has, and its line (from 1)."""

    name: str
    line: int


def not_in(passages: str, markdown: str, *, whole_code: bool = False) -> tuple[UnknownName, ...]:
    """Return the names of `markdown` that are not in `passages`, each once, in order."""
    words = set(re.findall(r"[A-Za-z_]\w*", passages))
    found: dict[str, int] = {}
    for name, line in _names(markdown, whole_code):
        if name not in found and not _is_in(name, passages, words):
            found[name] = line
    return tuple(UnknownName(name, line) for name, line in found.items())


def names_of(text: str) -> set[str]:
    """Return every name in a text that no word of prose looks like."""
    return {name for name, _ in _names(text, False)} | set(_MADE_UP.findall(text))


def _is_in(name: str, passages: str, words: set[str]) -> bool:
    if not _NAME.fullmatch(name):
        return re.search(rf"(?<![\w.-]){re.escape(name.rstrip('.,;:'))}(?![\w-])", passages) is not None
    return all(part in words or part in _KNOWN for part in name.split("."))


def _names(markdown: str, whole_code: bool) -> Iterator[tuple[str, int]]:
    if whole_code:
        yield from _in_code(markdown, 1)
        return
    text = Markdown(markdown)
    code: set[int] = set()
    for fence in text.fences:
        code.update(range(fence.start, fence.end))
        yield from _in_code(fence.content, fence.start + 2)
    for number, line in enumerate(text.lines, 1):
        if number - 1 in code:
            continue
        for pattern in (_ADDRESS, _FLAG, _VERSION):
            yield from ((match[0].rstrip(".,;:"), number) for match in pattern.finditer(line))
        bare = _ADDRESS.sub("", line)
        for _, span in _SPAN.findall(bare):
            yield from ((name, number) for name in _in_span(_STRINGS.sub("", _FLAG.sub("", span))))


def _in_span(span: str) -> list[str]:
    """The names of a code span that are no words. Of a call, the function and its keywords: arguments are the example's
    own."""
    if "(" in span:
        return [name for groups in _CALLED.findall(span) for name in groups if name] + _KEYWORD.findall(span)
    return [name for name in _NAME.findall(span) if _DISTINCT.search(name)]


def _in_code(code: str, first: int) -> Iterator[tuple[str, int]]:
    own = {name for pair in _DEFINED.findall(code) for name in pair if name}
    parameters = {name for row in _PARAMETERS.findall(code) for name in re.findall(r"[A-Za-z_]\w*", row)}
    own |= parameters
    fields = parameters | set(_FIELD.findall(code))
    for number, line in enumerate(code.split("\n"), first):
        for pattern in (_ADDRESS, _FLAG):
            yield from ((match[0].rstrip(".,;:"), number) for match in pattern.finditer(line))
        bare = _STRINGS.sub("", line)
        called = [name for groups in _CALLED.findall(bare) for name in groups if name]
        for package, imported in _IMPORTED.findall(bare):
            called += [package] if package else []
            called += (part.split(" as ")[0].strip(" ()") for part in imported.split(","))
        yield from ((name, number) for name in _KEYWORD.findall(bare) if name not in fields)
        yield from ((name, number) for name in called if name and name.partition(".")[0] not in own | {"self", "cls"})
        yield from ((part, number) for name in called if name.partition(".")[0] in own for part in name.split(".")[1:])
