"""The program of a step: its signature as written here, or an optimised one from a JSON file that people reviewed.

DSPy's own loader maps fields by their position and sets any attribute that a file names; this one does neither.

`python -m skill_fleet.model.program write > .skill-fleet/programs/write.json` writes the step as it is, to be
changed by hand or by an optimiser, and to be merged like anything else: it is read from the base.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from skill_fleet.errors import UserError
from skill_fleet.fleet import PROGRAMS
from skill_fleet.model.lm import load_dspy

STEPS = ("understand", "plan", "write", "describe", "critique", "triage", "edit")
_KEYS = {"step", "made_from", "instructions", "fields", "demos", "lm"}


@dataclass(frozen=True)
class Program:
    """A step that can be asked. `digest` names what it says, `note` is why a file for it was not taken."""

    step: str
    predict: Any
    output: str
    digest: str
    note: str = ""


def load_program(step: str, text: str = "") -> Program:
    """The program of `step`: `text`, the content of its file, if that was made from the signature as it is now."""
    dspy = load_dspy()
    signature = signature_of(step)
    digest, note = made_from(step), ""
    demos: list[Any] = []
    if text:
        saved = _read(text, step, signature)
        if saved["made_from"] == digest:
            signature = signature.with_instructions(saved["instructions"])
            for name, description in saved["fields"].items():
                signature = signature.with_updated_fields(name, desc=description)
            demos = [dspy.Example(**demo) for demo in saved["demos"]]
            digest = _digest(saved)
        else:
            note = f"{file_of(step)} was optimised from another text of the step {step}, so it is not used."
    predict = dspy.Predict(signature)
    predict.demos = demos
    return Program(step, predict, next(iter(signature.output_fields)), digest, note)


def file_of(step: str) -> str:
    """Where the program of a step stands in a repository."""
    return f"{PROGRAMS}/{step}.json"


def save_program(step: str, instructions: str, fields: Mapping[str, str], demos: list[dict[str, Any]]) -> str:
    """What a file for an optimised step holds. No model and no key ever stand in it."""
    facts = {"step": step, "made_from": made_from(step), "instructions": instructions}
    return json.dumps({**facts, "fields": dict(fields), "demos": demos, "lm": None}, indent=2) + "\n"


def signature_of(step: str) -> Any:
    """The signature class of a step."""
    load_dspy()
    module = importlib.import_module("skill_fleet.model.signatures")
    return getattr(module, step.capitalize())


@cache
def made_from(step: str) -> str:
    """The hash of a step's docstring and fields."""
    signature = signature_of(step)
    return _digest([signature.instructions, signature.model_json_schema()])


@cache
def prompt_texts() -> tuple[str, ...]:
    """Every text of ours that a model reads: what may not turn up in what it writes."""
    found = []
    for step in STEPS:
        signature = signature_of(step)
        found += [signature.instructions, *(field.json_schema_extra["desc"] for field in signature.fields.values())]
    return tuple(found)


def _digest(facts: object) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def _read(text: str, step: str, signature: Any) -> dict[str, Any]:
    tip = "Restore it from Git, or delete it: the step works without."
    try:
        saved = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise UserError(f"{file_of(step)} is not JSON.", tip) from problem
    if not isinstance(saved, dict) or saved.keys() != _KEYS or saved["step"] != step or saved["lm"] is not None:
        raise UserError(f"{file_of(step)} is not a program of the step {step}.", tip)
    shapes = isinstance(saved["instructions"], str) and isinstance(saved["fields"], dict)
    demos = isinstance(saved["demos"], list) and all(isinstance(demo, dict) for demo in saved["demos"])
    known = signature.fields.keys()
    named = {*saved["fields"], *(name for demo in saved["demos"] for name in demo)} if shapes and demos else {""}
    if named - known:
        raise UserError(f"{file_of(step)} names fields that the step {step} does not have.", tip)
    return saved


def _print(words: list[str]) -> None:
    """Print the program of the step that is named, as it is."""
    if len(words) != 1 or words[0] not in STEPS:
        sys.exit(f"Name one step: {', '.join(STEPS)}")
    signature = signature_of(words[0])
    fields = {name: field.json_schema_extra["desc"] for name, field in signature.fields.items()}
    print(save_program(words[0], signature.instructions, fields, []), end="")


if __name__ == "__main__":
    _print(sys.argv[1:])
