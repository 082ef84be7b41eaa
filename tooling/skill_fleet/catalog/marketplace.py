"""marketplace.json: the catalogue for installers that read Claude Code's format, with skills at any depth.

Each skill is a plugin whose source is the skill's folder, so that an installer copies nothing else, and whose dependencies
are the skills that it requires: Claude Code installs these too. Categories and profiles are bundles: plugins that have
nothing but dependencies. Codex ignores dependencies, so that a bundle brings nothing there. `npx skills` searches only two
folders deep by itself, and finds deeper skills through this file.
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from typing import Any

from skill_fleet.catalog.xml import render_catalogue
from skill_fleet.fleet import CONFIGURATION_FILE, Fleet, Profile, Skill, plugin_parts
from skill_fleet.markdown import shown

MARKETPLACE_FILE = ".claude-plugin/marketplace.json"

_BUNDLE = "./.claude-plugin"
"""The source of every bundle. A plugin has to have one, and this folder exists wherever there is a marketplace.json."""

_ITSELF = ["./."]
"""The folder of the plugin is a skill. Claude Code takes "./" as well, but Codex 0.171 then shows no skill."""

_NAMELESS = "skills"  # as in `plugin install python@skills`, for a fleet without a name
_GITHUB = re.compile(r"https://github\.com/([\w-]+/[\w.-]+?)(?:\.git)?/?")


def render_marketplace(fleet: Fleet) -> str:
    """The text of marketplace.json: the bundles, then the skills of the catalogue, sorted.

    The fleet's name, description and owner are those of `[project]` in its pyproject.toml. There is no version: without
    one, installers use the commit, so that every merge is an update.
    """
    return _written(_document(fleet)[0])


def _document(fleet: Fleet) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The marketplace of a fleet, and why plugins are missing."""
    project = project_of(fleet)
    name = project.marketplace
    plugins, left_out = _plugins(fleet)
    document = {
        "name": name,
        "owner": {"name": project.owner or f"{name} maintainers"},
        "metadata": {"description": project.description or "Agent skills."},
        "plugins": plugins,
    }
    return document, left_out


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
    fresh, left_out = _document(fleet)
    others = [each for each in plugins if not _is_ours(fleet, each)]
    if not others and document.keys() == fresh.keys() and document["name"] == fresh["name"]:
        return Merged(_written(fresh), left_out)
    taken = {each.get("name") for each in others if isinstance(each, dict)}
    added = [each for each in fresh["plugins"] if each["name"] not in taken]
    clashing = sorted(each["name"] for each in fresh["plugins"] if each["name"] in taken)
    merged = {"name": fresh["name"], "owner": fresh["owner"], **document, "plugins": [*others, *added]}
    text = now.decode() if merged == document else _written(merged)
    return Merged(text, (*left_out, *(f"it has another plugin called {name}" for name in clashing)))


def _written(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


_OURS = frozenset({"name", "description", "source", "strict", "skills", "dependencies"})


def _is_ours(fleet: Fleet, plugin: object) -> bool:
    """Whether this tool wrote a plugin: a skill or, as before, a category, by the name of its folder; or a bundle."""
    if not isinstance(plugin, dict) or plugin.get("strict") is not False or not plugin.keys() <= _OURS:
        return False
    source = str(plugin.get("source"))
    return source == _BUNDLE or (source.startswith(f"./{fleet.root}/") and source.endswith(f"/{plugin.get('name')}"))


def _plugins(fleet: Fleet) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """The plugins of a fleet, and why some are missing: Claude Code refuses a file in which two have one name."""
    unlisted = {each.skill for each in render_catalogue(fleet).left_out}
    skills: dict[str, Skill] = {}
    left_out = []
    for skill in fleet.skills:
        if skill.status == "retired" or skill.id in unlisted:
            continue
        if parts := plugin_parts(skill.path, skill.entries):
            left_out.append(
                f"{skill.id}, because Claude Code would load {shown(skill.relative(parts[0].path))} unasked"
            )
        elif skill.folder in skills:
            left_out.append(f"{skill.id}, because {skills[skill.folder].id} has the same name")
        else:
            skills[skill.folder] = skill
    listed = {each.id for each in skills.values()}
    plugins = []
    for bundle in _bundles(fleet):
        names = [each.folder for each in fleet.chosen(bundle) if each.id in listed]
        if bundle.name in skills:
            left_out.append(f"the bundle {bundle.name}, because {skills[bundle.name].id} has the same name")
        elif names:
            plugins.append(_plugin(bundle.name, bundle.description, _BUNDLE, names))
    for skill in skills.values():
        names = [fleet.by_id[each].folder for each in skill.requires if each in listed]
        plugins.append({**_plugin(skill.folder, skill.description, f"./{skill.path}", names), "skills": _ITSELF})
    return plugins, tuple(left_out)


def _bundles(fleet: Fleet) -> list[Profile]:
    """The categories, which are bundles as profiles are, and the profiles with another name, sorted by name."""
    known = fleet.taxonomy.categories
    names = {each.id.partition("/")[0] for each in fleet.skills if "/" in each.id}
    described = ((each, known[each].description if each in known else f"Skills about {each}.") for each in names)
    found = {name: Profile(name, 1, text, categories=(name,)) for name, text in described}
    return [each for _, each in sorted({**fleet.profiles[0], **found}.items())]


def _plugin(name: str, description: str, source: str, dependencies: list[str]) -> dict[str, Any]:
    """A plugin whose folder has no plugin.json (`strict`): this entry defines it."""
    found = {"name": name, "description": " ".join(description.split()), "source": source, "strict": False}
    return {**found, "dependencies": sorted(dependencies)} if dependencies else found


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
