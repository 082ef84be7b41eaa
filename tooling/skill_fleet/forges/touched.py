"""Which skill a pull request is about."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from skill_fleet.fleet.fleet import Fleet
from skill_fleet.fleet.skill import Skill
from skill_fleet.forges.position import Move, moved
from skill_fleet.forges.types import FileFact


def touched_skill(head: Fleet, base: Fleet, changed: Iterable[str], through: Iterable[Move]) -> Skill | None:
    """The one skill of the head that `changed` touches; None when it touches none, or several.

    The old folder of a skill that moved counts as its new one.
    """
    now, then = {skill.path for skill in head.skills}, {skill.path for skill in base.skills}
    claims = [(f"{head.root}/{old}", skill.path) for skill in head.skills for old in skill.formerly]
    folders = set()
    for path in changed:
        if (home := _home(path, now)) is None and (old := _home(path, then)) is not None:
            home = next((new for new in (moved(old, through), moved(old, claims)) if new in now), old)
        folders.add(home)
    folders -= {None}
    return next((skill for skill in head.skills if folders == {skill.path}), None)


def files_of(skill: Skill) -> tuple[FileFact, ...]:
    """Its files, with their bytes."""
    skill.tree.prefetch(skill.entries)
    return tuple(FileFact(entry.path, entry.mode, skill.tree.read(entry).decode("latin-1")) for entry in skill.entries)


def _home(path: str, folders: Collection[str]) -> str | None:
    parts = path.split("/")
    above = ("/".join(parts[:length]) for length in range(1, len(parts)))
    return next((folder for folder in above if folder in folders), None)
