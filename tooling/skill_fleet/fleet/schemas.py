"""The JSON Schemas of the repository's `schemas/` folder, of which the installed package carries a copy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any


@cache
def load_schema(name: str) -> dict[str, Any]:
    """The schema `schemas/<name>.schema.json`."""
    package = Path(__file__).resolve().parents[1]
    inside, beside = package / "schemas", package.parents[1] / "schemas"
    folder = inside if inside.is_dir() else beside
    loaded: dict[str, Any] = json.loads((folder / f"{name}.schema.json").read_text(encoding="utf-8"))
    return loaded


def violations(name: str, instance: object) -> Iterator[tuple[str, str]]:
    """Where `instance` breaks the schema `name`, and what is wrong there; nothing when it is valid."""
    for error in sorted(_validator(name).iter_errors(instance), key=lambda error: list(map(str, error.path))):
        yield ".".join(map(str, error.path)), error.message


@cache
def _validator(name: str) -> Any:
    from jsonschema import Draft202012Validator  # 85 ms, and only needed by some verbs

    return Draft202012Validator(load_schema(name))
