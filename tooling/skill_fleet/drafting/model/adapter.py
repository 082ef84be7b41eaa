"""How a signature becomes messages and a reply becomes fields. DSPy's own way is lenient where we cannot be.

Its ChatAdapter takes a reply that was cut off, drops what stands behind a line that looks like a field, and asks again
in another format without being told to. A skill about DSPy has such lines in it.
"""

from __future__ import annotations

import json
import re
from typing import Any

import dspy  # type: ignore[import-untyped]
import pydantic

from skill_fleet.drafting.model.failure import Unreadable

END = "[[ ## completed ## ]]"


class StrictAdapter(dspy.ChatAdapter):  # type: ignore[misc]
    """Fields between markers, each output exactly once and in order, JSON where it is not text, and an end mark."""

    def __init__(self) -> None:
        super().__init__(use_json_adapter_fallback=False)

    def format_field_structure(self, signature: Any) -> str:
        """The shape of the question and of the answer."""
        inputs = "\n\n".join(f"[[ ## {name} ## ]]\n(the value of {name})" for name in signature.input_fields)
        outputs = "\n\n".join(_slot(name, field) for name, field in signature.output_fields.items())
        return (
            f"The question has this form:\n\n{inputs}\n\n"
            f"Your reply has exactly this form, markers on lines of their own, nothing before or after:\n\n{outputs}\n\n{END}\n"
        )

    def format_task_description(self, signature: Any) -> str:
        """The docstring, as it is written."""
        return f"Your task:\n\n{signature.instructions}"

    def user_message_output_requirements(self, signature: Any) -> str:
        """The reminder at the end of the question."""
        wanted = ", then ".join(
            f"`[[ ## {name} ## ]]`{'' if field.annotation is str else ' with JSON'}"
            for name, field in signature.output_fields.items()
        )
        return f"Reply with {wanted}, then `{END}` as the last line. Do not put the reply in a code fence."

    def parse(self, signature: Any, completion: str) -> dict[str, Any]:
        """The values of the output fields; Unreadable when the reply is not what was asked for."""
        texts = split_fields(completion, list(signature.output_fields))
        return {name: _value(name, texts[name], field.annotation) for name, field in signature.output_fields.items()}


def _slot(name: str, field: Any) -> str:
    if field.annotation is str:
        return f"[[ ## {name} ## ]]\n(the value of {name}: plain text as it is, not JSON, not quoted)"
    schema = json.dumps(pydantic.TypeAdapter(field.annotation).json_schema(), ensure_ascii=False)
    return f"[[ ## {name} ## ]]\n(the value of {name}: one JSON value that is valid by this schema: {schema})"


def split_fields(completion: str, names: list[str]) -> dict[str, str]:
    """The text of each field. Only the first marker of each, in order, and the last end mark count: others are text."""
    lines = completion.replace("\r\n", "\n").split("\n")  # not splitlines, for which a form feed ends a line
    while lines and not lines[-1].strip():
        lines.pop()
    if not lines or lines[-1].strip() != END:
        raise Unreadable(f"The reply does not end with the line {END}, so it may not be whole.")
    at, starts = 0, []
    for name in names:
        marker = re.compile(rf"\s*\[\[ ## {re.escape(name)} ## \]\]\s*\Z")
        while at < len(lines) - 1 and not marker.match(lines[at]):
            at += 1
        if at >= len(lines) - 1:
            raise Unreadable(f"The reply has no line [[ ## {name} ## ]], or not in its place.")
        starts.append(at)
    if any(line.strip() for line in lines[: starts[0]]):
        raise Unreadable(f"The reply has text before the line [[ ## {names[0]} ## ]].")
    ends = [*starts[1:], len(lines) - 1]
    return {name: _trimmed(lines[start + 1 : end]) for name, start, end in zip(names, starts, ends, strict=True)}


def _trimmed(lines: list[str]) -> str:
    """Without blank lines at both ends; the indent of the first line stays."""
    while lines and not lines[0].strip():
        lines = lines[1:]
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    return "\n".join(lines)


def _value(name: str, text: str, annotation: Any) -> Any:
    if not text.strip():
        raise Unreadable(f"The field {name} is empty.")
    if annotation is str:
        return text
    fenced = re.fullmatch(r"\s*```(?:json)?[ \t]*\n(.*)\n[ \t]*```\s*", text, re.DOTALL)
    try:
        # strict=False: a tab or line end as it is within a string says what is meant
        parsed = json.loads(fenced[1] if fenced else text, strict=False)
    except (ValueError, RecursionError) as problem:
        raise Unreadable(f"The field {name} is not JSON: {problem}.") from None
    try:
        return pydantic.TypeAdapter(annotation).validate_python(parsed)
    except pydantic.ValidationError as problem:
        wrong = "; ".join(
            f"{'.'.join(map(str, error['loc'])) or name}: {error['msg']}" for error in problem.errors()[:5]
        )
        raise Unreadable(f"The field {name} is not what was asked for: {wrong}.") from None
