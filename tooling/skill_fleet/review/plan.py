"""The plan, which is the result of a decision, and the JSON codec for what passes between the steps of a review."""

from __future__ import annotations

import hashlib
import json
import types
import typing
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Any, TypeVar, get_args, get_origin

from skill_fleet.errors import UserError
from skill_fleet.forges import Action, AnswerAction


@dataclass(frozen=True)
class Plan:
    """Actions for one pull request, decided on one head and base. `note` says why there are none, if that is not obvious.

    `remarks` are answers that are given only if a model writes them. `run` and `attempt` name the workflow run that decided it; '' outside a workflow.
    """

    repository: str
    number: int
    base: str
    head_oid: str
    state: str
    actions: tuple[Action, ...] = ()
    remarks: tuple[AnswerAction, ...] = ()
    note: str = ""
    run: str = ""
    attempt: str = ""


T = TypeVar("T")
_ACTIONS = {kind.__name__: kind for kind in get_args(Action)}


def encode(value: Any) -> Any:
    """Return a dataclass of facts as JSON values; an action has its type under `action`."""
    if is_dataclass(value):
        named = {"action": type(value).__name__} if type(value).__name__ in _ACTIONS else {}
        return named | {field.name: encode(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple | list):
        return [encode(item) for item in value]
    return {key: encode(item) for key, item in value.items()} if isinstance(value, dict) else value


def decode(kind: type[T], data: Any) -> T:
    """Return the `kind` that `data` describes. Raises UserError if it does not."""
    try:
        return typing.cast(T, _decode(kind, data))
    except (KeyError, TypeError, ValueError) as problem:
        raise UserError(
            f"Not a valid {kind.__name__.lower()}: {problem}.", "Pass the file of the previous step unchanged."
        ) from problem


def _decode(kind: Any, data: Any) -> Any:
    if kind is Any:
        return data
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return _decode_union(inner, data)
    if origin is typing.Literal:
        return _expect(data in inner, data, inner)
    if origin is tuple:
        _expect(isinstance(data, list), data, "a list")
        if inner[-1] is not Ellipsis:
            return tuple(_decode(each, item) for each, item in zip(inner, data, strict=True))
        return tuple(_decode(inner[0], item) for item in data)
    if origin is dict:
        return {key: _decode(inner[1], item) for key, item in _expect(isinstance(data, dict), data, "a table").items()}
    if is_dataclass(kind):
        _expect(isinstance(data, dict), data, "a table")
        wanted = _hints(typing.cast(type, kind))
        named = {"action"} if kind in _ACTIONS.values() else set()
        if unknown := set(data) - set(wanted) - named:
            raise ValueError(f"unknown field {sorted(unknown)[0]!r}")
        if missing := set(wanted) - set(data):  # also those with a default: a file that was cut must not pass
            raise ValueError(f"no field {sorted(missing)[0]!r}")
        made: Any = kind
        return made(**{name: _decode(wanted[name], item) for name, item in data.items() if name != "action"})
    return _expect(type(data) is kind, data, kind.__name__)


def _decode_union(inner: tuple[Any, ...], data: Any) -> Any:
    if data is None and type(None) in inner:
        return None
    if isinstance(data, dict) and "action" in data:
        kind = _ACTIONS.get(str(data["action"]))
        _expect(kind in inner, data["action"], "an action")
        return _decode(kind, data)
    return _decode(next(each for each in inner if each is not type(None)), data)


def _expect(right: bool, data: Any, wanted: object) -> Any:
    if not right:
        raise ValueError(f"{str(data)[:40]!r} where {wanted} was expected")
    return data


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def plan_digest(plan: Plan) -> str:
    """Return a digest that ties what a model wrote to its plan."""
    return hashlib.sha256(json.dumps(encode(plan), sort_keys=True).encode()).hexdigest()
