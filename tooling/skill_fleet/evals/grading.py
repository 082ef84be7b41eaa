"""Grades by code: each check looks at an answer, at files, or runs a program in a fresh copy of the project."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

from skill_fleet.agents import CHECK_SECONDS, Files, Output, Sandbox, execute, fresh_folder
from skill_fleet.evals.cases import Case

GRADER = 1
"""The version of what checks mean. Grades of another version are stale."""

_CHOICE = re.compile(r"^\W*choice\W+([A-Z])\b\W*$", re.IGNORECASE | re.MULTILINE)
_ABSENT = object()


def grade(case: Case, output: Output, sandbox: Sandbox, stop: threading.Event) -> dict[str, bool]:
    """Return whether the assertions hold, for those that checks decide about."""
    held: dict[int, bool] = {}
    for check in sorted(case.checks, key=lambda check: check["assertion"]):
        at = check["assertion"] - 1
        held[at] = (_holds(check, case, output, sandbox, stop) != check.get("not", False)) and held.get(at, True)
    return {case.assertions[at]: holds for at, holds in held.items()}


def _holds(check: Mapping[str, Any], case: Case, output: Output, sandbox: Sandbox, stop: threading.Event) -> bool:
    match check["type"]:
        case "file":
            return any(True for _ in _matching(output.files, check["path"]))
        case "regex":
            pattern = re.compile(check["pattern"], re.MULTILINE)
            return any(pattern.search(text) for text in _texts(check, output))
        case "json":
            values = (_value(text, check.get("pointer", "")) for text in _texts(check, output))
            return any(value is not _ABSENT and _same(value, check.get("equals", value)) for value in values)
        case "tool":
            pattern = re.compile(check.get("pattern", ""))
            used = (each for each in output.tools if each.get("name") == check["tool"])
            return any(pattern.search(_input(each.get("input", ""))) for each in used)
        case "choice":
            chosen = _CHOICE.findall(output.answer)
            return bool(chosen) and chosen[-1].upper() == check["choice"]
        case _:
            # the hidden files first, so that nothing that the agent made is in their place
            with fresh_folder({**case.hidden, **output.files, **case.hidden}) as root:
                # it runs what an agent made, which has nothing to ask of any host
                status = execute(check["command"], root, replace(sandbox, network=False), CHECK_SECONDS, stop)
                return status == int(check.get("exit", 0))


def _matching(files: Files, pattern: str) -> Iterator[bytes]:
    return (file.content for name, file in files.items() if name == pattern or fnmatchcase(name, pattern))


def _texts(check: Mapping[str, Any], output: Output) -> Iterator[str]:
    """The texts that a check is about: the answer, or the files at its path."""
    if "path" not in check:
        yield output.answer
        return
    for content in _matching(output.files, check["path"]):
        yield content.decode("utf-8", "replace")


def _input(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _same(one: object, other: object) -> bool:
    """Whether two JSON values are equal: 1 is 1.0, but not true."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _value(text: str, pointer: str) -> object:
    """The value at a JSON pointer; `_ABSENT` when the text is not JSON, or has none there."""
    try:
        value = json.loads(text)
        for part in pointer.split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            value = value[int(key)] if isinstance(value, list) else value[key]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        return _ABSENT
    found: object = value
    return found
