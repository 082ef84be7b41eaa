"""A rule, and what comes of it: violations where a rule is broken, findings in a report."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

Severity = Literal["error", "hint"]
Scope = Literal["skill", "fleet", "change"]


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that is wrong (error: blocks a merge) or could be better (hint: never blocks).

    `skill` is the id, '' for the fleet. `path` is relative to the repository. `line` and `column` count from 1.
    `message` says what is wrong, `fix` what to do about it. `key` identifies the problem: it stays the same when lines
    move or a number in the message changes, so a finding of the base can be recognised in the head.
    """

    path: str
    line: int
    column: int
    rule: str
    severity: Severity
    skill: str
    message: str
    fix: str
    key: str = field(default="", repr=False)
    clients: frozenset[str] = field(default=frozenset(), repr=False, compare=False)
    """The clients that are concerned; empty: all."""

    def as_json(self) -> dict[str, Any]:
        """Return the object that `--format json` prints."""
        order = ("rule", "severity", "skill", "path", "line", "column", "message", "fix")
        return {name: getattr(self, name) for name in order}


@dataclass(frozen=True)
class Outcome:
    """The result of a check.

    `skills` is the number of skills that were checked one by one. `existing` are the findings that the base or the
    baseline has too; None when there was neither. `notes` are places in the tree, each with a sentence: what was not
    looked at, and what is out of date.
    """

    skills: int
    findings: tuple[Finding, ...]
    existing: tuple[Finding, ...] | None = None
    notes: tuple[tuple[str, str], ...] = ()

    @property
    def errors(self) -> int:
        """The number of findings that block a merge."""
        return sum(finding.severity == "error" for finding in self.findings)

    @property
    def hints(self) -> int:
        """The number of findings that are only advice."""
        return len(self.findings) - self.errors

    def fails(self, strict: bool = False) -> bool:
        """Whether the exit status is 1: there is an error or, with `strict`, any finding."""
        return bool(self.findings if strict else self.errors)


@dataclass(frozen=True)
class Violation:
    """A place where a rule is broken, with a message and a fix. The rule's name and severity make it a `Finding`.

    `key` identifies the problem where the message contains something that varies, such as a length. `skill` is the id;
    only rules that look at several skills set it.
    """

    path: str
    line: int
    message: str
    fix: str
    column: int = 1
    skill: str = ""
    key: str = ""
    clients: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Rule:
    """A rule: `name` is FAMILY/SLUG, `text` is its docstring, `check` is the function that yields violations.

    `check` takes the context of its `scope`: a `SkillContext`, a `FleetContext` or a `ChangeContext`. A rule that is not
    `default` runs only where it is named, on the command line or in the settings. With `profile_only`, its findings count
    only where the settings name a client that they concern. `ours`: the rule is about categories, ids and metadata as only
    a fleet has them, so it is not run anywhere else.
    """

    name: str
    severity: Severity
    scope: Scope
    text: str
    check: Callable[[Any], Iterable[Violation]]
    default: bool = True
    profile_only: bool = False
    ours: bool = False

    @property
    def family(self) -> str:
        """The part of the name before the slash."""
        return self.name.partition("/")[0]

    @property
    def summary(self) -> str:
        """The first line of its text: the rule in one sentence."""
        return self.text.partition("\n")[0]

    def findings(self, context: Any, skill: str = "") -> list[Finding]:
        """Check one context. `skill` is the id, for a rule about one skill."""
        found = []
        for each in self.check(context):
            place = (each.path, each.line, each.column, self.name, self.severity, each.skill or skill)
            found.append(Finding(*place, each.message, each.fix, each.key or each.message, each.clients))
        return found


RULES: dict[str, Rule] = {}

Check = TypeVar("Check", bound=Callable[[Any], Iterable[Violation]])


def rule(
    name: str,
    severity: Severity = "error",
    scope: Scope = "skill",
    default: bool = True,
    profile_only: bool = False,
    ours: bool = False,
    table: str = "",
) -> Callable[[Check], Check]:
    """Register the decorated function as the rule `name`. `explain` prints its docstring, and `table` below it."""

    def register(check: Check) -> Check:
        text = "\n\n".join(filter(None, (inspect.getdoc(check), table)))
        RULES[name] = Rule(name, severity, scope, text, check, default, profile_only, ours)
        return check

    return register
