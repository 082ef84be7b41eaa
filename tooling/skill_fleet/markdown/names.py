"""Names in a Markdown text that others do not have: functions, options, versions and addresses."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterator

from skill_fleet.markdown.document import Markdown

_ADDRESS = re.compile(r"https?://[^\s<>()\[\]`\"']+")
_FLAG = re.compile(r"(?<![\w-])--[A-Za-z][\w-]+")
_VERSION = re.compile(r"(?<![\w.])v?\d+\.\d+(?:\.\d+)*(?![\w.]*\w)")
_SPAN = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_CALLED = re.compile(r"([A-Za-z_][\w.]*)\s*\(|\.([A-Za-z_]\w*)|@([A-Za-z_][\w.]*)")
_IMPORT = re.compile(r"\s*(?:from\s+[\w.]+\s+)?import\s")
_DEFINED = re.compile(
    r"(?:\bdef|\bclass|\bfunction|\bconst|\blet|\bvar|\bas|\bfor)\s+([A-Za-z_]\w*)|^\s*([A-Za-z_]\w*)\s*(?::[^=\n]+)?=",
    re.MULTILINE,
)
_PARAMETERS = re.compile(r"\bdef\s+\w+\s*\(([^)]*)\)")
_FIELD = re.compile(r"^\s*([A-Za-z_]\w*)\s*:(?!:)", re.MULTILINE)
# without spaces around the sign, and within brackets or on a line of its own below them: else it is an assignment
_KEYWORD = re.compile(r"(?:^[ \t]+|[(,][ \t]*)([A-Za-z_]\w*)=(?![=>])")
_KNOWN = {*dir(builtins), *keyword.kwlist, *keyword.softkwlist, "self", "cls", "args", "kwargs"}
_DISTINCT = re.compile(r"_|[a-z][A-Z]|\.")
_STRINGS = re.compile(r"(['\"])(?:(?!\1)[^\\\n]|\\.)*\1|#[^\n]*|//[^\n]*")
_FORMS = (
    # forms that only names have: snake_case, camelCase, CamelCase and DBAPIError, but not JSON
    re.compile(r"\b\w+_\w+\b|\b[a-z]+[A-Z]\w*\b|\b(?=\w*[a-z])[A-Z]\w*[A-Z]\w*\b"),
    re.compile(r"--[a-z][\w-]+|\bv?\d+\.\d+[\w.]*\b|https?://[^\s<>()`]+"),
    # code spans and headings: names even if they look like words
    re.compile(r"`([^`\n]+)`"),
    re.compile(r"^#+[ \t]+(.+?)[ \t]*$", re.MULTILINE),
)


def not_in(passages: str, markdown: str, *, whole_code: bool = False) -> dict[str, int]:
    """Return the names of `markdown` that are not in `passages`, in order, and the line (from 1) of each."""
    words = {*re.findall(r"[A-Za-z_]\w*", passages), *_KNOWN}

    def is_known(name: str) -> bool:
        if _NAME.fullmatch(name):
            return words.issuperset(name.split("."))
        return re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", passages) is not None

    first: dict[str, int] = {}
    for name, line in sorted(_names(markdown, whole_code), key=lambda each: each[1]):
        first.setdefault(name, line)
    return {name: line for name, line in first.items() if not is_known(name)}


def _names(markdown: str, whole_code: bool) -> Iterator[tuple[str, int]]:
    """Names with their lines: those that code uses, and of prose those that only names look like."""
    text = Markdown("" if whole_code else markdown)
    code = [(fence.content, fence.start + 2) for fence in text.fences] + [(markdown, 1)] * whole_code
    for content, first in code:
        yield from _in_code(content, first)
    inside = {number for fence in text.fences for number in range(fence.start, fence.end)}
    for number, line in enumerate(text.lines, 1):
        if number - 1 in inside:
            continue
        yield from _marked(line, number, _ADDRESS, _FLAG, _VERSION)
        for _, span in _SPAN.findall(_ADDRESS.sub("", line)):
            if "(" in span:
                yield from _in_code(span, number)
            else:
                names = _NAME.findall(_STRINGS.sub("", _FLAG.sub("", span)))
                yield from ((name, number) for name in names if _DISTINCT.search(name))


def _marked(line: str, number: int, *patterns: re.Pattern[str]) -> Iterator[tuple[str, int]]:
    for pattern in patterns:
        yield from ((match[0].rstrip(".,;:"), number) for match in pattern.finditer(line))


def _in_code(code: str, first: int) -> Iterator[tuple[str, int]]:
    """What code calls, imports, and hands over by keyword, without what it defines itself; addresses and options."""
    fields = {name for row in _PARAMETERS.findall(code) for name in re.findall(r"[A-Za-z_]\w*", row)}
    fields.update(_FIELD.findall(code))
    own = fields.union(*_DEFINED.findall(code))
    for number, line in enumerate(code.split("\n"), first):
        yield from _marked(line, number, _ADDRESS, _FLAG)
        bare = _STRINGS.sub("", line)
        used = _NAME.findall(bare) if _IMPORT.match(bare) else [one for all in _CALLED.findall(bare) for one in all]
        yield from ((name, number) for name in _KEYWORD.findall(bare) if name not in fields)
        for name in filter(None, used):
            owner, *parts = name.split(".")
            if owner in own:
                yield from ((part, number) for part in parts)
            elif owner not in ("self", "cls"):
                yield name, number


def names_lost(before: str, after: str) -> set[str]:
    """Return the names that lines had before a change and do not have after it: others that have them may have to follow."""
    old, new = ({name for form in _FORMS for name in form.findall(text)} for text in (before, after))
    return old - new
