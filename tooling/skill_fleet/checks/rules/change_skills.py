"""What a change does to skills that others know."""

from __future__ import annotations

import re
from collections.abc import Iterator

from skill_fleet.checks.change import Change
from skill_fleet.checks.rule import Spot, rule
from skill_fleet.checks.visible import shown
from skill_fleet.fleet.git import EXECUTABLE, REGULAR
from skill_fleet.fleet.skill import SKILL_FILE, Skill


@rule("change/deleted-skill", scope="change")
def deleted_skill(change: Change) -> Iterator[Spot]:
    """A skill is retired, not deleted.

    Who has it installed is told what replaces it by the stub that stays; of a folder that is gone nobody learns anything,
    and its name may come to mean something else.

    Good:

        skills/web/forms/SKILL.md with `status: retired`

    Bad:

        skills/web/forms is gone

    Mend: skill-fleet retire web/forms --superseded-by ID
    """
    heirs = {before.id for skill in change.head.skills if (before := _moved_from(change, skill))}
    for skill in change.gone:
        if skill.id not in heirs and not any(skill.id in each.formerly for each in change.touched):
            message = f"The skill {shown(skill.id)} is deleted, and whoever has it installed learns nothing of it."
            fix = f"Put it back and retire it: skill-fleet retire {shown(skill.id)}"
            yield Spot(skill.inside(SKILL_FILE), 1, message, fix, skill=skill.id)


@rule("change/move-without-formerly", scope="change")
def move_without_formerly(change: Change) -> Iterator[Spot]:
    """A skill that moves keeps its old id in `metadata.formerly`.

    Who asks for the old id is led to the new one, and nobody else can take it.

    Good:

        metadata:
          formerly: web/old-name

    Bad:

        skills/web/old-name becomes skills/web/new-name, and nothing else

    Mend: skill-fleet move OLD NEW does it; or write the old id there.
    """
    for skill in change.touched:
        before = _moved_from(change, skill)
        if before and before.id not in skill.formerly:
            message = f"The skill was {shown(before.id)} before, and nobody who asks for that is led here."
            fix = f"Write `formerly: {shown(' '.join((*skill.formerly, before.id)))}` under `metadata:`."
            line = skill.front_matter.line("metadata")
            yield Spot(skill.inside(SKILL_FILE), line, message, fix, skill=skill.id)


@rule("change/still-mentioned", scope="change")
def still_mentioned(change: Change) -> Iterator[Spot]:
    """No other skill names the id of one that is gone.

    Its readers are sent to something that is no longer there.

    Good:

        web/forms moves to pdf/forms, and every text says pdf/forms

    Bad:

        web/forms moves to pdf/forms, and web/html still says "see web/forms"

    Mend: name the new id there; skill-fleet move does it.
    """
    gone = {skill.id.encode(): skill.id for skill in change.gone}
    if not gone:
        return
    whole = re.compile(rb"(?<![\w/-])(?:%s)(?![\w/-])" % b"|".join(re.escape(each) for each in sorted(gone)))
    for skill in change.head.skills:
        for entry in skill.entries:
            if not entry.path.endswith(".md") or entry.mode not in (REGULAR, EXECUTABLE):
                continue
            content = skill.tree.read(entry)
            for match in whole.finditer(content):
                line = content.count(b"\n", 0, match.start()) + 1
                start = content.rfind(b"\n", 0, match.start()) + 1
                if re.search(rb"^\s*(?:formerly|requires):", content[start : match.start()]):
                    continue  # one is meant to name it, of the other fleet/requires speaks
                word = shown(gone[match[0]])
                message = f"The text names the skill {word}, which this change takes away."
                column = len(content[start : match.start()].decode("utf-8", "replace")) + 1
                yield Spot(entry.path, line, message, "Name the one that replaces it.", column, skill=skill.id)


@rule("change/one-skill", "hint", scope="change")
def one_skill(change: Change) -> Iterator[Spot]:
    """A draft is about one skill.

    Two skills in one pull request are discussed in one thread and can only be merged together.

    Good:

        a pull request that adds web/forms

    Bad:

        a pull request that adds web/forms and python/testing

    Mend: open a pull request for each; a change of many skills for one reason is fine.
    """
    new = [skill for skill in change.touched if change.before(skill) is None]
    for skill in new[1:]:
        message = f"The change adds {len(new)} skills, which can only be discussed and merged together."
        yield _on(skill, message, "Open a pull request for each.", key="one-skill")


@rule("change/version", "hint", scope="change")
def version(change: Change) -> Iterator[Spot]:
    """A skill that has a version gets a new one when it changes.

    Who compares versions takes the old text for the current one.
    Source: https://semver.org/

    Good:

        metadata:
          version: "1.3"              (it was "1.2")

    Bad:

        metadata:
          version: "1.2"              (it was "1.2", and the text is another)

    Mend: raise it: the last part for a correction, the first for something that works differently.
    """
    for skill, before in _both(change):
        old, new = (each.front_matter.metadata("version") for each in (before, skill))
        if old is not None and old == new:
            message = f"The skill changes and its version stays {shown(old)}, so nobody sees that it is another."
            line = skill.front_matter.line("metadata.version")
            yield Spot(skill.inside(SKILL_FILE), line, message, "Raise it.", skill=skill.id, key="version")


def _both(change: Change) -> Iterator[tuple[Skill, Skill]]:
    for skill in change.touched:
        if before := change.before(skill):
            yield skill, before


def _moved_from(change: Change, skill: Skill) -> Skill | None:
    """What the skill was before, if that had another id."""
    if skill.id in change.base.by_id:
        return None
    return change.before(skill)


def _on(skill: Skill, message: str, fix: str, key: str) -> Spot:
    return Spot(skill.inside(SKILL_FILE), 1, message, fix, skill=skill.id, key=key)
