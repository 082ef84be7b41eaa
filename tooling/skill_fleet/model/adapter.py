"""Messages made of a signature, and fields read from a reply, strictly.

DSPy's ChatAdapter accepts a reply that was cut off, drops the text after a line that looks like a field, and asks again
in another format on its own. A skill about DSPy has such lines in it.
"""

from __future__ import annotations

import json
import re
from typing import Annotated, Any, Literal, get_args, get_origin

import dspy  # type: ignore[import-untyped]
import pydantic

from skill_fleet.model.run import Unreadable

END = "[[ ## completed ## ]]"


def shape_text(annotation: Any, indent: str = "") -> str:
    """Return the form of a value of the type `annotation`: `text`, words to choose from, a list, or a table with comments."""
    inner, kind = f"{indent}  ", get_origin(annotation)
    if kind is Annotated:
        return shape_text(get_args(annotation)[0], indent)
    if kind is Literal:
        return " or ".join(f'"{each}"' for each in get_args(annotation))
    if kind is list:
        entry = shape_text(get_args(annotation)[0], inner)
        return f"[\n{inner}{entry},\n{inner}...\n{indent}]" if "\n" in entry else f"[{entry}, ...]"
    if annotation is str:
        return "text"
    rows = []
    for name, field in annotation.model_fields.items():
        note = f"{inner}// {field.description}\n" if field.description else ""
        rows.append(f'{note}{inner}"{name}": {shape_text(field.annotation, inner)}')
    return "{\n" + ",\n".join(rows) + f"\n{indent}}}"


class StrictAdapter(dspy.ChatAdapter):  # type: ignore[misc]
    """Fields between markers, each output exactly once and in order, JSON where it is not text, and an end mark."""

    def __init__(self) -> None:
        super().__init__(use_json_adapter_fallback=False)

    def format_system_message(self, signature: Any) -> str:
        """Return the docstring, unchanged, then the parts of the question, then the form of the reply and its JSON."""
        inputs = "\n".join(
            f"- `{name}`: {field.json_schema_extra['desc']}" for name, field in signature.input_fields.items()
        )
        outputs, shapes = [], []
        for name, field in signature.output_fields.items():
            form = "as it is, not as JSON, not in quotes" if field.annotation is str else "JSON"
            outputs.append(f"[[ ## {name} ## ]]\n({field.json_schema_extra['desc']}: {form})")
            if field.annotation is not str:
                shapes.append(f"\n\nThe form of `{name}`:\n\n{shape_text(field.annotation)}")
        return (
            f"{signature.instructions}\n\n# The question\n\nEach part follows a line with its name, like"
            f" `[[ ## NAME ## ]]`.\n\n{inputs}\n\n# Your reply\n\nExactly this, the lines in double brackets as they"
            " are, nothing before or after, no code fence around it:\n\n"
            + "\n\n".join([*outputs, END])
            + "\n\nWrite JSON itself: without comments, every field there and no other, line ends within a text as"
            " `\\n`." + "".join(shapes)
        )

    def user_message_output_requirements(self, signature: Any) -> str:
        """Return the reminder at the end of the question."""
        wanted = ", then ".join(f"`[[ ## {name} ## ]]`" for name in signature.output_fields)
        return f"Reply with {wanted}, then `{END}` as the last line."

    def parse(self, signature: Any, completion: str) -> dict[str, Any]:
        """Return the values of the output fields. Raises Unreadable if the reply is not of the requested form."""
        texts = split_fields(completion, list(signature.output_fields))
        return {name: _value(name, texts[name], field.annotation) for name, field in signature.output_fields.items()}


def split_fields(completion: str, names: list[str]) -> dict[str, str]:
    """Return the text of each field. Only the first marker of each, in order, and the last end mark count: others are text.

    Raises Unreadable if a marker is missing, or text precedes the first or follows the end mark.
    """
    text = completion.replace("\r\n", "\n").strip()
    if text.rpartition("\n")[2].strip() != END:
        raise Unreadable(f"The reply does not end with the line {END}, so it may not be whole.")
    fields = "".join(rf"^[ \t]*\[\[ ## {re.escape(name)} ## \]\][ \t]*\n(.*?)" for name in names)
    found = re.fullmatch(rf"{fields}^[ \t]*{re.escape(END)}", text, re.DOTALL | re.MULTILINE)
    if not found:
        lines = ", ".join(f"[[ ## {name} ## ]]" for name in (*names, "completed"))
        raise Unreadable(f"The reply has not the lines {lines} in this order, with nothing before the first.")
    # the indentation of the first line stays
    return {name: re.sub(r"\A([ \t]*\n)+", "", one).rstrip() for name, one in zip(names, found.groups(), strict=True)}


def _value(name: str, text: str, annotation: Any) -> Any:
    if not text.strip():
        raise Unreadable(f"The field {name} is empty.")
    if annotation is str:
        return text
    fenced = re.fullmatch(r"\s*```(?:json)?[ \t]*\n(.*)\n[ \t]*```\s*", text, re.DOTALL)
    try:
        # strict=False: an unescaped tab or line end in a string is unambiguous
        parsed = json.loads(fenced[1] if fenced else text, strict=False)
        return pydantic.TypeAdapter(annotation).validate_python(parsed)
    except pydantic.ValidationError as problem:
        wrong = "; ".join(f"{'.'.join(map(str, one['loc'])) or name}: {one['msg']}" for one in problem.errors()[:5])
        raise Unreadable(f"The field {name} is not what was asked for: {wrong}.") from None
    except (ValueError, RecursionError) as problem:
        raise Unreadable(f"The field {name} is not JSON: {problem}.") from None
