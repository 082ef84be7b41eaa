"""The JSON Schemas of the files that people and programs write, and what is wrong with data by them.

The library jsonschema says what is wrong, but it takes 85 ms to import and 70 ms for a file of evidence. So a quick check
comes first, compiled from the same schema: what it passes is valid.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from math import inf
from pathlib import Path
from typing import Any

Schema = Mapping[str, Any]
Check = Callable[[Any], bool]


@cache
def load_schema(name: str) -> dict[str, Any]:
    """The schema `schemas/<name>.schema.json`."""
    package = Path(__file__).resolve().parents[1]
    inside, beside = package / "schemas", package.parents[1] / "schemas"
    folder = inside if inside.is_dir() else beside
    loaded: dict[str, Any] = json.loads((folder / f"{name}.schema.json").read_text(encoding="utf-8"))
    return loaded


def violations(name: str, instance: object) -> Iterator[tuple[str, str]]:
    """The places where `instance` violates the schema `name`, each with what is wrong."""
    if not quick_check(name)(instance):
        for error in sorted(_validator(name).iter_errors(instance), key=lambda error: list(map(str, error.path))):
            yield ".".join(map(str, error.path)), error.message


@cache
def _validator(name: str) -> Any:
    from jsonschema import Draft202012Validator  # 85 ms, and only needed for what is not valid

    return Draft202012Validator(load_schema(name))


@cache
def quick_check(name: str) -> Check:
    """Return a function that says whether data is valid by a schema.

    KeyError for a keyword that is not known here, and for `minimum` and `maximum` without a `type`.
    """
    root = load_schema(name)
    return _compiled(root, root.get("$defs", {}))


_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "number": (int, float), "integer": (int,),
    "boolean": (bool,), "null": (type(None),),
}  # fmt: skip
_NUMBERS = frozenset({int, float})
_SIMPLE: dict[str, Callable[[Any], Check]] = {
    "exclusiveMinimum": lambda below: lambda data: type(data) not in _NUMBERS or not data <= below,
    "minLength": lambda least: lambda data: type(data) is not str or len(data) >= least,
    "maxLength": lambda most: lambda data: type(data) is not str or len(data) <= most,
    "minItems": lambda least: lambda data: type(data) is not list or len(data) >= least,
    "maxItems": lambda most: lambda data: type(data) is not list or len(data) <= most,
    # in our schemas, what is unique has no numbers, of which 1 and 1.0 are equal
    "uniqueItems": lambda _: lambda data: type(data) is not list or len(set(map(_text, data))) == len(data),
    # and what is listed are strings and booleans
    "enum": lambda values: lambda data: type(data) in (str, bool) and data in values,
    "const": lambda value: lambda data: type(data) is type(value) and data == value,
}
"""The checks of keywords that have a plain value. What is not of the type that they are about passes."""
_FIELDS = {"properties", "required", "additionalProperties"}
_SILENT = {"$schema", "$defs", "title", "description", "default", "format", "then", "minContains"}
"""Keywords that allow everything, or that are read with another."""


def _compiled(schema: Schema | bool, definitions: Schema) -> Check:
    if isinstance(schema, bool):
        return lambda _: schema
    words = schema.keys() - _SILENT
    checks = []
    if "type" in words:
        words -= {"minimum", "maximum"}  # which are read with it
    if words & _FIELDS:
        checks.append(_check_of_fields(schema, definitions))
        words -= {"type"} if schema.get("type") == "object" else set()
    checks += [_check_of(each, schema[each], schema, definitions) for each in words - _FIELDS]
    if len(checks) < 2:
        return checks[0] if checks else lambda _: True
    first, second, *more = checks
    if more:
        return lambda data: all(check(data) for check in checks)
    return lambda data: first(data) and second(data)


def _check_of(keyword: str, value: Any, schema: Schema, definitions: Schema) -> Check:
    """The check of one keyword. What is not of the type that it is about passes."""

    def inner(below: Schema | bool) -> Check:
        return _compiled(below, definitions)

    match keyword:
        case "$ref":
            return inner(definitions[value.removeprefix("#/$defs/")])
        case "type":
            types = _types(value)
            if len(types) == 1 and int not in types:
                (only,) = types
                return lambda data: type(data) is only
            is_whole = int in types and float not in types  # of which 1.0 is one
            low, high = schema.get("minimum", -inf), schema.get("maximum", inf)

            def check_type(data: Any) -> bool:
                kind = type(data)
                if kind in types or (is_whole and kind is float and data.is_integer()):
                    return kind not in _NUMBERS or not (data < low or data > high)
                return False

            return check_type
        case "pattern":
            search = re.compile(value).search
            return lambda data: type(data) is not str or search(data) is not None
        case "items" | "contains":
            check, least = inner(value), schema.get("minContains", 1)
            if keyword == "items":
                return lambda data: type(data) is not list or all(map(check, data))
            return lambda data: type(data) is not list or sum(map(check, data)) >= least
        case "propertyNames":
            check = inner(value)
            return lambda data: type(data) is not dict or all(map(check, data))
        case "dependentSchemas":
            by_name = {key: inner(each) for key, each in value.items()}
            return lambda data: (
                type(data) is not dict or all(by_name[key](data) for key in by_name.keys() & data.keys())
            )
        case "allOf" | "anyOf" | "oneOf":
            checks = [inner(each) for each in value]
            least, most = {"allOf": (len(checks),) * 2, "anyOf": (1, len(checks)), "oneOf": (1, 1)}[keyword]
            return lambda data: least <= sum(check(data) for check in checks) <= most
        case "not":
            check = inner(value)
            return lambda data: not check(data)
        case "if":
            condition, check = inner(value), inner(schema["then"])
            return lambda data: not condition(data) or check(data)
    return _SIMPLE[keyword](value)


def _check_of_fields(schema: Schema, definitions: Schema) -> Check:
    """The check of the names and values of an object."""
    required = frozenset(schema.get("required", ()))
    known = {key: _with_types(value, definitions) for key, value in schema.get("properties", {}).items()}
    other = _with_types(schema.get("additionalProperties", True), definitions)
    others_pass = schema.get("type") != "object"

    def check(data: Any) -> bool:
        if type(data) is not dict:
            return others_pass
        for key, value in data.items():
            types, is_valid = known.get(key, other)
            if type(value) not in types and not is_valid(value):
                return False
        return required <= data.keys()

    return check


def _with_types(schema: Schema | bool, definitions: Schema) -> tuple[frozenset[type], Check]:
    """The check of a value, with the types whose values all pass: for these no call is needed."""
    is_plain = not isinstance(schema, bool) and schema.keys() - _SILENT == {"type"}
    return _types(schema["type"]) if is_plain else frozenset(), _compiled(schema, definitions)  # type: ignore[index]


def _types(names: str | list[str]) -> frozenset[type]:
    return frozenset(each for name in ([names] if isinstance(names, str) else names) for each in _TYPES[name])


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True)
