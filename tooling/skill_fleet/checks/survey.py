"""A fleet while it is being checked: what several rules need is worked out once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from skill_fleet.checks.rule import Spot
from skill_fleet.fleet import SKILL_FILE, Configuration, Fleet, Skill, Taxonomy
from skill_fleet.markdown import read_front_matter

_TOGETHER = 500


@dataclass(frozen=True)
class Survey:
    """One fleet. `focus` are the ids that a change touches: a rule that compares skills may keep to pairs with one of
    these. None: all of them. The configuration is that of the base, so that no change loosens its own gate."""

    fleet: Fleet
    configuration: Configuration
    focus: frozenset[str] | None = None
    taxonomy: Taxonomy | None = None
    """The taxonomy of the base, for the same reason; None where there is no change to be held to it."""
    among: frozenset[str] | None = None
    """The ids to which a rule that compares skills may keep; None: all of them."""
    beside: Survey | None = None
    """Another fleet's, that shares most of its files with this one: of these, what was read is taken from there."""
    alike: set[str] = field(default_factory=set, compare=False)
    """The ids that such a rule found to be alike: nothing but these need be compared again in the base."""
    _lines: dict[tuple[str, str], int] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def requires(self) -> dict[str, tuple[str, ...]]:
        """The skills that require others, with the ids of those."""
        return {skill.id: skill.requires for skill in self.naming(b"requires") if skill.requires}

    @cached_property
    def formerly(self) -> dict[str, tuple[str, ...]]:
        """The skills that had other ids before, with these."""
        return {skill.id: skill.formerly for skill in self.naming(b"formerly") if skill.formerly}

    @cached_property
    def heirs(self) -> dict[str, list[str]]:
        """Each former id with the skills that claim it."""
        found: dict[str, list[str]] = {}
        for skill, claims in self.formerly.items():
            for old in dict.fromkeys(claims):
                found.setdefault(old, []).append(skill)
        return found

    @cached_property
    def fronts(self) -> dict[str, bytes]:
        """The front matter of each skill by its id, as it is written; empty where SKILL.md is no file."""
        there = self.beside
        read = {each.file.oid: there.fronts[each.id] for each in there.fleet.skills if each.file} if there else {}
        read.pop("", None)  # files of which Git knows nothing
        found = {each.id: read.get(each.file.oid) if each.file else b"" for each in self.fleet.skills}
        for skill, content in self.contents([each for each in self.fleet.skills if found[each.id] is None]):
            end = content.find(b"\n---", 3)
            found[skill.id] = content if end < 0 else content[: end + 1]
        return {each: front or b"" for each, front in found.items()}

    def contents(self, skills: Sequence[Skill]) -> Iterator[tuple[Skill, bytes]]:
        """Each skill with its SKILL.md, empty where that is no file. Of a whole fleet some are held at a time, not all."""
        tree = self.fleet.tree
        for start in range(0, len(skills), _TOGETHER):
            some = skills[start : start + _TOGETHER]
            files = [skill.file for skill in some if skill.file]
            if self.focus is None:
                tree.prefetch(files)
            for skill in some:
                yield skill, tree.read(skill.file) if skill.file else b""
            if self.focus is None:  # a change looks at them again, and has its own time to keep to
                tree.release(files)

    def naming(self, word: bytes) -> list[Skill]:
        """The skills whose front matter holds `word`: in a large fleet, reading the YAML of each takes seconds."""
        return [skill for skill in self.fleet.skills if word in self.fronts[skill.id]]

    def at(self, skill: Skill | str, message: str, fix: str, field: str = "", key: str = "") -> Spot:
        """A spot in a skill's SKILL.md: at a field of its front matter, or its first line."""
        skill = self.fleet.by_id[skill] if isinstance(skill, str) else skill
        line = self._line(skill.id, field) if field else 1
        return Spot(skill.inside(SKILL_FILE), line, message, fix, skill=skill.id, key=key)

    def _line(self, skill: str, field: str) -> int:
        if (skill, field) not in self._lines:
            # not the skill's own front matter, which would keep all of its text
            self._lines[skill, field] = read_front_matter(self.fronts[skill] + b"---\n").line(field)
        return self._lines[skill, field]
