"""How a rule is declared: a function with a slug, a severity and a docstring that `explain` prints."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from skill_fleet.checks.finding import Finding, Severity
from skill_fleet.fleet.fleet import Fleet
from skill_fleet.fleet.skill import Skill

Scope = Literal["skill", "fleet", "change"]


@dataclass(frozen=True)
class Spot:
    """What a rule yields: where in which file, what, and the mend. The runner adds the rule's name and severity."""

    path: str
    line: int
    message: str
    fix: str
    column: int = 1
    skill: str = ""


@dataclass(frozen=True)
class Change:
    """Two fleets: what was and what would be. `touched` are the ids whose files differ; `paths` all that differ."""

    base: Fleet
    head: Fleet
    touched: frozenset[str]
    paths: dict[str, str]


@dataclass(frozen=True)
class Rule:
    """A rule: `name` is FAMILY/SLUG, `text` its docstring, `check` the function that yields its Spots."""

    name: str
    severity: Severity
    scope: Scope
    text: str
    check: Callable[..., Iterable[Spot]]

    @property
    def family(self) -> str:
        """The part of the name before the slash."""
        return self.name.partition("/")[0]

    def findings(self, subject: Any, skill: Skill | None = None) -> Iterator[Finding]:
        """Run it on what its scope says."""
        for spot in self.check(subject):
            about = spot.skill or (skill.id if skill else "")
            yield Finding(spot.path, spot.line, spot.column, self.name, self.severity, about, spot.message, spot.fix)


RULES: dict[str, Rule] = {}


def rule(
    name: str, severity: Severity = "error", scope: Scope = "skill"
) -> Callable[[Callable[..., Iterable[Spot]]], Callable[..., Iterable[Spot]]]:
    """Declare the decorated function as the rule `name`; its docstring is what the user reads."""

    def declare(check: Callable[..., Iterable[Spot]]) -> Callable[..., Iterable[Spot]]:
        RULES[name] = Rule(name, severity, scope, inspect.getdoc(check) or "", check)
        return check

    return declare
