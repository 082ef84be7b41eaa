"""The skill that a prompt leads to by its words, and the prompts that a change of descriptions steals or loses. No model is asked.

An agent chooses by names and descriptions. Where these share words with a prompt of `evals/triggers.json`, a search ranks
them; what moves between two states of a fleet is what the change did.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from skill_fleet.fleet import Fleet, Skill, descriptions, nearest, violations

TRIGGERS_FILE = "evals/triggers.json"


class Shift(StrEnum):
    """How a prompt of a skill has moved: what its words do, about that skill."""

    WRONG = "does not lead to it"
    LOST = "no longer leads to it"
    STOLEN = "leads to a changed skill instead"
    FALSE = "leads to it now, but should not"
    GAINED = "leads to it now"


@dataclass(frozen=True)
class Ranked:
    """A prompt of a skill, by id, and the skill that it leads to; "" for none."""

    query: str
    skill: str
    leads_to: str
    shift: Shift


def ranking(fleet: Fleet) -> tuple[list[Ranked], int]:
    """Return the prompts that do not lead to their skill, and how many there are that should."""
    wanted = [(query, skill) for query, skill, should in prompts(fleet) if should]
    found = nearest(descriptions(fleet), (query for query, _ in wanted))
    wrong = [(query, owner, found.get(query, "")) for query, owner in wanted if found.get(query) != owner]
    return [Ranked(*each, Shift.WRONG) for each in wrong], len(wanted)


def shifts(base: Fleet, head: Fleet) -> list[Ranked]:
    """Return the prompts, of head, that lead elsewhere than at base because a name or description has changed.

    What moves between two skills that did not change only shows how near they were, and is left out.
    """
    known = {skill.id: (skill.name, skill.description, skill.status) for skill in base.skills}
    changed = {each.id for each in head.skills if known.get(each.id) != (each.name, each.description, each.status)}
    asked = [*prompts(head)] if changed else []
    before, after = (nearest(descriptions(each), (query for query, _, _ in asked)) for each in (base, head))
    found = []
    for query, skill, should in asked:
        was, now = (each.get(query, "") for each in (before, after))
        if was == now or not changed & {skill, now}:
            continue
        shift = None
        if should and was == skill:
            shift = Shift.STOLEN if now in changed else Shift.LOST
        elif now == skill:
            shift = Shift.GAINED if should else Shift.FALSE
        if shift:
            found.append(Ranked(query, skill, now, shift))
    return found


def prompts(fleet: Fleet) -> Iterator[tuple[str, str, bool]]:
    """Yield the prompts of all skills, each with the skill's id, and whether it should be read for it."""
    yield from ((query, skill.id, should) for skill in fleet.skills for query, should in _triggers(skill))


def _triggers(skill: Skill) -> Iterator[tuple[str, bool]]:
    """The prompts of a skill, and whether it should be read for each; none when the file is not valid."""
    entry = next((each for each in skill.entries if skill.relative(each.path) == TRIGGERS_FILE), None)
    try:
        data = json.loads(skill.tree.read(entry)) if entry else []
    except (ValueError, RecursionError):
        return
    if not any(violations("triggers", data)) or not entry:
        yield from ((each["query"], each["should_trigger"]) for each in data)
