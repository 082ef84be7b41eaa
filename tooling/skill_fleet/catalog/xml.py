"""available_skills.xml: the list of skills for agents.

The three tags and their order are those of the format's reference tool (`agentskills to-prompt`) and of Skills Fleet.
Locations are relative to the repository, so that every checkout gives the same bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.sax.saxutils import escape

from skill_fleet.fleet import SKILL_FILE, Fleet, Skill

CATALOGUE_FILE = "skills/available_skills.xml"

# Characters that XML 1.0 cannot contain, not even escaped: https://www.w3.org/TR/xml/#charsets
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_QUOTES = {'"': "&quot;", "'": "&apos;"}


@dataclass(frozen=True)
class LeftOut:
    """A skill that the catalogue cannot list, and the reason."""

    skill: str
    path: str
    reason: str


@dataclass(frozen=True)
class Catalogue:
    """The text of available_skills.xml, the number of skills in it, and those that it cannot list."""

    text: str
    listed: int
    left_out: tuple[LeftOut, ...]


def render_catalogue(fleet: Fleet) -> Catalogue:
    """The catalogue of `fleet`, sorted by id. A broken skill is left out and named; it never stops the others."""
    rows, left_out = [], []
    for skill in sorted(fleet.skills, key=lambda skill: skill.id):
        if skill.status == "retired":
            continue
        if reason := obstacle(skill):
            left_out.append(LeftOut(skill.id, skill.inside(SKILL_FILE), reason))
        else:
            rows.append(_entry(skill))
    text = "".join(["<available_skills>\n", *rows, "</available_skills>\n"])
    return Catalogue(text, len(rows), tuple(left_out))


def _entry(skill: Skill) -> str:
    fields = {"name": skill.name, "description": skill.description, "location": skill.inside(SKILL_FILE)}
    lines = [f"    <{tag}>{escape(' '.join(text.split()), _QUOTES)}</{tag}>\n" for tag, text in fields.items()]
    return "".join(["  <skill>\n", *lines, "  </skill>\n"])


def obstacle(skill: Skill) -> str:
    """The reason why a skill cannot be listed; "" when it can."""
    matter = skill.front_matter
    unreadable = next((fault for fault in matter.faults if not matter.mapping.pairs), None)
    if unreadable:
        return f"line {unreadable.line}: {unreadable.detail}"
    for field in ("name", "description"):
        value = matter.value(field)
        if value is None or not value.strip():
            return f"it has no {field}"
        if _FORBIDDEN.search(value):
            return f"its {field} has a control character, which XML cannot hold"
    return "its path has a character that XML cannot hold" if _FORBIDDEN.search(skill.path) else ""
