"""Code blocks that no parser reads: said only where that is certain, which leaves out elisions and templates."""

from __future__ import annotations

import ast
import json
import re
import textwrap
import warnings
from collections.abc import Callable, Iterator, Mapping

import yaml

from skill_fleet.drafting.page import Page
from skill_fleet.drafting.spots import Spots

LONGEST = 20_000
_ALL = 400_000  # characters a document: PyYAML reads some 100 KB a second
_ELIDED = re.compile(
    r"(?m)\u2026|^\s*\.\.\.\s*$|\{\{|\{%|<[a-z][\w -]*>|^\s*(?:>>> |[$!%] ?\w)|\[\.\.\.|\.\.\.[\])}]|\(\.\.\."
)
_NEWER = re.compile(r"(?m)^\s*type \w+.*=|(?:def|class) \w+\[|\bf['\"].*\{[^}]*['\"][^}]*\}|^\s*except \w+, \w+:")
_OTHER_JSON = re.compile(r"//|/\*|#|'|\.\.\.")
_YAML = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def unparsed(page: Page, spot: Spots) -> Iterator[str]:
    """Fences of Python, JSON and YAML that cannot be parsed, each with the line of the first problem."""
    left = _ALL
    for fence in page.outline.fences:
        language = fence.info.split(" ")[0].lower()
        parse = _PARSERS.get(language)
        lines = page.lines[fence.first + 1 : fence.last - 1]
        text = textwrap.dedent("\n".join(lines)) + "\n"
        cut = fence.last >= page.bottom and bool(page.closing or page.part.cut_tail)
        if parse is None or cut or len(text) > min(LONGEST, left) or _ELIDED.search(text):
            continue
        left -= len(text)
        problem = parse(text)
        place = spot(page, fence.first + problem) if problem else ""
        if problem and place:
            name = {"py": "Python", "python": "Python", "json": "JSON"}.get(language, "YAML")
            escaped = '\\"' in text
            rest = parse(text.replace('\\"', '"')) if escaped else problem
            if escaped and not rest:
                yield (
                    f'A block of {name} does not parse only because its quotes are written `\\"` ({place}): '
                    'with `"` it does. It was left as it is.'
                )
            elif escaped and rest > problem:
                other = spot(page, fence.first + rest)
                yield f'A block of {name} does not parse: its quotes are written `\\"` ({place}), and then at {other}.'
            else:
                yield f"A block of {name} does not parse ({place})."


def _python(text: str) -> int:
    """The line of the first error, or 0; what a newer Python may allow is no error."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as problem:
        certain = problem.lineno and not _NEWER.search(text) and "f-string" not in (problem.msg or "")
        return min(problem.lineno or 0, text.count("\n")) if certain else 0
    except (ValueError, RecursionError, MemoryError):
        return 0
    return 0


def _json(text: str) -> int:
    """The line of the first error, or 0; one value after another is what many tools write."""
    decoder, at = json.JSONDecoder(), 0
    try:
        while at < len(text) and (at := at + len(text[at:]) - len(text[at:].lstrip())) < len(text):
            _, at = decoder.raw_decode(text, at)
    except json.JSONDecodeError as problem:
        return 0 if _OTHER_JSON.search(text) else problem.lineno
    except RecursionError:
        return 0
    return 0


def _yaml(text: str) -> int:
    """The line of the first error, or 0; tags and what they make are nobody's business here."""
    try:
        for _ in yaml.parse(text, Loader=_YAML):
            pass
    except yaml.MarkedYAMLError as problem:
        return problem.problem_mark.line + 1 if problem.problem_mark else 0
    except (yaml.YAMLError, RecursionError):
        return 0
    return 0


_PARSERS: Mapping[str, Callable[[str], int]] = {
    "python": _python, "py": _python, "json": _json, "yaml": _yaml, "yml": _yaml,
}  # fmt: skip
