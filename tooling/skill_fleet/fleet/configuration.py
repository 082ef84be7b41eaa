"""What maintainers set in `[tool.skill-fleet]` of the repository's pyproject.toml. Nothing in a skill can set it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from skill_fleet.errors import UserError

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
        raise UserError(f"{CONFIGURATION_FILE} cannot be read: {problem}", "Mend the file.") from problem
    if not table:
        return Configuration()
    from skill_fleet.fleet.schemas import violations

    for where, what in violations("config", table):
        raise UserError(
            f"[tool.skill-fleet] {where or 'is wrong'}: {what}",
            f"Mend it in {CONFIGURATION_FILE}; the settings are: {', '.join(each.name.replace('_', '-') for each in fields(Configuration))}.",
        )
    known = {each.name for each in fields(Configuration)}
    values: dict[str, Any] = {key.replace("-", "_"): _frozen(value) for key, value in table.items()}
    return Configuration(**{key: value for key, value in values.items() if key in known})


def _frozen(value: object) -> object:
    """Lists as tuples, all the way down."""
    if isinstance(value, list):
        return tuple(_frozen(each) for each in value)
    return {key: _frozen(each) for key, each in value.items()} if isinstance(value, dict) else value
