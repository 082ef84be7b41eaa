"""The program of a step: its signature as written here, or an optimised one from a JSON file that people reviewed.

DSPy's own loader maps fields by their position and sets any attribute that a file names; this one does neither.
"""

from __future__ import annotations

import hashlib
import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from skill_fleet.drafting.model.loading import load_dspy
from skill_fleet.errors import UserError

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


def load_program(step: str, folder: Path | None = None) -> Program:
    """The program of `step`: from `folder`/STEP.json if that was made from the signature as it is now."""
    dspy = load_dspy()
    signature = signature_of(step)
    digest, note = made_from(step), ""
    demos: list[Any] = []
    file = folder / f"{step}.json" if folder else None
    if file and file.is_file():
        saved = _read(file, step, signature)
        if saved["made_from"] == digest:
            signature = signature.with_instructions(saved["instructions"])
            for name, description in saved["fields"].items():
                signature = signature.with_updated_fields(name, desc=description)
            demos = [dspy.Example(**demo) for demo in saved["demos"]]
            digest = _digest(saved)
        else:
            note = f"{file.name} was optimised from another text of the step {step}, so it is not used."
    predict = dspy.Predict(signature)
    predict.demos = demos
    return Program(step, predict, next(iter(signature.output_fields)), digest, note)


def save_program(step: str, instructions: str, fields: Mapping[str, str], demos: list[dict[str, Any]]) -> str:
    """What a file for an optimised step holds. No model and no key ever stand in it."""
    facts = {"step": step, "made_from": made_from(step), "instructions": instructions}
    return json.dumps({**facts, "fields": dict(fields), "demos": demos, "lm": None}, indent=2) + "\n"


def signature_of(step: str) -> Any:
    """The signature class of a step."""
    load_dspy()
    module = importlib.import_module(f"skill_fleet.drafting.model.steps.{step}")
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


def _read(file: Path, step: str, signature: Any) -> dict[str, Any]:
    tip = "Restore it from Git, or delete it: the step works without."
    try:
        saved = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise UserError(f"{file} cannot be read.", tip) from problem
    if not isinstance(saved, dict) or saved.keys() != _KEYS or saved["step"] != step or saved["lm"] is not None:
        raise UserError(f"{file} is not a program of the step {step}.", tip)
    shapes = isinstance(saved["instructions"], str) and isinstance(saved["fields"], dict)
    if not shapes or not isinstance(saved["demos"], list) or saved["fields"].keys() - signature.fields.keys():
        raise UserError(f"{file} names fields that the step {step} does not have.", tip)
    return saved
