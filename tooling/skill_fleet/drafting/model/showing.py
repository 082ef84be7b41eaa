"""A closed type as a model reads it best: the JSON that is wanted, with what each field holds beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pydantic

_KINDS = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false", "null": "null"}


def shape_text(annotation: Any) -> str:
    """The form of a value of the type `annotation`, with a comment on each field, as `{"path": text, // CATEGORY/NAME`."""
    schema = pydantic.TypeAdapter(annotation).json_schema()
    return "\n".join(_value(schema, schema.get("$defs", {})))


def _value(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> list[str]:
    schema = _found(schema, defs)
    if "enum" in schema:
        return [" or ".join(f'"{each}"' for each in schema["enum"])]
    if "properties" in schema:
        *early, last = (_field(name, each, defs) for name, each in schema["properties"].items())
        fields = [line for lines in early for line in [*lines[:-1], _with_comma(lines[-1])]] + last
        return ["{", *(f"  {line}" for line in fields), "}"]
    if schema.get("type") == "array":
        entry = _value(schema["items"], defs)
        return [f"[{entry[0]}, ...]"] if len(entry) == 1 else ["[", *(f"  {line}" for line in entry), "  , ...", "]"]
    return [_KINDS[schema["type"]]]


def _field(name: str, schema: Mapping[str, Any], defs: Mapping[str, Any]) -> list[str]:
    lines = _value(schema, defs)
    note = "; ".join(part for part in (_bounds(_found(schema, defs)), schema.get("description", "")) if part)
    lines[0] = f'"{name}": {lines[0]}' + (f"  // {note}" if note else "")
    return lines


def _with_comma(line: str) -> str:
    value, mark, note = line.partition("  // ")
    return f"{value},{mark}{note}"


def _found(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a reference means."""
    reference: str = schema.get("$ref", "")
    return defs[reference.rpartition("/")[2]] if reference else schema


def _bounds(schema: Mapping[str, Any]) -> str:
    counted = schema.get("type") == "array"
    low, high = (schema.get(key) for key in (("minItems", "maxItems") if counted else ("minimum", "maximum")))
    unit = " entries" if counted else ""
    if low and high:
        return f"{low} to {high}{unit}"
    if high:
        return f"at most {high}{unit}"
    return f"{low} or more{unit}" if low else ""
