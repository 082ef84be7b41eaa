"""Manifests of plugins and marketplaces: which host reads which file, and that what they say is what is there."""

from __future__ import annotations

import fnmatch
import json
import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from skill_fleet.checks.contexts import FleetContext
from skill_fleet.checks.rule import Violation, rule
from skill_fleet.fleet import SKILL_FILE, Fleet, Skill, is_in, read_json
from skill_fleet.git import EXECUTABLE, REGULAR, SUBMODULE, SYMLINK, Entry
from skill_fleet.markdown import shown

_MARKETPLACES = {
    ".claude-plugin/marketplace.json": "Claude Code",
    ".cursor-plugin/marketplace.json": "Cursor",
    ".agents/plugins/marketplace.json": "Codex",
    ".github/plugin/marketplace.json": "Copilot CLI",
}
_PLUGINS = {
    ".claude-plugin/plugin.json": "Claude Code",
    ".codex-plugin/plugin.json": "Codex",
    ".cursor-plugin/plugin.json": "Cursor",
    ".github/plugin/plugin.json": "Copilot CLI",
    "gemini-extension.json": "Gemini CLI",
    "plugin.json": "Copilot CLI",  # only where it is certainly a plugin's: other tools have files of this name
}
_HOSTS = _MARKETPLACES | _PLUGINS
_ENDS = tuple(f"/{name}" for name in _HOSTS)
_COMPONENTS = (
    *("skills", "commands", "agents", "hooks", "mcpServers", "lspServers", "outputStyles"),
    *("rules", "apps", "logo", "contextFileName"),
)
"""The keys whose text, or whose list of texts, are paths."""
_STRICT_HOSTS = ("Claude Code", "Codex")
"""The hosts that take a path for one only if it begins with `./`."""

_TEXTS = ("version", "description", "repository", "homepage", "license")
"""The keys of which Claude Code takes only text; it refuses a manifest with the `repository` of a package.json."""

# Folders of files that a test, an example or another project needs as they are.
_APART = re.compile(
    r"(?:^|/)_?(?:_?tests?_?_?|test-?data|fixtures?|examples?|samples?|templates?|backups?|node_modules|vendor)(?:/|$)",
    re.IGNORECASE,
)
_VARIABLE = re.compile(r"\$\{(?:CLAUDE_PLUGIN_ROOT|extensionPath)\}(?:\$\{/\}|/)?")


@dataclass(frozen=True)
class Manifest:
    """A manifest. The paths in it are relative to `root`; `data` is None, and `fault` a place and a text, if it is no JSON."""

    path: str
    host: str
    root: str
    text: str
    data: dict[str, Any] | None
    fault: tuple[int, int, str] | None = None

    @cached_property
    def is_marketplace(self) -> bool:
        """Whether it lists plugins, and is not that of one."""
        return self.path.removeprefix(f"{self.root}/") in _MARKETPLACES

    @cached_property
    def base(self) -> str:
        """The folder of a marketplace below which its sources are; '' if it names none."""
        metadata = (self.data or {}).get("metadata")
        return str(metadata.get("pluginRoot") or "") if isinstance(metadata, dict) else ""

    def at(self, value: object, message: str, fix: str) -> Violation:
        """A violation where a text is in it, or at its beginning."""
        at = self.text.find(json.dumps(value, ensure_ascii=False)) + 1
        line, column = self.text.count("\n", 0, at) + 1, at - self.text.rfind("\n", 0, at)
        return Violation(self.path, line, message, fix, column)


@dataclass(frozen=True)
class Plugin:
    """A plugin that a marketplace lists: its entry, and its folder; None for one that is elsewhere."""

    marketplace: Manifest
    entry: dict[str, Any]
    folder: str | None
    written: str = ""
    """Its source as the marketplace has it; '' for one that is elsewhere."""

    @property
    def is_away(self) -> bool:
        """Whether its source is in another repository, or in a package."""
        return not self.written and bool(self.entry.get("source"))


@dataclass(frozen=True)
class Manifests:
    """The manifests of a tree, and the files and folders that they name."""

    fleet: Fleet

    @cached_property
    def all(self) -> tuple[Manifest, ...]:
        """Every manifest that a host reads, marketplaces first."""
        names = {name.rpartition("/")[2] for name in _HOSTS}
        found = []
        for entry in self.fleet.tree.entries:
            if entry.path.rpartition("/")[2] in names and entry.mode in (REGULAR, EXECUTABLE, SYMLINK):
                place = next((name for name in _HOSTS if f"/{entry.path}".endswith(f"/{name}")), "")
                root = entry.path.removesuffix(place).rstrip("/")
                # a link to another manifest is checked as that
                is_other = entry.mode == SYMLINK and f"/{self._target(entry)}".endswith(_ENDS)
                if place and not is_other and not _APART.search(root) and not self._is_in_skill(root):
                    found.append((place, root, entry))
        read = [_read(entry.path, place, root, self._content(entry)) for place, root, entry in found]
        shops = tuple(each for each in read if each.is_marketplace)
        listed = {each.folder for shop in shops for each in self._plugins_of(shop)}
        others = (each for each in read if not each.is_marketplace)
        return (*shops, *(each for each in others if not _is_bare(each) or self._is_plugin(each, listed)))

    def _content(self, entry: Entry) -> bytes:
        """What a host reads: behind a link, the file that it leads to; nothing where there is none."""
        if entry.mode != SYMLINK:
            return self.fleet.tree.read(entry)
        target = self._by_path.get(self._target(entry))
        return self.fleet.tree.read(target) if target and target.mode != SYMLINK else b""

    def _target(self, entry: Entry) -> str:
        path = self.fleet.tree.read(entry).decode("utf-8", "surrogateescape")
        return posixpath.normpath(posixpath.join(posixpath.dirname(entry.path), path))

    @cached_property
    def _by_path(self) -> dict[str, Entry]:
        return {entry.path: entry for entry in self.fleet.tree.entries}

    def _is_plugin(self, manifest: Manifest, listed: set[str | None]) -> bool:
        """Whether a file that is just called plugin.json is that of a plugin with skills."""
        return manifest.root in listed or self.has_skill(posixpath.join(manifest.root, "skills"))

    def _is_in_skill(self, root: str) -> bool:
        return any(posixpath.join(each, SKILL_FILE) in self.files for each in _and_above([root]) if each)

    @cached_property
    def plugins(self) -> tuple[Plugin, ...]:
        """Every plugin that a marketplace lists, without those that this tool writes into it.

        They are written after a merge, so until then they do not fit what a change brings.
        """
        found = (each for shop in self.all if shop.is_marketplace for each in self._plugins_of(shop))
        return tuple(each for each in found if not self._is_generated(each))

    def _is_generated(self, plugin: Plugin) -> bool:
        is_whole = plugin.entry.get("strict") is False and self.fleet.is_ours
        folder, _, name = plugin.written.rpartition("/")
        is_skill = f"{folder}/".startswith(f"./{self.fleet.root}/") and name == plugin.entry.get("name")
        return is_whole and (is_skill or plugin.written == "./.claude-plugin")

    def of(self, plugin: Plugin) -> list[Manifest]:
        """The plugin's own manifests: those of the marketplace's host, or else the one of Claude Code, which others read.

        None where several plugins share a folder: what is in that is none of them alone.
        """
        if self._shares[plugin.marketplace.path, plugin.folder] > 1:
            return []
        own = self._by_root.get(plugin.folder, [])
        hosts = {each.host for each in own} & {plugin.marketplace.host} or {"Claude Code"}
        return [each for each in own if each.host in hosts]

    @cached_property
    def _shares(self) -> Counter[tuple[str, str | None]]:
        return Counter((each.marketplace.path, each.folder) for each in self.plugins)

    @cached_property
    def _by_root(self) -> dict[str | None, list[Manifest]]:
        found: dict[str | None, list[Manifest]] = {}
        for each in self.all:
            if not each.is_marketplace and each.data:
                found.setdefault(each.root, []).append(each)
        return found

    def _plugins_of(self, shop: Manifest) -> Iterator[Plugin]:
        for entry in _listed(shop):
            source = entry.get("source")
            if isinstance(source, dict) and source.get("source") == "local":  # as Codex writes it
                source = source.get("path")
            if not isinstance(source, str) or "://" in source:
                yield Plugin(shop, entry, None)
                continue
            below = source if source.startswith("./") else posixpath.join(shop.base, source)
            yield Plugin(shop, entry, _join(shop.root, below), source)

    @cached_property
    def files(self) -> frozenset[str]:
        """The paths of all files."""
        return frozenset(entry.path for entry in self.fleet.tree.entries)

    @cached_property
    def _folders(self) -> frozenset[str]:
        return _and_above(posixpath.dirname(path) for path in self.files)

    @cached_property
    def by_lower_case(self) -> dict[str, str]:
        """The paths of all files and folders, by the same in lower case."""
        return {path.lower(): path for path in (*self.files, *self._folders)}

    @cached_property
    def _with_skills(self) -> frozenset[str]:
        return _and_above(posixpath.dirname(path) for path in self.files if posixpath.basename(path) == SKILL_FILE)

    @cached_property
    def _unseen(self) -> frozenset[str]:
        """Links and submodules, which are not followed."""
        return frozenset(each.path for each in self.fleet.tree.entries if each.mode in (SYMLINK, SUBMODULE))

    def is_unseen(self, path: str) -> bool:
        """Whether a path is behind a link or in a submodule."""
        return bool(self._unseen) and not self._unseen.isdisjoint(_and_above([path]))

    def has(self, path: str) -> bool:
        """Whether a path, maybe with `*`, is that of a file or a folder, or may be because it is not seen."""
        if "*" in path:
            return any(fnmatch.fnmatchcase(each, path) for each in (*self.files, *self._folders))
        return path in self.files or path in self._folders or self.is_unseen(path)

    def has_skill(self, folder: str) -> bool:
        """Whether a folder is that of a skill, or has one in it."""
        return (
            folder in self._with_skills
            or self.is_unseen(folder)
            or any(each.startswith(f"{folder}/") for each in self._unseen)
        )


def _and_above(folders: Iterable[str]) -> frozenset[str]:
    """The folders, and all folders that they are in."""
    found = {""}
    for folder in folders:
        while folder not in found:
            found.add(folder)
            folder = posixpath.dirname(folder)
    return frozenset(found)


def _listed(shop: Manifest) -> list[dict[str, Any]]:
    """The entries of a marketplace that can be read."""
    entries = (shop.data or {}).get("plugins")
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def _paths_of(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The paths in a manifest, or in a marketplace's entry, each with its key."""
    for key in _COMPONENTS:
        value = data.get(key)
        for path in value if isinstance(value, list) else [value]:
            if isinstance(path, str) and path and "://" not in path:
                yield key, path
    if isinstance(data.get("interface"), dict):  # of Codex
        yield from _paths_of({"logo": [data["interface"].get(key) for key in ("logo", "composerIcon")]})


def _join(folder: str, path: str) -> str | None:
    """The path in the tree that `path` is in `folder`; None when it leads out of that."""
    path = _VARIABLE.sub("", path).replace("\\", "/")
    inside = posixpath.normpath(path) if path else "."
    if inside.startswith(("/", "~", "../")) or inside == ".." or re.match("[A-Za-z]:", inside):
        return None
    full = posixpath.normpath(posixpath.join(folder, inside))
    return "" if full == "." else full


def _is_bare(manifest: Manifest) -> bool:
    return manifest.path.rpartition("/")[2] == "plugin.json" and manifest.path.rpartition("/")[0] == manifest.root


def _read(path: str, place: str, root: str, content: bytes) -> Manifest:
    text, data, fault = content.decode("utf-8", "replace"), None, (1, 1, "It is not an object.")
    try:
        data = read_json(content)
    except json.JSONDecodeError as problem:
        is_marked = text.startswith("\ufeff")
        fault = problem.lineno, problem.colno, "It begins with a byte order mark." if is_marked else f"{problem.msg}."
    except UnicodeDecodeError:
        fault = (1, 1, "It is not UTF-8.")
    except (ValueError, RecursionError):  # a number of thousands of digits, or deep nesting
        fault = (1, 1, "It is nested too deeply, or has a number that is too long.")
    is_object = isinstance(data, dict)
    return Manifest(path, _HOSTS[place], root, text, data if is_object else None, None if is_object else fault)


@rule("manifest/format", scope="fleet")
def manifest_format(context: FleetContext) -> Iterator[Violation]:
    """A manifest of a plugin or a marketplace is JSON, and has what its host requires.

    The host refuses the whole file, and with a marketplace every plugin of it. Read are .claude-plugin, .codex-plugin,
    .cursor-plugin, .agents/plugins, .github/plugin, gemini-extension.json, and the plugin.json of a plugin.
    Source: https://code.claude.com/docs/en/plugin-marketplaces and the documentation of the other hosts

    Good:

        {"name": "tools", "owner": {"name": "us"}, "plugins": [{"name": "p", "source": "./plugins/p"}]}

    Bad:

        {"name": "tools", "plugins": [{"name": "p", "source": "plugins/p",}]}

    Fix: correct the file.
    """
    for manifest in Manifests(context.fleet).all:
        if manifest.fault:
            line, column, detail = manifest.fault
            message = f"The manifest is not strict JSON, so {manifest.host} refuses or misreads it: {shown(detail)}"
            yield Violation(manifest.path, line, message, "Correct it.", column, key="not JSON")
            continue
        for value, problem, fix in _missing(manifest):
            yield manifest.at(value, f"{problem}, so {manifest.host} refuses it.", fix)


def _missing(manifest: Manifest) -> Iterator[tuple[object, str, str]]:
    """What a manifest lacks: a value that is near, the problem, and the fix."""
    data = manifest.data or {}
    if not isinstance(data.get("name"), str) or not data["name"].strip():
        yield None, "The manifest has no `name`", "Add one."
    if manifest.host == "Gemini CLI" and not data.get("version"):
        yield None, "The manifest has no `version`", "Add one."
    for each in (data, *_listed(manifest)) if manifest.host == "Claude Code" else ():
        for key in _TEXTS:
            if each.get(key) is not None and not isinstance(each[key], str):
                yield key, f"`{key}` is not text", "Write it as text in quotes."
        if isinstance(name := each.get("name"), str) and " " in name.strip():
            yield name, f"The name `{shown(name)}` has a blank", f"Write `{shown('-'.join(name.lower().split()))}`."
        if isinstance(each.get("author"), str):
            yield "author", "`author` is text", 'Write an object: {"name": …}.'
    if not manifest.is_marketplace:
        return
    owner = data.get("owner")
    if manifest.host == "Claude Code" and not (isinstance(owner, dict) and isinstance(owner.get("name"), str)):
        yield None, "The marketplace has no `owner` with a `name`", "Add `owner`, an object with a `name`."
    if not isinstance(data.get("plugins"), list):
        yield None, "The marketplace has no list `plugins`", "Add one."
    for entry in data["plugins"] if isinstance(data.get("plugins"), list) else ():
        if not isinstance(entry, dict):
            yield entry, "An entry of `plugins` is not an object", "Make it an object with `name` and `source`."
    seen: set[str] = set()
    for entry in _listed(manifest):
        name, source = entry.get("name"), entry.get("source")
        if not isinstance(name, str) or not name:
            yield source, "A plugin has no `name`", "Add one."
        elif name in seen:
            yield name, f"Two plugins have the name `{shown(name)}`", "Rename one of them."
        elif not source:
            yield name, f"The plugin `{shown(name)}` has no `source`", "Add one, such as `./plugins/NAME`."
        elif isinstance(source, dict) and (needed := _REMOTE.get(str(source.get("source")))) and not source.get(needed):
            yield name, f"The source of the plugin `{shown(name)}` has no `{needed}`", "Add it."
        seen.add(str(name))


_REMOTE = {"github": "repo", "url": "url", "git-subdir": "url", "npm": "package"}
"""The kinds of sources in other repositories, each with the key that it needs."""


@rule("manifest/path", scope="fleet")
def manifest_path(context: FleetContext) -> Iterator[Violation]:
    """A path in a manifest leads to a file or folder of its plugin, and is written as its host requires.

    A plugin is installed alone: what is not in its folder is missing then. Claude Code and Codex take only paths that
    begin with `./`, and `skills` names folders. Sources in other repositories are not looked at.
    Source: https://code.claude.com/docs/en/plugins-reference and the documentation of the other hosts

    Good:

        "skills": ["./skills/forms"]

    Bad:

        "skills": ["./skills/forms/SKILL.md", "skills/other", "./skills/gone"]

    Fix: correct the path, or add what it names.
    """
    manifests = Manifests(context.fleet)
    for manifest, folder, key, path, full in _named(manifests):
        message, fix = _path_problem(manifests, manifest, folder, key, path, full)
        if message:
            yield manifest.at(path, message, fix)


@rule("manifest/root-path", "hint", scope="fleet")
def manifest_root_path(context: FleetContext) -> Iterator[Violation]:
    """A path in a plugin's manifest leads to something in the plugin, not only at the top of the repository.

    Some repositories copy such files into the plugin when they publish it. Installed from the repository, it lacks them.
    Source: https://code.claude.com/docs/en/plugins-reference (path behavior)

    Good:

        plugins/p/skills/forms/SKILL.md, and "skills": ["./skills/forms"]

    Bad:

        skills/forms/SKILL.md, and "skills": ["./skills/forms"] in plugins/p

    Fix: move it into the plugin, if nothing copies it there.
    """
    manifests = Manifests(context.fleet)
    for manifest, folder, key, path, _ in _named(manifests):
        if key != "source" and folder and _is_only_at_top(manifests, folder, path):
            message = f"`{shown(path)}` is not in the plugin `{shown(folder)}`, only at the top of the repository."
            fix = "Move it into the plugin, unless a step copies it there before it is published."
            yield manifest.at(path, message, fix)


def _named(manifests: Manifests) -> Iterator[tuple[Manifest, str, str, str, str | None]]:
    """Every path in a manifest: that, the folder that the path is relative to, its key, the path, and that in the tree."""
    for plugin in manifests.plugins:
        if plugin.written:
            yield plugin.marketplace, plugin.marketplace.root, "source", plugin.written, plugin.folder
            if plugin.folder is not None and manifests.has(plugin.folder):
                for key, path in _paths_of(plugin.entry):
                    yield plugin.marketplace, plugin.folder, key, path, _join(plugin.folder, path)
    for manifest in manifests.all:
        if not manifest.is_marketplace:
            for key, path in _paths_of(manifest.data or {}):
                yield manifest, manifest.root, key, path, _join(manifest.root, path)


def _is_only_at_top(manifests: Manifests, folder: str, path: str) -> bool:
    inside, top = _join(folder, path), _join("", path)
    if inside is None or top is None or manifests.has(inside):
        return False
    # `agents/x.md` may be made of `agents/x.agent.md`
    stem = posixpath.splitext(top)[0]
    return manifests.has(top) or (stem != top and any(each.startswith(f"{stem}.") for each in manifests.files))


def _path_problem(
    manifests: Manifests, manifest: Manifest, folder: str, key: str, path: str, full: str | None
) -> tuple[str, str]:
    """What is wrong with a path, and the fix; '' where nothing is."""
    word = shown(path)
    if full is None:
        return f"`{word}` in `{key}` leads out of its folder, to what is not installed.", "Name a path in the folder."
    if manifest.host in _STRICT_HOSTS and not path.startswith(("./", "${")) and not (key == "source" and manifest.base):
        better = "./" if path == "." else "./" + path.replace("\\", "/").removeprefix("./")
        fix = f"Write `{shown(better)}`."
        if key == "source" and not manifests.has(full):
            fix = 'Begin it with `./`, or write an object such as {"source": "github", "repo": …}.'
        return f"`{word}` in `{key}` does not begin with `./`, so {manifest.host} refuses it.", fix
    if not manifests.has(full):
        if key != "source" and folder and _is_only_at_top(manifests, folder, path):
            return "", ""  # manifest/root-path reports it
        same = manifests.by_lower_case.get(full.lower(), "")
        better = path.rstrip("/").removesuffix(full.removeprefix(f"{folder}/")) + same.removeprefix(f"{folder}/")
        fix = f"Write `{shown(better)}`." if same else "Correct the path, or add what it names."
        return f"`{word}` in `{key}` does not exist.", fix
    if key == "skills" and full.rpartition("/")[2] == SKILL_FILE:
        fix = f"Write `{shown(posixpath.dirname(path))}`."
        return f"`{word}` is a file, but `skills` names folders, so {manifest.host} finds no skill.", fix
    if key == "skills" and "*" not in full and not manifests.has_skill(full):
        return f"There is no skill in `{word}`.", f"Add a {SKILL_FILE}, or correct the path."
    return "", ""


@rule("manifest/agreement", scope="fleet")
def manifest_agreement(context: FleetContext) -> Iterator[Violation]:
    """The manifests of one plugin have the same name and version, and only one of them lists its components.

    A marketplace's entry and the plugin's own manifest are read together: users see one version and get another. With
    `"strict": false` the entry lists everything, and Claude Code refuses a plugin.json that lists components too.
    Source: https://code.claude.com/docs/en/plugin-marketplaces (strict mode, version resolution)

    Good:

        marketplace.json: {"name": "p", "version": "1.1.0"}        plugin.json: {"name": "p", "version": "1.1.0"}

    Bad:

        marketplace.json: {"name": "p", "version": "1.0.0"}        plugin.json: {"name": "p", "version": "1.1.0"}

    Fix: write the same in both, or leave the version out of the marketplace.
    """
    manifests = Manifests(context.fleet)
    for plugin in manifests.plugins:
        for own in manifests.of(plugin):
            yield from _differing(plugin.marketplace, plugin.entry, own)
            both = [key for key in _COMPONENTS if (own.data or {}).get(key)]
            if plugin.entry.get("strict") is False and both and own.host == "Claude Code":
                message = (
                    f"`strict` is false, and {shown(own.path)} has `{both[0]}` as well, so Claude Code refuses it."
                )
                yield plugin.marketplace.at(plugin.entry.get("name"), message, "List components in one of the two.")
    first: dict[str, Manifest] = {}
    for manifest in manifests.all:
        if not manifest.is_marketplace and manifest.data:
            other = first.setdefault(manifest.root, manifest)
            if other is not manifest:
                yield from _differing(manifest, manifest.data, other)


def _differing(manifest: Manifest, data: dict[str, object], other: Manifest) -> Iterator[Violation]:
    # an extension of Gemini CLI is also known by another name
    for key in ("version",) if "Gemini CLI" in (manifest.host, other.host) else ("name", "version"):
        ours, theirs = data.get(key), (other.data or {}).get(key)
        if isinstance(ours, str) and isinstance(theirs, str) and ours != theirs:
            message = f"The {key} is `{shown(ours)}` here and `{shown(theirs)}` in {shown(other.path)}."
            yield manifest.at(ours, message, f"Write the same {key} in both.")


@rule("manifest/unlisted", "hint", scope="fleet")
def unlisted(context: FleetContext) -> Iterator[Violation]:
    """A marketplace that lists skills or plugins of a folder lists all of them.

    What is not listed is not installed. Skills that are retired or internal may be left out.
    Source: https://code.claude.com/docs/en/plugin-marketplaces (plugin entries)

    Good:

        "skills": ["./skills/forms", "./skills/tables"]

    Bad:

        "skills": ["./skills/forms"]       (and skills/tables/SKILL.md exists)

    Fix: list it, or mark it as internal.
    """
    manifests = Manifests(context.fleet)
    for shop in (each for each in manifests.all if each.is_marketplace):
        plugins = [each for each in manifests.plugins if each.marketplace is shop and each.folder is not None]
        known = {path for each in plugins for path in _listed_skills(each)}
        beside = {posixpath.dirname(path) for path in known} - known
        for skill in context.fleet.skills if beside else ():
            if skill.path not in known and posixpath.dirname(skill.path) in beside and not _is_internal(skill):
                message = f"The skill `{shown(skill.path)}` is in no list of the marketplace."
                yield Violation(shop.path, 1, message, "List it in `skills`, or set `metadata.internal: true`.")
        known = {each.folder.lower() for each in plugins if each.folder and each.folder != shop.root}
        beside = {posixpath.dirname(path) for path in known}
        for manifest in manifests.all:
            is_plugin = (
                not manifest.is_marketplace and manifest.host == shop.host and manifest.root.lower() not in known
            )
            if is_plugin and manifest.root and posixpath.dirname(manifest.root).lower() in beside:
                message = f"The plugin `{shown(manifest.root)}` is not in the marketplace."
                yield Violation(shop.path, 1, message, "List it in `plugins`.")


def not_looked_at(fleet: Fleet, within: Sequence[str] = ("",)) -> Iterator[tuple[str, str]]:
    """The marketplaces below the folders `within`, each with the plugins of it that are in other repositories."""
    manifests = Manifests(fleet)
    for shop in (each for each in manifests.all if each.is_marketplace and is_in(each.path, within)):
        away = [str(each.entry.get("name")) for each in manifests.plugins if each.marketplace is shop and each.is_away]
        if away:
            listed, more = ", ".join(map(shown, away[:3])), f" and {len(away) - 3} more" if len(away) > 3 else ""
            yield shop.path, f"Not checked: {listed}{more}, whose source is in another repository."


def _listed_skills(plugin: Plugin) -> set[str]:
    paths = (_join(plugin.folder or "", path) for key, path in _paths_of(plugin.entry) if key == "skills")
    return {path for path in paths if path}


def _is_internal(skill: Skill) -> bool:
    return skill.status == "retired" or skill.front_matter.metadata("internal") == "true"
