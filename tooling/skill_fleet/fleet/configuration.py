"""What maintainers set in `[tool.skill-fleet]` of the repository's pyproject.toml. Nothing in a skill can set it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from typing import Any

from skill_fleet.errors import UserError

CONFIGURATION_FILE = "pyproject.toml"


@dataclass(frozen=True)
class Configuration:
    """Every setting, with its default."""

    approvals: int = 1
    """How many people other than the one who asked for it must approve a pull request; a fleet of one sets 0."""
    writers: tuple[str, ...] = ()
    """Addresses of the people who may decide, for pull requests that live in the repository; empty: all who can push."""


def read_configuration(content: bytes | None) -> Configuration:
    """Read the bytes of a pyproject.toml (None: there is none). UserError when a setting is not what the schema says."""
    if content is None:
        return Configuration()
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
            f"Mend it in {CONFIGURATION_FILE}; the settings are: {', '.join(each.name for each in fields(Configuration))}.",
        )
    known = {each.name for each in fields(Configuration)}
    values: dict[str, Any] = {
        key.replace("-", "_"): tuple(value) if isinstance(value, list) else value for key, value in table.items()
    }
    return Configuration(**{key: value for key, value in values.items() if key in known})
