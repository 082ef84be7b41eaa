"""Code blocks that no parser reads: said only where that is certain, which leaves out elisions and templates."""

from __future__ import annotations

import ast
import json
import re
import textwrap
import warnings
from collections.abc import Callable, Iterator, Mapping

import yaml

from skill_fleet.drafting.pages.outline import Fence
from skill_fleet.drafting.pages.page import Page
from skill_fleet.drafting.pages.spots import Spots, listed

LONGEST = 20_000
_ALL = 400_000  # characters a document: PyYAML reads some 100 KB a second
_TEMPLATE = r"\u2026|\{\{|\{%|<[a-z][\w -]*>|^\s*(?:>>> |[$!%] ?\w)"
_TEMPLATED = re.compile(rf"(?m){_TEMPLATE}")
_ELIDED = re.compile(rf"(?m){_TEMPLATE}|^\s*\.\.\.\s*$|\[\.\.\.|\.\.\.[\])}}]|\(\.\.\.")
_LEFT_OUT = re.compile(r"(?<![(\"'])\.\.\.|(?:def|class) \w+\(\.\.\.")
_NEWER = re.compile(r"(?m)^\s*type \w+.*=|(?:def|class) \w+\[|\bf['\"].*\{[^}]*['\"][^}]*\}|^\s*except \w+, \w+:")
_OTHER_JSON = re.compile(r"//|/\*|#|'|\.\.\.")
_YAML = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def unparsed(page: Page, spot: Spots) -> Iterator[str]:
    """Fences of Python, JSON and YAML that cannot be parsed, with the line of the first problem; quotes with a backslash
    before them, which one replacement mends, are said once for all.
    """
    escaped: dict[str, list[tuple[str, str]]] = {}
    wrong: dict[str, list[str]] = {}
    for fence, name, parse, text in _blocks(page):
        problem = parse(text)
        place = spot(page, fence.first + problem) if problem else ""
        if not place:
            continue
        rest = parse(text.replace('\\"', '"')) if '\\"' in text else problem
        if rest == 0 or rest > problem:
            escaped.setdefault(name, []).append((place, spot(page, fence.first + rest) if rest else ""))
        else:
            wrong.setdefault(name, []).append(place)
    for name, places in wrong.items():
        several = f"{len(places)} blocks of {name} do" if len(places) > 1 else f"A block of {name} does"
        yield f"{several} not parse ({listed(places)})."
    for name, found in escaped.items():
        left = [other for _, other in found if other]
        still = f" they do, but for {listed(left)}" if left else " they do" if len(found) > 1 else " it does"
        do, their = ("blocks", "their") if len(found) > 1 else ("block", "its")
        yield (
            f'{len(found)} {do} of {name} cannot be parsed, for {their} quotes are written `\\"` '
            f'({listed([place for place, _ in found])}): with `"`{still}. Left as in the source.'
        )


def _blocks(page: Page) -> Iterator[tuple[Fence, str, Callable[[str], int], str]]:
    """The fences that are whole, short enough to parse, and leave nothing out."""
    left = _ALL
    for fence in page.outline.fences:
        language = fence.info.split(" ")[0].lower()
        parse = _PARSERS.get(language)
        text = textwrap.dedent("\n".join(page.lines[fence.first + 1 : fence.last - 1])) + "\n"
        cut = fence.last >= page.bottom and page.torn_tail
        elided = _TEMPLATED if parse is _python else _ELIDED
        if parse is None or cut or len(text) > min(LONGEST, left) or elided.search(text):
            continue
        left -= len(text)
        yield fence, {"py": "Python", "python": "Python", "json": "JSON"}.get(language, "YAML"), parse, text


def syntax_error(text: str) -> SyntaxError | None:
    """What Python stumbles over first, if it is no text that it can read; None also for what is too deep to read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as problem:
        return problem
    except (ValueError, RecursionError, MemoryError):
        return None
    return None


def _python(text: str) -> int:
    """The line of the first error, or 0; what a newer Python may allow is no error."""
    problem = syntax_error(text)
    line = (problem.lineno or 0) if problem else 0
    around = text.split("\n")[max(0, line - 2) : line + 1]
    doubtful = (
        not problem
        or any(_LEFT_OUT.search(one) for one in around)
        or _NEWER.search(text)
        or "f-string" in (problem.msg or "")
    )
    return 0 if doubtful else min(line, text.count("\n"))


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
