"""GitHub's own API description as the judge of every request and response: githubkit's models are made from it."""

from __future__ import annotations

import copy
import types
import typing
from functools import cache
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

SAMPLE = "2026-01-01T00:00:00Z"


class Misshapen(AssertionError):
    """Something is not of the shape that GitHub describes."""


def answer(model: str, facts: dict[str, Any]) -> dict[str, Any]:
    """A whole answer of the type `model` that says `facts`; what they leave out is bland."""
    kind = _model(model)
    whole = _filled(kind, facts)
    _check(kind, whole, f"the answer {model}")
    return whole


def request(model: str, body: Any) -> None:
    """Judge the body of a request: nothing unknown in it, nothing amiss."""
    kind = _model(model)
    known = {field.alias or name for name, field in kind.model_fields.items()}
    if unknown := set(body or {}) - known:
        raise Misshapen(f"the request {model} has {sorted(unknown)}")
    _check(kind, body, f"the request {model}")


@cache
def _model(name: str) -> type[BaseModel]:
    from githubkit_schemas.v2026_03_10 import models  # late: it takes most of a second

    found: type[BaseModel] = getattr(models, name)
    return found


def _check(kind: type[BaseModel], value: Any, what: str) -> None:
    try:
        kind.model_validate(value)
    except ValidationError as problem:
        raise Misshapen(f"{what}: {problem}") from problem


def _filled(kind: type[BaseModel], facts: dict[str, Any]) -> dict[str, Any]:
    """`facts` with everything that the type requires besides."""
    known = {field.alias or name for name, field in kind.model_fields.items()}
    if unknown := set(facts) - known:
        raise Misshapen(f"GitHub's {kind.__name__} has no {sorted(unknown)}")
    whole = copy.deepcopy(_sampled(kind))
    for name, field in kind.model_fields.items():
        if (key := field.alias or name) in facts:
            inner = _model_in(field.annotation)
            whole[key] = _filled(inner, facts[key]) if inner and isinstance(facts[key], dict) else facts[key]
    return whole


def _model_in(kind: Any) -> type[BaseModel] | None:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return kind
    return next((found for each in get_args(kind) if (found := _model_in(each))), None)


@cache
def _sampled(kind: type[BaseModel]) -> dict[str, Any]:
    fields = kind.model_fields.items()
    return {field.alias or name: _value(field.annotation) for name, field in fields if field.is_required()}


def _value(kind: Any) -> Any:
    """The blandest value of a type."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is typing.Annotated:
        return _value(inner[0])
    if kind is type(None):
        return None
    if origin in (typing.Union, types.UnionType):
        return None if type(None) in inner else _value(inner[0])
    if origin is typing.Literal:
        return inner[0]
    if origin is list or kind is list:
        return []
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return copy.deepcopy(_sampled(kind))
    return _BLAND.get(getattr(kind, "__name__", ""), {})


_BLAND: dict[str, Any] = {"str": "", "int": 0, "float": 0.0, "bool": False, "datetime": SAMPLE, "date": SAMPLE[:10]}
