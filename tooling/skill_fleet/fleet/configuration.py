"""What maintainers set in `[tool.skill-fleet]` of the repository's pyproject.toml. Nothing in a skill can set it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

from skill_fleet.errors import UserError
from skill_fleet.fleet.skill import is_name
from skill_fleet.markdown import Fault, Mapping as Block, Node, Scalar, Sequence, parse

CONFIGURATION_FILE = "pyproject.toml"
PROGRAMS = ".skill-fleet/programs"
"""The folder of what a model is asked instead of the tool's own words, a file of JSON for each step."""


@dataclass(frozen=True)
class Configuration:
    """Every setting, with its default."""

    approvals: int = 1
    """How many people other than the one who asked for it must approve a pull request; a fleet of one sets 0."""
    nudge_days: int = 14
    """After how many quiet days a draft's author is reminded that it is his turn; 0: never."""
    writers: tuple[str, ...] = ()
    """Addresses of the people who may decide, for pull requests that live in the repository; empty: all who can push."""
    ignore: tuple[str, ...] = ()
    """Rules or families that are not run."""
    exempt: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Skills by id (or a category and a slash) with the rules or families that do not hold for them."""
    accepted_duplicates: tuple[tuple[str, ...], ...] = ()
    """Pairs of ids whose descriptions or texts may be nearly the same."""
    catalogue_budget: int = 15_000
    """How many tokens (four letters each) all names and descriptions together may take before a hint says so."""
    lm: Mapping[str, Any] = field(default_factory=dict)
    """The language model that drafts and answers reviews, and what may be spent on it. Keys stay in the environment."""


def read_configuration(content: bytes | None) -> Configuration:
    """Read the bytes of a pyproject.toml (None: there is none). UserError when a setting is not what the schema says."""
    if content is None:
        return Configuration()
    import tomllib  # 3 ms, and skills outside of a fleet have no settings

    try:
        table = tomllib.loads(content.decode("utf-8")).get("tool", {}).get("skill-fleet", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, AttributeError) as problem:
        raise UserError(f"{CONFIGURATION_FILE} cannot be read: {problem}", "Fix the file.") from problem
    if not table:
        return Configuration()

    for where, what in violations("config", table):
        raise UserError(
            f"[tool.skill-fleet] {where or 'is wrong'}: {what}",
            f"Fix it in {CONFIGURATION_FILE}; the settings are: {', '.join(each.name.replace('_', '-') for each in fields(Configuration))}.",
        )
    known = {each.name for each in fields(Configuration)}
    values: dict[str, Any] = {key.replace("-", "_"): _frozen(value) for key, value in table.items()}
    return Configuration(**{key: value for key, value in values.items() if key in known})


def _frozen(value: object) -> object:
    """Lists as tuples, all the way down."""
    if isinstance(value, list):
        return tuple(_frozen(each) for each in value)
    return {key: _frozen(each) for key, each in value.items()} if isinstance(value, dict) else value


TAXONOMY_FILE = "skills/taxonomy.yaml"


@dataclass(frozen=True)
class Category:
    """A top folder of the fleet: what belongs there, and who looks after it (logins, teams or addresses)."""

    name: str
    description: str
    owners: tuple[str, ...] = ()


@dataclass(frozen=True)
class Taxonomy:
    """All categories by name. `faults` says what is wrong with the file; what could be read is there all the same.

    `owners` look after all that is no skill.
    """

    categories: dict[str, Category] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    owners: tuple[str, ...] = ()


def read_taxonomy(content: bytes | None) -> Taxonomy:
    """Read the bytes of taxonomy.yaml (None: there is no such file). Never raises."""
    if content is None:
        return Taxonomy({}, (Fault("missing", "There is no skills/taxonomy.yaml.", 1),))
    node, wrong = parse(content.decode("utf-8", "replace"))
    faults = list(wrong)
    block = node.get("categories") if isinstance(node, Block) else None
    if not isinstance(block, Block) or not block.pairs:
        faults.append(Fault("categories", "It has no category under `categories`.", node.line if node else 1))
        return Taxonomy({}, tuple(faults))
    found = {}
    for key, value in block.pairs:
        if not is_name(key.text):
            faults.append(Fault("category", f"{key.text!r} is no valid folder name.", key.line, key.column))
            continue
        found[key.text] = Category(key.text, _text(value, "description"), _owners(value))
        if not found[key.text].description:
            faults.append(Fault("category", f"The category {key.text} has no description.", key.line, key.column))
    return Taxonomy(found, tuple(faults), _owners(node))


def _text(node: Node, key: str) -> str:
    value = node.get(key) if isinstance(node, Block) else None
    return value.text.strip() if isinstance(value, Scalar) else ""


def _owners(node: Node | None) -> tuple[str, ...]:
    value = node.get("owners") if isinstance(node, Block) else None
    items = value.items if isinstance(value, Sequence) else []
    return tuple(item.text for item in items if isinstance(item, Scalar))


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
    from jsonschema import Draft202012Validator  # 85 ms, and only needed by some commands

    return Draft202012Validator(load_schema(name))
