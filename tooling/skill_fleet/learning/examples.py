"""Examples: what a step is asked, and what is known about the right answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from skill_fleet import model
from skill_fleet.drafting import Brief
from skill_fleet.fleet import SKILL_FILE, Fleet, Skill
from skill_fleet.git import EXECUTABLE, REGULAR
from skill_fleet.learning.planting import plant
from skill_fleet.markdown import estimated_tokens

_NEIGHBOURS = 20


@dataclass(frozen=True)
class Example:
    """One question to a step. `inputs` are its fields, `gold` is what the metric of the step compares the answer with, as
    JSON. `number` is that of the pull request, 0 for what was planted."""

    step: str
    key: str
    skill: str
    inputs: Mapping[str, str]
    gold: Mapping[str, Any]
    number: int = 0


def planted_examples(
    fleet: Fleet, skill: Skill, variants: int, seed: int, context: int, errors: int, step: str = "critique_task"
) -> Iterator[Example]:
    """Examples for the critic: the skill as it is, which is variant 0, and `variants` with `errors` planted errors each.

    Files beyond `context` tokens are left out, SKILL.md last.
    """
    files = files_of(skill, context)
    others = {one.id: one.description for one in fleet.skills if one.id != skill.id}
    asked = {
        "brief": model.brief_text(Brief(skill.description, skill.id)),
        "neighbours": model.listed(model.nearest(others, skill.description, _NEIGHBOURS)),
        "findings": model.NONE,
    }
    for variant in range(variants + 1):
        key = f"{skill.id}#{seed}.{variant}"
        made, planted = plant(skill.id, files, key, errors if variant else 0)
        if planted or not variant:
            inputs = {**asked, "files": model.shown_files(made)}
            yield Example(step, key, skill.id, inputs, {"files": made, "errors": [*map(asdict, planted)]})


def files_of(skill: Skill, context: int) -> dict[str, str]:
    """Return the texts of a skill by path, without its evals, SKILL.md first, up to so many tokens."""
    found: dict[str, str] = {}
    entries = [each for each in skill.entries if each.mode in (REGULAR, EXECUTABLE)]
    for entry in sorted(entries, key=lambda each: (skill.relative(each.path) != SKILL_FILE, each.path)):
        path = skill.relative(entry.path)
        if path.startswith("evals/"):
            continue
        with suppress(UnicodeDecodeError):
            text = skill.tree.read(entry).decode()
            context -= estimated_tokens(text)
            if context >= 0 or path == SKILL_FILE:
                found[path] = text
    return found
