"""The program, of a step for each call. A step is a prompt of this package, or an optimised one from a JSON file that
people reviewed.

DSPy's own loader maps fields by position and sets any attribute that a file names; this one does neither.

`python -m skill_fleet.model.program draft > .skill-fleet/programs/draft.json` prints the present program of a step, to
be changed by hand or by an optimiser. It takes effect once it is merged, because it is read from the base.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import sys
from collections.abc import Mapping
from functools import cache
from typing import Any

from skill_fleet.errors import UserError
from skill_fleet.fleet import PROGRAMS
from skill_fleet.model.run import load_dspy

STEPS = ("cover", "draft", "draft_task", "critique", "critique_task", "edit", "edit_task", "triage", "revise")


def load_steps(texts: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return a DSPy module for each step. `texts` are the contents of files, by step: one counts if it was made from the
    present signature.

    Raises UserError if a file is no program of its step.
    """
    load_dspy()
    prompts = importlib.import_module("skill_fleet.model.prompts")
    return {step: _step(prompts, step, (texts or {}).get(step, "")) for step in STEPS}


def _step(prompts: Any, step: str, text: str) -> Any:
    signature, digest, note = signature_of(step), made_from(step), ""
    demos: list[Any] = []
    if text:
        saved = _read(prompts, text, step, signature)
        if saved.made_from == digest:
            signature = signature.with_instructions(saved.instructions)
            for name, description in saved.fields.items():
                signature = signature.with_updated_fields(name, desc=description)
            demos = [load_dspy().Example(**demo) for demo in saved.demos]
            digest = _digest(saved.model_dump())
        else:
            note = f"{file_of(step)} was made from another version of the step {step}, so it is not used."
    return prompts.Step(step, signature, digest, note, demos)


def file_of(step: str) -> str:
    """Return the path of the program of a step in a repository."""
    return f"{PROGRAMS}/{step}.json"


def save_program(step: str, instructions: str, fields: Mapping[str, str], demos: list[dict[str, Any]]) -> str:
    """Return the content of the file for an optimised step. It never names a model or a key."""
    facts = {"step": step, "made_from": made_from(step), "instructions": instructions}
    return json.dumps({**facts, "fields": dict(fields), "demos": demos, "lm": None}, indent=2) + "\n"


@cache
def signature_of(step: str) -> Any:
    """Return the signature class of a step: with the prompts of its bases before its own, and with the input `refused`,
    which all steps have."""
    dspy, prompts = load_dspy(), importlib.import_module("skill_fleet.model.prompts")
    signature = getattr(prompts, step.title().replace("_", ""))
    bases = signature.__mro__[: signature.__mro__.index(dspy.Signature)]
    signature = signature.with_instructions("\n\n".join(base.instructions for base in reversed(bases)))
    return signature.append("refused", dspy.InputField(desc=prompts.REFUSED), str)


@cache
def made_from(step: str) -> str:
    """Return the hash of a step's docstring and fields."""
    signature = signature_of(step)
    return _digest([signature.instructions, signature.model_json_schema()])


def _digest(facts: object) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def _read(prompts: Any, text: str, step: str, signature: Any) -> Any:
    tip = "Restore it from Git, or delete it: the step works without it."
    try:
        saved = prompts.Saved.model_validate_json(text)
    except ValueError as problem:
        raise UserError(f"{file_of(step)} is not a program of the step {step}.", tip) from problem
    if saved.step != step:
        raise UserError(f"{file_of(step)} is a program of another step.", tip)
    if {*saved.fields, *(name for demo in saved.demos for name in demo)} - signature.fields.keys():
        raise UserError(f"{file_of(step)} names fields that the step {step} does not have.", tip)
    return saved


def _print(words: list[str]) -> None:
    """Print the present program of the step that is named."""
    if len(words) != 1 or words[0] not in STEPS:
        sys.exit(f"Name one step: {', '.join(STEPS)}")
    signature = signature_of(words[0])
    fields = {name: field.json_schema_extra["desc"] for name, field in signature.fields.items()}
    print(save_program(words[0], signature.instructions, fields, []), end="")


if __name__ == "__main__":
    _print(sys.argv[1:])
