"""The program, of a step for each call. A step is a prompt of this package, or an optimised one from a JSON file that
people reviewed.

DSPy's own loader maps fields by position and sets any attribute that a file names; this one does neither.

`python -m skill_fleet.model.program draft > .skill-fleet/programs/draft.json` prints the present program of a step, to
be changed by hand or by an optimiser. It takes effect once it is merged, because it is read from the base.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping
from functools import cache
from typing import Any

from skill_fleet.errors import UserError
from skill_fleet.fleet import PROGRAMS
from skill_fleet.model.run import load_dspy

dspy = load_dspy()
from skill_fleet.model import prompts  # noqa: E402  it needs the library

STEPS = ("cover", "draft", "draft_task", "critique", "critique_task", "edit", "edit_task", "triage", "revise")


class Saved(prompts.Shape):
    """The program of a step in a file."""

    step: str
    made_from: str
    instructions: str
    fields: dict[str, str]
    demos: list[dict[str, Any]]
    lm: None


class Step(dspy.Module):  # type: ignore[name-defined, misc]
    """A step that can be asked. `digest` is the hash of its prompt, `note` the reason why its file is not used."""

    def __init__(self, step: str, text: str = "") -> None:
        super().__init__()
        self.step, self.digest, self.note = step, made_from(step), ""
        signature, demos = signature_of(step), []
        if text and (saved := _read(step, text)).made_from != self.digest:
            self.note = f"{file_of(step)} was made from another version of the step {step}, so it is not used."
        elif text:
            signature = signature.with_instructions(saved.instructions)
            for name, description in saved.fields.items():
                signature = signature.with_updated_fields(name, desc=description)
            demos = [dspy.Example(**demo) for demo in saved.demos]
            self.digest = _digest(saved.model_dump())
        self.predict = dspy.Predict(signature)
        self.predict.demos = demos

    def forward(self, **inputs: str) -> Any:
        """Return the reply: a value, or one for each output field."""
        reply = self.predict(**inputs)
        values = tuple(getattr(reply, name) for name in self.predict.signature.output_fields)
        return values[0] if len(values) == 1 else values


def load_steps(texts: Mapping[str, str] | None = None) -> dict[str, Step]:
    """Return the module of each step. `texts` are the contents of files, by step: one counts if it was made from the
    present signature. Raises UserError if a file is no program of its step."""
    return {step: Step(step, (texts or {}).get(step, "")) for step in STEPS}


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
    signature = getattr(prompts, step.title().replace("_", ""))
    bases = signature.__mro__[: signature.__mro__.index(dspy.Signature)]
    signature = signature.with_instructions("\n\n".join(base.instructions for base in reversed(bases)))
    return signature.append("refused", dspy.InputField(desc=prompts.REFUSED), str)


@cache
def made_from(step: str) -> str:
    """Return the hash of a step's docstring and fields."""
    return _digest([signature_of(step).instructions, signature_of(step).model_json_schema()])


def _digest(facts: object) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def _read(step: str, text: str) -> Saved:
    tip = "Restore it from Git, or delete it: the step works without it."
    try:
        saved = Saved.model_validate_json(text)
    except ValueError as problem:
        raise UserError(f"{file_of(step)} is not a program of the step {step}.", tip) from problem
    if saved.step != step:
        raise UserError(f"{file_of(step)} is a program of another step.", tip)
    if {*saved.fields, *(name for demo in saved.demos for name in demo)} - signature_of(step).fields.keys():
        raise UserError(f"{file_of(step)} names fields that the step {step} does not have.", tip)
    return saved


def _print(words: list[str]) -> None:
    if len(words) != 1 or words[0] not in STEPS:
        sys.exit(f"Name one step: {', '.join(STEPS)}")
    signature = signature_of(words[0])
    fields = {name: field.json_schema_extra["desc"] for name, field in signature.fields.items()}
    print(save_program(words[0], signature.instructions, fields, []), end="")


if __name__ == "__main__":
    _print(sys.argv[1:])
