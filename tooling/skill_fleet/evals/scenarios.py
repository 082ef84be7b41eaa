"""Cases written from the scenario documents of a baseline: a prompt, what goes wrong without the skill, what success is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import Any

from skill_fleet.markdown import Markdown


class _Part(Enum):
    """A labelled part of a scenario. The value is what its label has to contain."""

    PROMPT = re.compile(r"^(?:\w+ )?prompt$", re.IGNORECASE)
    FAILURES = re.compile(r"\b(?:baseline|expected)\b.*\bfailures?\b", re.IGNORECASE)
    SUCCESS = re.compile(r"\b(?:success|pass(?:ing)?|acceptance) criteria\b", re.IGNORECASE)
    OTHER = re.compile("")


_LABEL = re.compile(r"^(?:\*\*|__)([^*_:]{2,60})(?::(?:\*\*|__)|(?:\*\*|__):)[ \t]*(.*)$")
_ITEM = re.compile(r"^[ \t]*(?:[-*+]|\d{1,3}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?(.*\S)")
_RULE = re.compile(r"^[ \t]*(?:[-*_][ \t]*){3,}$")


def with_scenarios(data: Mapping[str, Any], text: str) -> tuple[dict[str, Any], int]:
    """Add the cases of a document to the content of an evals.json, and return it with the number of them.

    A prompt that is there already is left as it is.
    """
    cases = list(data["evals"])
    known = {case["prompt"] for case in cases}
    first = max((case["id"] for case in cases), default=0) + 1
    new = [case for case in scenarios(text, first) if case["prompt"] not in known]
    return {**data, "evals": [*cases, *new]}, len(new)


def scenarios(text: str, first_id: int = 1) -> list[dict[str, Any]]:
    """Return the cases of a document, numbered from `first_id`. A scenario begins at each prompt.

    What is said in the document is kept as it is: assertions are the criteria of success, and nothing is composed.
    """
    cases: list[dict[str, Any]] = []
    for parts in _scenarios(Markdown(text)):
        prompt = _prompt(parts[_Part.PROMPT])
        if not prompt:
            continue
        criteria = _items(parts.get(_Part.SUCCESS, ()))
        case: dict[str, Any] = {
            "id": first_id + len(cases),
            "prompt": prompt,
            "expected_output": "; ".join(criteria),
            "files": [],
            "assertions": criteria,
        }
        if failures := _items(parts.get(_Part.FAILURES, ())):
            case["expected_failures"] = failures
        cases.append(case)
    return cases


def _scenarios(document: Markdown) -> Iterator[Mapping[_Part, list[str]]]:
    """The lines of each scenario by part."""
    headings = dict(document.headings)
    fenced = {number for fence in document.fences for number in range(fence.start + 1, fence.end + 1)}
    marks = {number for fence in document.fences for number in (fence.start + 1, fence.end)}
    parts: dict[_Part, list[str]] = {}
    lines: list[str] = []
    for number, line in enumerate(document.lines, 1):
        label = None if number in fenced else _LABEL.match(line)
        named = headings.get(number) or (label and label[1])
        if named is not None:
            part = next(part for part in _Part if part.value.search(named.partition("(")[0].strip(" :")))
            if part is _Part.PROMPT or (number in headings and part is _Part.OTHER):
                if _Part.PROMPT in parts:
                    yield parts
                parts = {}
            lines = parts.setdefault(part, [])
            lines += [label[2]] if label else []
        elif number not in marks and not (_RULE.match(line) and number not in fenced):
            lines.append(line)
    if _Part.PROMPT in parts:
        yield parts


def _prompt(lines: Iterable[str]) -> str:
    """The prompt without quotation marks around it."""
    text = re.sub(r"^> ?", "", "\n".join(lines), flags=re.MULTILINE).strip()
    quoted = re.fullmatch(r'"([^"]+)"|“([^”]+)”', text)
    return (quoted[1] or quoted[2]) if quoted else text


def _items(lines: Iterable[str]) -> list[str]:
    """The items of a list, each once."""
    found = (match[1] for match in map(_ITEM.match, lines) if match)
    return list(dict.fromkeys(item.replace("**", "") for item in found))
