"""available_skills.xml: the list of skills for agents.

The three tags and their order are those of the format's reference tool (`agentskills to-prompt`) and of Skills Fleet.
Locations are relative to the repository, so that every checkout gives the same bytes.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape

from skill_fleet.fleet import CATALOGUE_BRANCH, SKILL_FILE, Fleet, Skill, categories, device_in, is_name
from skill_fleet.git import Repository
from skill_fleet.markdown import estimated_tokens

CATALOGUE_FILE = "skills/available_skills.xml"
MOST_SHOWN = 8_000
"""The characters of a list of skills that Codex shows to its model."""

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


def catalogue_commit(repo: Repository) -> str | None:
    """The tip of the branch that has the generated files; None where they are on main, with the skills."""
    return repo.find(f"refs/remotes/origin/{CATALOGUE_BRANCH}")


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
    return Catalogue(_whole(rows), len(rows), tuple(left_out))


def shelves(fleet: Fleet) -> dict[str, str]:
    """The category of each skill, by id; "" for one that is in none."""
    if fleet.root:
        return {skill.id: skill.id.partition("/")[0] if "/" in skill.id else "" for skill in fleet.skills}
    return {skill_id: "" if name == "." else name for skill_id, name in categories(fleet).items()}


def addresses(names: Mapping[str, str]) -> dict[str, str]:
    """The path of each thing on any server and file system, by its key: its name, with a digest where that would not do."""
    found = {key: "/".join(map(_plain, name.split("/"))) for key, name in names.items()}
    alike = Counter(found.values())
    return {
        key: path if path == names[key] or alike[path] == 1 else f"{path}-{_digest(key)}" for key, path in found.items()
    }


def _plain(part: str) -> str:
    slug = re.sub("[^a-z0-9]+", "-", part.lower()).strip("-")
    return (
        slug if is_name(slug) and not device_in(slug) else f"{slug[:40]}-{_digest(part)}".lstrip("-").replace("--", "-")
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def render_shards(fleet: Fleet, most: int = MOST_SHOWN) -> dict[str, str]:
    """The catalogue in parts, by file name: index.xml with the categories, and for each as many files as it needs.

    No part has more than `most` characters, so that an agent can read the index, and then only what it needs.
    """
    groups: dict[str, list[str]] = defaultdict(list)
    shelf = shelves(fleet)
    for skill in sorted(fleet.skills, key=lambda skill: skill.id):
        if skill.status != "retired" and not obstacle(skill):
            groups[shelf[skill.id] or "skills"].append(_entry(skill))
    parts: dict[str, str] = {}
    rows: list[dict[str, str]] = []
    files = addresses({category: category.replace("/", "-") for category in groups})
    for category, entries in sorted(groups.items()):
        known = fleet.taxonomy.categories.get(category)
        for number, group in enumerate(_groups(entries, most - len(_whole([]))), 1):
            name = (
                f"{files[category]}.xml" if number == 1 and category != "index" else f"{files[category]}.{number}.xml"
            )
            parts[name] = _whole(group)
            facts = {"skills": str(len(group)), "tokens": str(estimated_tokens(parts[name])), "location": name}
            rows.append({"name": category, "description": known.description if known else "", **facts})
    index = _whole([_element("category", row) for row in rows])
    if len(index) > most:
        index = _whole([_element("category", {key: row[key] for key in row if key != "description"}) for row in rows])
    return {"index.xml": index} | parts


def _groups(entries: Iterable[str], most: int) -> Iterator[list[str]]:
    """The entries in order, in groups of at most `most` characters (or of one entry that is longer)."""
    group: list[str] = []
    for entry in entries:
        if group and sum(map(len, group)) + len(entry) > most:
            yield group
            group = []
        group.append(entry)
    if group:
        yield group


def _whole(entries: Iterable[str]) -> str:
    return "".join(["<available_skills>\n", *entries, "</available_skills>\n"])


def _entry(skill: Skill) -> str:
    fields = {"name": skill.name, "description": skill.description, "location": skill.inside(SKILL_FILE)}
    return _element("skill", fields)


def _element(name: str, fields: Mapping[str, str]) -> str:
    lines = [f"    <{tag}>{escape(' '.join(text.split()), _QUOTES)}</{tag}>\n" for tag, text in fields.items()]
    return "".join([f"  <{name}>\n", *lines, f"  </{name}>\n"])


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
