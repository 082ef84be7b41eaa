"""How a rule is declared: a function with a slug, a severity and a docstring that `explain` prints."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from skill_fleet.checks.finding import Finding, Severity

Scope = Literal["skill", "fleet", "change"]


@dataclass(frozen=True)
class Spot:
    """What a rule yields: where in which file, what and why, and the fix. The runner adds the rule's name.

    `key` names what is complained about where the message holds something that varies, as a length does. `skill` is
    the id, where the rule looks at more than one.
    """

    path: str
    line: int
    message: str
    fix: str
    column: int = 1
    skill: str = ""
    key: str = ""


@dataclass(frozen=True)
class Rule:
    """A rule: `name` is FAMILY/SLUG, `text` its docstring, `check` the function that yields its Spots.

    What `check` is given depends on `scope`: a `Reading` (skill), a `Survey` (fleet) or a `Change` (change).
    """

    name: str
    severity: Severity
    scope: Scope
    text: str
    check: Callable[[Any], Iterable[Spot]]

    @property
    def family(self) -> str:
        """The part of the name before the slash."""
        return self.name.partition("/")[0]

    @property
    def summary(self) -> str:
        """The rule in one sentence."""
        return self.text.partition("\n")[0]

    def findings(self, subject: Any, skill: str = "") -> Iterator[Finding]:
        """Run it on what its scope says; `skill` is the id of the skill, where it looks at one."""
        for spot in self.check(subject):
            yield Finding(
                spot.path,
                spot.line,
                spot.column,
                self.name,
                self.severity,
                spot.skill or skill,
                spot.message,
                spot.fix,
                spot.key or spot.message,
            )


RULES: dict[str, Rule] = {}

Check = TypeVar("Check", bound=Callable[[Any], Iterable[Spot]])


def rule(name: str, severity: Severity = "error", scope: Scope = "skill") -> Callable[[Check], Check]:
    """Declare the decorated function as the rule `name`; its docstring is what the user reads."""

    def declare(check: Check) -> Check:
        RULES[name] = Rule(name, severity, scope, inspect.getdoc(check) or "", check)
        return check

    return declare
