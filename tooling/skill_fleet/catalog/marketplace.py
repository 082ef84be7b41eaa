"""marketplace.json: the catalogue for installers that read Claude Code's format, with skills at any depth.

Each category is a plugin whose source is the category's folder, so that an installer copies nothing else. `npx skills`
looks only two folders deep by itself, and finds deeper skills through this file.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from skill_fleet.catalog.xml import render_catalogue
from skill_fleet.fleet import CONFIGURATION_FILE, Fleet, Skill

MARKETPLACE_FILE = ".claude-plugin/marketplace.json"

_NAMELESS = "skills"  # as in `plugin install python@skills`, for a fleet without a name
_GITHUB = re.compile(r"https://github\.com/([\w-]+/[\w.-]+?)(?:\.git)?/?")


def render_marketplace(fleet: Fleet) -> str:
    """The text of marketplace.json: the skills of the catalogue by category, sorted.

    The fleet's name, description and owner are those of `[project]` in its pyproject.toml. There is no version: without
    one, installers use the commit, so that every merge is an update.
    """
    project = project_of(fleet)
    name = project.marketplace
    document = {
        "name": name,
        "owner": {"name": project.owner or f"{name} maintainers"},
        "metadata": {"description": project.description or "Agent skills by category."},
        "plugins": [_plugin(fleet, category, skills) for category, skills in sorted(_listed(fleet).items())],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


@dataclass(frozen=True)
class Merged:
    """A marketplace.json with the fleet's plugins: its text (None: it stays as it is), and what was not added, and why."""

    text: str | None
    left_out: tuple[str, ...] = ()


def merge_marketplace(fleet: Fleet, now: bytes) -> Merged:
    """Write the fleet's plugins into the marketplace.json `now`. What this tool did not write is kept as it is."""
    if not fleet.is_ours:
        return Merged(None, ("this repository has no categories to make plugins of",))
    try:
        document = json.loads(now.decode())
    except (ValueError, RecursionError):
        return Merged(None, ("it is not valid JSON",))
    plugins = document.get("plugins", []) if isinstance(document, dict) else None
    if not isinstance(plugins, list):
        return Merged(None, ("it has no list of plugins",))
    rendered = render_marketplace(fleet)
    fresh = json.loads(rendered)
    others = [each for each in plugins if not _is_ours(fleet, each)]
    if not others and document.keys() == fresh.keys() and document["name"] == fresh["name"]:
        return Merged(rendered)
    taken = {each.get("name") for each in others if isinstance(each, dict)}
    added = [each for each in fresh["plugins"] if each["name"] not in taken]
    clashing = sorted(each["name"] for each in fresh["plugins"] if each["name"] in taken)
    merged = {"name": fresh["name"], "owner": fresh["owner"], **document, "plugins": [*others, *added]}
    text = now.decode() if merged == document else json.dumps(merged, indent=2, ensure_ascii=False) + "\n"
    return Merged(text, tuple(f"it has another plugin called {name}" for name in clashing))


def _is_ours(fleet: Fleet, plugin: object) -> bool:
    """Whether this tool wrote a plugin: the folder of a category, with a list of its skills."""
    return (
        isinstance(plugin, dict)
        and plugin.keys() == {"name", "description", "source", "strict", "skills"}
        and plugin["strict"] is False
        and plugin["source"] == f"./{fleet.root}/{plugin['name']}"
    )


def _listed(fleet: Fleet) -> dict[str, list[Skill]]:
    """The skills of the catalogue by category; a skill outside any category cannot be installed this way."""
    left_out = {skill.skill for skill in render_catalogue(fleet).left_out}
    found: dict[str, list[Skill]] = defaultdict(list)
    for skill in fleet.skills:
        category, slash, _ = skill.id.partition("/")
        if slash and skill.status != "retired" and skill.id not in left_out:
            found[category].append(skill)
    return found


def _plugin(fleet: Fleet, category: str, skills: Iterable[Skill]) -> dict[str, Any]:
    known = fleet.taxonomy.categories.get(category)
    return {
        "name": category,
        "description": " ".join(known.description.split()) if known else f"Skills about {category}.",
        "source": f"./{fleet.root}/{category}" if fleet.root else f"./{category}",
        "strict": False,  # the folder has no plugin.json: this entry defines the plugin
        "skills": sorted(f"./{skill.id.removeprefix(f'{category}/')}" for skill in skills),
    }


@dataclass(frozen=True)
class Project:
    """What `[project]` in the fleet's pyproject.toml says about it: "" for what it does not say.

    `repository` is OWNER/NAME on GitHub, by `[project.urls]`. `marketplace` is its name for installers.
    """

    name: str = ""
    description: str = ""
    owner: str = ""
    repository: str = ""

    @property
    def marketplace(self) -> str:
        """The name as a marketplace may be called: lower-case words with single hyphens."""
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-") or _NAMELESS


def project_of(fleet: Fleet) -> Project:
    """Read the table `[project]`; nothing is known when it cannot be read."""
    try:
        table = tomllib.loads((fleet.content(CONFIGURATION_FILE) or b"").decode("utf-8")).get("project")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return Project()
    table = table if isinstance(table, dict) else {}
    authors, urls = table.get("authors"), table.get("urls")
    first = authors[0] if isinstance(authors, list) and authors else None
    addresses = urls.values() if isinstance(urls, dict) else ()
    found = [match[1] for each in addresses if isinstance(each, str) and (match := _GITHUB.fullmatch(each))]
    owner = _text(first, "name") if isinstance(first, dict) else ""
    return Project(_text(table, "name"), _text(table, "description"), owner, found[0] if found else "")


def _text(table: dict[str, Any], key: str) -> str:
    value = table.get(key)
    return " ".join(value.split()) if isinstance(value, str) else ""
