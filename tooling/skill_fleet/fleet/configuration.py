"""The settings in `[tool.skill-fleet]` of pyproject.toml or in .skill-fleet.toml, the categories, and the profiles.

Maintainers own these files; nothing in a skill can change a setting.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from skill_fleet.errors import UserError
from skill_fleet.fleet.skill import is_name
from skill_fleet.fleet.tree import Tree
from skill_fleet.git import REGULAR
from skill_fleet.markdown import Fault, Mapping as Block, Node, Scalar, Sequence, as_data, parse

CONFIGURATION_FILE = "pyproject.toml"
SETTINGS_FILE = ".skill-fleet.toml"
"""The settings of a repository without a pyproject.toml, with no table around them."""
BASELINE_FILE = ".skill-fleet/baseline"
"""The findings that a repository had when it began to be checked."""
PROGRAMS = ".skill-fleet/programs"
"""The folder of prompts that replace the tool's own: a JSON file for each step."""


@dataclass(frozen=True)
class Configuration:
    """All settings, with their defaults."""

    approvals: int = 1
    """The number of people who must approve a pull request, besides the one who asked for it; a fleet of one sets 0."""
    nudge_days: int = 14
    """The days without activity after which the author of a draft is reminded; 0: never."""
    open_drafts: int = 0
    """The number of open pull requests from `draft/` branches at which no further draft is begun; 0: no limit."""
    writers: tuple[str, ...] = ()
    """Email addresses of the people who may decide on pull requests in the repository; empty: all who can push."""
    ignore: tuple[str, ...] = ()
    """Rules, or families of rules, that are not checked."""
    severity: Mapping[str, Literal["error", "hint"]] = field(default_factory=dict)
    """The severity of rules that differs from their own; a rule that is off by default runs when it is named here."""
    exempt: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Skills by id (or a category and a slash) with the rules or families that do not apply to them."""
    clients: tuple[str, ...] = ()
    """The clients that the skills are for; hints that concern none of them are dropped. Empty: all clients."""
    accepted_duplicates: tuple[tuple[str, ...], ...] = ()
    """Pairs of skills (ids) that may have nearly the same description or text."""
    catalogue_budget: int = 15_000
    """The tokens (four characters each) that all names and descriptions together may take without a hint."""
    category_size: int = 40
    """The number of skills in a category above which `stats` recommends splitting it."""
    quiet_days: int = 365
    """The days without a change after which `stats` recommends checking a skill, or asking for another owner."""
    site: str = ""
    """The address at which the fleet's pages are published, such as https://OWNER.github.io/REPOSITORY/; "" if unknown."""
    lm: Mapping[str, Any] = field(default_factory=dict)
    """The model that drafts and answers reviews, and its budget. Keys stay in the environment."""


def read_programs(tree: Tree) -> dict[str, str]:
    """The merged programs of a model's steps: the contents of the files by step."""
    return {
        entry.path.removeprefix(f"{PROGRAMS}/").removesuffix(".json"): tree.read(entry).decode("utf-8", "replace")
        for entry in tree.entries
        if entry.mode == REGULAR and entry.path.startswith(f"{PROGRAMS}/") and entry.path.endswith(".json")
    }


def read_configuration(pyproject: bytes | None, own: bytes | None = None) -> Configuration:
    """Read the settings in a pyproject.toml or a .skill-fleet.toml (None: there is none).

    UserError when a setting is not valid by the schema, or when both files have settings.
    """
    outer = _table(pyproject, CONFIGURATION_FILE).get("tool")
    tables = {CONFIGURATION_FILE: outer.get("skill-fleet") if isinstance(outer, dict) else outer}
    tables[SETTINGS_FILE] = _table(own, SETTINGS_FILE)
    given = {file: table for file, table in tables.items() if table}
    if len(given) > 1:
        raise UserError(f"Both {' and '.join(given)} have settings.", f"Move them into {CONFIGURATION_FILE}.")
    known = {each.name.replace("_", "-"): each.name for each in fields(Configuration)}
    for file, table in given.items():
        from skill_fleet.fleet.schemas import violations  # few folders of skills have settings

        for where, what in violations("config", table):
            raise UserError(
                f"{'[tool.skill-fleet]' if file == CONFIGURATION_FILE else file} {where or 'is wrong'}: {what}",
                f"Fix it in {file}; the settings are: {', '.join(known)}.",
            )
        values: dict[str, Any] = {known[key]: _frozen(value) for key, value in table.items() if key in known}
        return Configuration(**values)
    return Configuration()


def _table(content: bytes | None, file: str) -> dict[str, Any]:
    """The TOML in `content`; UserError when it is none."""
    if content is None:
        return {}
    import tomllib  # 3 ms, and most folders of skills have no settings

    try:
        return tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise UserError(f"{file} cannot be read: {problem}", "Fix the file.") from problem


def _frozen(value: object) -> object:
    """The value with tuples for lists, at any depth."""
    if isinstance(value, list):
        return tuple(_frozen(each) for each in value)
    return {key: _frozen(each) for key, each in value.items()} if isinstance(value, dict) else value


TAXONOMY_FILE = "skills/taxonomy.yaml"


@dataclass(frozen=True)
class Category:
    """A top folder of the fleet: a description, and its owners (logins, teams or email addresses)."""

    name: str
    description: str
    owners: tuple[str, ...] = ()


@dataclass(frozen=True)
class Taxonomy:
    """All categories by name, and the owners of everything that is not a skill.

    `faults` are the errors in the file; what could be read is there all the same.
    """

    categories: dict[str, Category] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    owners: tuple[str, ...] = ()


def read_taxonomy(content: bytes | None) -> Taxonomy:
    """Read the bytes of taxonomy.yaml (None: there is no such file). Never raises."""
    if content is None:
        return Taxonomy({}, (Fault("missing", f"There is no {TAXONOMY_FILE}.", 1),))
    node, wrong = parse(content.decode("utf-8", "replace"))
    faults = list(wrong)
    block = node.get("categories") if isinstance(node, Block) else None
    if not isinstance(block, Block) or not block.pairs:
        faults.append(Fault("categories", "There is no category under `categories`.", node.line if node else 1))
        return Taxonomy({}, tuple(faults))
    found = {}
    for key, value in block.pairs:
        if not is_name(key.text):
            faults.append(Fault("category", f"{key.text!r} is not a valid folder name.", key.line, key.column))
            continue
        found[key.text] = Category(key.text, _text(value, "description"), _texts(value, "owners"))
        if not found[key.text].description:
            faults.append(Fault("category", f"The category {key.text} has no description.", key.line, key.column))
    return Taxonomy(found, tuple(faults), _texts(node, "owners"))


def _text(node: Node, key: str) -> str:
    value = node.get(key) if isinstance(node, Block) else None
    return value.text.strip() if isinstance(value, Scalar) else ""


def _texts(node: Node | None, key: str) -> tuple[str, ...]:
    value = node.get(key) if isinstance(node, Block) else None
    items = value.items if isinstance(value, Sequence) else []
    return tuple(item.text for item in items if isinstance(item, Scalar))


PROFILES_FILE = "skills/profiles.yaml"


@dataclass(frozen=True)
class Profile:
    """A role, and the skills that it needs: by id, by category and by tag. `line` is its place in profiles.yaml."""

    name: str
    line: int
    description: str
    skills: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


def read_profiles(content: bytes | None) -> tuple[dict[str, Profile], tuple[Fault, ...]]:
    """Read the bytes of profiles.yaml (None: no such file): the profiles by name (none if it has errors), and the errors."""
    if content is None:
        return {}, ()
    node, faults = parse(content.decode("utf-8", "replace"))
    if node and not faults:
        from skill_fleet.fleet.schemas import violations  # few fleets have profiles

        wrong = violations("profiles", as_data(node))
        faults = tuple(
            Fault("profiles", f"{where}: {what}" if where else what, _line(node, where)) for where, what in wrong
        )
    block = node.get("profiles") if isinstance(node, Block) and not faults else None
    found = [
        Profile(key.text, key.line, _text(value, "description"), *(_texts(value, each) for each in _CHOICES))
        for key, value in (block.pairs if isinstance(block, Block) else ())
    ]
    return {each.name: each for each in found}, faults


_CHOICES = ("skills", "categories", "tags")


def _line(node: Node, where: str) -> int:
    """The line of the value at `where`, or of the innermost one around it that can be found."""
    key, _, rest = where.partition(".")
    inner = node.get(key) if isinstance(node, Block) else None
    return _line(inner, rest) if inner else node.line


FORM_FILE = ".github/ISSUE_TEMPLATE/skill.yml"
_BEGIN, _END = "# categories: begin", "# categories: end"


def with_categories(form: str, categories: Iterable[str]) -> tuple[str, int]:
    """Return the form with `categories` between its two marker comments, and the line number of the first marker."""
    lines = form.split("\n")
    begin = next((at for at, line in enumerate(lines) if line.lstrip().startswith(_BEGIN)), len(lines))
    end = next((at for at in range(begin + 1, len(lines)) if lines[at].lstrip().startswith(_END)), None)
    if end is None:
        return form, 0
    indent, ending = lines[begin].partition("#")[0], "\r" if lines[begin].endswith("\r") else ""
    rows = (f'{indent}- "{category}"{ending}' for category in categories)
    return "\n".join([*lines[: begin + 1], *rows, *lines[end:]]), begin + 1


def read_json(content: bytes) -> Any:
    """The value of a JSON file, as strictly as the strictest of its readers.

    ValueError (a JSONDecodeError, where the place is known) for what some refuse and others take for something else: a byte
    order mark, other encodings than UTF-8, NaN, and a key that an object has twice. RecursionError for deep nesting.
    """
    text = content.decode()

    def mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(found := dict(pairs)) < len(pairs):
            twice = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
            raise json.JSONDecodeError(f"An object has the key {twice!r} twice", text, max(text.rfind(f'"{twice}"'), 0))
        return found

    def constant(name: str) -> None:
        raise json.JSONDecodeError(f"{name} is no number of JSON", text, text.find(name))

    return json.loads(text, object_pairs_hook=mapping, parse_constant=constant)
