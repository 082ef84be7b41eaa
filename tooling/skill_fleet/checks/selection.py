"""Rules by name: select and explain them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from skill_fleet.checks.rule import Rule, Scope
from skill_fleet.checks.rules import RULES
from skill_fleet.errors import UserError


@dataclass(frozen=True)
class Selection:
    """The names of the rules to run; by default, of all rules."""

    names: frozenset[str] = frozenset(RULES)

    def rules(self, scope: Scope) -> list[Rule]:
        """The rules of one scope, in the order of their names."""
        return [RULES[name] for name in sorted(self.names) if RULES[name].scope == scope]


ALL = Selection()


def select(wanted: Iterable[str] = (), ignored: Iterable[str] = ()) -> Selection:
    """Select the rules of `--select` (default: all) without those of `--ignore`. UserError for an unknown name.

    A name is that of a rule or of a family. One word may hold several, separated by commas.
    """
    chosen = _named(wanted) or set(RULES)
    return Selection(frozenset(chosen - _named(ignored)))


def explain(name: str) -> str:
    """Return the text of the rule `name`, or the list of the rules of a family. UserError for an unknown name."""
    if name in RULES:
        rule = RULES[name]
        return f"{rule.name} ({rule.severity})\n\n{rule.text}\n"
    family = sorted((rule for rule in RULES.values() if rule.family == name.rstrip("/")), key=lambda rule: rule.name)
    if not family:
        raise _unknown(name)
    width = max(len(rule.name) for rule in family)
    return "".join(f"{rule.name:<{width}}  {rule.severity:<5}  {rule.summary}\n" for rule in family)


def rule_table() -> str:
    """Return all rules as a Markdown table, for the documentation."""
    rows = ["| rule | severity | requirement |", "| --- | --- | --- |"]
    for rule in sorted(RULES.values(), key=lambda rule: rule.name):
        rows.append(f"| `{rule.name}` | {rule.severity} | {rule.summary.replace('|', chr(92) + '|')} |")
    return "\n".join(rows) + "\n"


def _named(words: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for name in (part.strip() for word in words for part in word.split(",")):
        rules = {each for each in RULES if name in (each, RULES[each].family)}
        if name and not rules:
            raise _unknown(name)
        found |= rules
    return found


def _unknown(name: str) -> UserError:
    """The error for a name that is neither a rule nor a family, with the most similar names as its tip."""
    families = sorted({rule.family for rule in RULES.values()})
    known = {**{each: each for each in (*families, *RULES)}, **{rule.partition("/")[2]: rule for rule in RULES}}
    close = list(dict.fromkeys(known[each] for each in difflib.get_close_matches(name[:80].lower(), known, 4, 0.6)))
    tip = f"Did you mean {' or '.join(close[:3])}?" if close else f"The families are: {', '.join(families)}."
    return UserError(f"There is no rule or family {name!r}.", tip)
