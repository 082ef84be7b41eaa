"""What a model was asked and said, on its way from the job that has it to the one that may keep it: the raw calls.

They are for learning alone. Whoever carries them reads nothing out of them: they have a fixed shape and a size, no
secret of the job they come from, and whose pull request they belong to is the plan's to say.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from skill_fleet.errors import UserError
from skill_fleet.review.leaks import leaks

MOST = 2 * 1024 * 1024  # characters of all calls as JSON, a quarter of what words may have
_DEEPEST = 12  # lists and tables in each other; a plan has five


@dataclass(frozen=True)
class Heard:
    """One call: the step and the hash of what it says, the typed inputs and output, the raw reply, and how it ended."""

    step: str
    program: str
    inputs: dict[str, str]
    output: Any
    reply: str
    finish: str
    model: str
    options: dict[str, Any]
    prompt_tokens: int | None
    completion_tokens: int | None
    refused: str


def heard(rounds: Iterable[Mapping[str, Any]], secrets: Iterable[str]) -> tuple[Heard, ...]:
    """The calls of these records, whole ones from the first on, as far as they may go; none if any holds a secret."""
    found: list[Heard] = []
    left = MOST
    for call in (call for row in rounds for call in row["calls"]):
        text = json.dumps(call)
        if len(text) > left:
            break
        left -= len(text)
        found.append(Heard(**call))
    said = "".join(json.dumps(asdict(each), ensure_ascii=False) for each in found)
    return () if leaks(said, secrets) else tuple(found)


def round_row(by: str, head: str, calls: Sequence[Heard]) -> dict[str, Any] | None:
    """The row to keep of a round that was written on `head`, None for no call; UserError when it is of no such shape."""
    facts = [asdict(each) for each in calls if _is_plain([each.output, each.options])]
    if len(facts) < len(calls) or len(json.dumps(facts)) > MOST:
        raise UserError("These words have calls that `write` would not keep.", "Give the file as it was written.")
    return {"kind": "round", "by": by, "head": head, "calls": facts} if facts else None


def _is_plain(value: Any) -> bool:
    """Whether a value of JSON is no deeper than such values are, and has only numbers that JSON has."""
    level = [value]
    for _ in range(_DEEPEST):
        inner: list[Any] = []
        for each in level:
            if isinstance(each, float) and not math.isfinite(each):
                return False
            inner += each.values() if isinstance(each, dict) else each if isinstance(each, list) else ()
        if not inner:
            return True
        level = inner
    return False
