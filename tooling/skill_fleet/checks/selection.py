"""Which rules run."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from skill_fleet.checks.rule import Rule, Scope
from skill_fleet.checks.rules import RULES
from skill_fleet.errors import UserError


@dataclass(frozen=True)
class Selection:
    """The names of the rules that run; all of them when none are named."""

    names: frozenset[str] = frozenset(RULES)

    def rules(self, scope: Scope) -> list[Rule]:
        """The rules of one scope, in the order of their names."""
        return [RULES[name] for name in sorted(self.names) if RULES[name].scope == scope]


ALL = Selection()


def select(wanted: Iterable[str] = (), unwanted: Iterable[str] = ()) -> Selection:
    """The rules that `--select` (all, when it names none) and `--ignore` leave; UserError for an unknown name.

    A name is that of a rule or of a family; several may stand in one word, with commas between them.
    """
    chosen = _named(wanted) or set(RULES)
    return Selection(frozenset(chosen - _named(unwanted)))


def near_names(name: str) -> list[str]:
    """The rules and families that `name` may have meant, the likeliest first."""
    slugs = {rule.partition("/")[2]: rule for rule in RULES}
    known = {**{each: each for each in (*_families(), *RULES)}, **slugs}
    close = difflib.get_close_matches(name[:80].lower(), known, 4, 0.6)
    return list(dict.fromkeys(known[each] for each in close))[:3]


def unknown(name: str) -> UserError:
    """The error for a name that is neither a rule nor a family."""
    near = near_names(name)
    tip = f"Did you mean {' or '.join(near)}?" if near else f"The families are: {', '.join(_families())}."
    return UserError(f"There is no rule or family called {name!r}.", tip)


def _named(words: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for name in (part.strip() for word in words for part in word.split(",")):
        rules = {each for each in RULES if name in (each, RULES[each].family)}
        if name and not rules:
            raise unknown(name)
        found |= rules
    return found


def _families() -> list[str]:
    return sorted({rule.family for rule in RULES.values()})


def explain(name: str) -> str:
    """The text on the rule `name`, or the list of the rules of a family; UserError when there is neither."""
    if name in RULES:
        rule = RULES[name]
        return f"{rule.name} ({rule.severity})\n\n{rule.text}\n"
    family = [rule for rule in RULES.values() if rule.family == name.rstrip("/")]
    if not family:
        raise unknown(name)
    width = max(len(rule.name) for rule in family)
    rows = [
        f"{rule.name:<{width}}  {rule.severity:<5}  {rule.summary}" for rule in sorted(family, key=lambda r: r.name)
    ]
    return "\n".join(rows) + "\n"


def rule_table() -> str:
    """All rules as a Markdown table, for the documentation."""
    rows = ["| rule | severity | what it wants |", "| --- | --- | --- |"]
    for rule in sorted(RULES.values(), key=lambda rule: rule.name):
        rows.append(f"| `{rule.name}` | {rule.severity} | {rule.summary.replace('|', chr(92) + '|')} |")
    return "\n".join(rows) + "\n"
