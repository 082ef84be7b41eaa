"""Importing skills from another repository: valid, in a category, with their bodies byte for byte.

What the specification has no field for goes under `metadata`, so nothing is lost; what cannot be imported is named.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from skill_fleet.checks import CONTROL, MAX_COMPATIBILITY, MAX_DESCRIPTION, check_skill, select, suggested_name
from skill_fleet.fixes.front_matter import fix_front_matter
from skill_fleet.fleet import ROOT, SKILL_FILE, MemoryTree, Skill, Tree, is_name, is_skill_id, read_fleet
from skill_fleet.git import EXECUTABLE, REGULAR, Entry
from skill_fleet.markdown import (
    CannotEdit,
    FrontMatter,
    Mapping as YamlMapping,
    Scalar,
    Sequence,
    as_string,
    new_front_matter,
    read_front_matter,
    set_value,
)

# Files of the project Skills Fleet: facts about a skill beside its SKILL.md, and one index with the ids of all.
OLD_METADATA = "metadata.json"
OLD_INDEX = "taxonomy_index.json"

_FIELDS = ("name", "description", "license", "compatibility", "allowed-tools")
_LINE = re.compile(r"([A-Za-z][\w -]{0,60}?)\s*:(?:[ \t]+(.*))?\Z")


@dataclass(frozen=True)
class Origin:
    """The source of skills, as each of them records it: an address or a folder, and the commit if there is one."""

    source: str
    commit: str = ""


@dataclass(frozen=True)
class Moved:
    """The result for one skill: its new `id`, "" if it was not imported, and `notes` on what was changed, or why not."""

    source: str
    id: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Migration:
    """The files to write, those that are executable, and the result for each skill, in the order of the sources."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    executable: frozenset[str] = frozenset()
    skills: tuple[Moved, ...] = ()


def migrate(tree: Tree, category: str, origin: Origin, taken: Collection[str] = (), root: str = "") -> Migration:
    """Import every skill below `root` of a tree into `category`. `taken` are the names that the fleet has already."""
    names = set(taken)
    files: dict[str, bytes] = {}
    executable: set[str] = set()
    moved = []
    aliases = _old_ids(tree)
    for skill in read_fleet(_RightCase(tree), root).skills:
        others = next((old for path, old in aliases.items() if f"/{skill.path}".endswith(f"/{path}")), ())
        read = skill.front_matter
        name = _free_name(read.value("name") or "", skill.folder, category, names)
        if reason := _obstacle(skill, name):
            moved.append(Moved(skill.path or ".", "", (reason,)))
            continue
        names.add(name)
        notes = [] if name == read.value("name") else [f"name: {read.value('name') or 'none'} -> {name}"]
        home = f"{ROOT}/{category}/{name}"
        facts = _old_facts(skill)
        if is_old := facts is not None:
            notes.append(f"{OLD_METADATA} -> metadata")
        for entry in skill.entries:
            path = skill.relative(entry.path)
            if path == SKILL_FILE or (path == OLD_METADATA and is_old):
                continue
            if entry.mode not in (REGULAR, EXECUTABLE):
                notes.append(f"left out: {path}, a link or a submodule")
                continue
            files[f"{home}/{path}"] = skill.tree.read(entry)
            if entry.mode == EXECUTABLE:
                executable.add(f"{home}/{path}")
        facts = {**(facts or {}), **_source_of(skill, origin)}
        facts["formerly"] = " ".join(dict.fromkeys([*facts.get("formerly", "").split(), *others]))
        text = _imported(skill.tree.read(skill.file) if skill.file else b"", name, facts, notes)
        files[f"{home}/{SKILL_FILE}"] = text
        moved.append(Moved(skill.path or ".", f"{category}/{name}", (*notes, *_errors(name, text))))
    return Migration(files, frozenset(executable), tuple(moved))


class _RightCase:
    """A tree in which a skill.md in any case is called SKILL.md, if its folder has no other."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._originals: dict[str, Entry] = {}
        paths = {entry.path for entry in tree.entries}
        entries = []
        for entry in tree.entries:
            folder, slash, name = entry.path.rpartition("/")
            right = f"{folder}{slash}{SKILL_FILE}"
            if name.casefold() == SKILL_FILE.casefold() and right not in paths:
                paths.add(right)
                self._originals[right] = entry
                entries.append(entry._replace(path=right))
            else:
                entries.append(entry)
        self.entries = tuple(entries)

    def read(self, entry: Entry) -> bytes:
        return self._tree.read(self._originals.get(entry.path, entry))

    def prefetch(self, entries: Iterable[Entry]) -> None:
        self._tree.prefetch(self._originals.get(entry.path, entry) for entry in entries)

    def release(self, entries: Iterable[Entry]) -> None:
        self._tree.release(self._originals.get(entry.path, entry) for entry in entries)


def _obstacle(skill: Skill, name: str) -> str:
    """The reason why a skill cannot be imported; "" when it can."""
    if skill.file is None or skill.file.mode not in (REGULAR, EXECUTABLE):
        return "its SKILL.md is a link or a folder"
    if any(fault.what == "encoding" for fault in skill.front_matter.faults):
        return "its SKILL.md is not UTF-8"
    return "" if name else "its name is taken in the fleet, even with the category in front"


def _free_name(name: str, folder: str, category: str, taken: Collection[str]) -> str:
    """A valid name that is free: the skill's own, its folder's, or either with the category in front; "" if none is."""
    names = (start if is_name(start) else suggested_name(start) for start in (name, folder, "skill"))
    valid = next(filter(None, names))
    return next((each for each in (valid, suggested_name(f"{category}-{valid}")) if each not in taken), "")


def _source_of(skill: Skill, origin: Origin) -> dict[str, str]:
    paths = map(skill.relative, (entry.path for entry in skill.entries))
    license_file = next((path for path in paths if path.upper().startswith(("LICENSE", "LICENCE"))), "")
    return {
        "source": f"{origin.source}/{skill.path}".rstrip("/") if skill.path else origin.source,
        "source-commit": origin.commit,
        "source-license": skill.front_matter.value("license") or license_file,
    }


def _old_facts(skill: Skill) -> dict[str, str] | None:
    """The facts in Skills Fleet's metadata.json, as strings; None when there is none."""
    entry = next((each for each in skill.entries if skill.relative(each.path) == OLD_METADATA), None)
    loaded = _json(skill.tree.read(entry)) if entry else None
    # other collections have a file of this name too, which is copied like any other
    if not isinstance(loaded, dict) or "skill_id" not in loaded:
        return None
    found = {"formerly": old} if is_skill_id(old := str(loaded.pop("skill_id"))) else {}
    for key, value in loaded.items():
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            found[key] = ", ".join(value)
        elif value is not None and key != "name":
            found[key] = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return found


def _old_ids(tree: Tree) -> dict[str, tuple[str, ...]]:
    """For each path that an index calls canonical, the other ids of that skill."""
    found = {}
    for entry in tree.entries:
        if entry.path.rpartition("/")[2] == OLD_INDEX:
            for path, aliases in _indexed(_json(tree.read(entry))):
                found[path] = tuple(alias for alias in aliases if isinstance(alias, str) and is_skill_id(alias))
    return found


def _indexed(loaded: object, depth: int = 3) -> Iterator[tuple[str, list[object]]]:
    """The entries of an index, at any depth up to `depth`."""
    if not isinstance(loaded, dict):
        return
    if isinstance(path := loaded.get("canonical_path"), str):
        aliases = loaded.get("aliases")
        yield path.strip("/"), aliases if isinstance(aliases, list) else []
    elif depth:
        for value in loaded.values():
            yield from _indexed(value, depth - 1)


def _json(content: bytes) -> object:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _imported(content: bytes, name: str, facts: Mapping[str, str], notes: list[str]) -> bytes:
    """The new SKILL.md: its front matter fixed, or written anew where that is not enough; its body as it was."""
    fixed = fix_front_matter(content)
    if fixed != content:
        notes.append("front matter fixed")
    read = read_front_matter(fixed)
    known = {key: value for key, value in facts.items() if value and key != "description"}
    try:
        edited = set_value(fixed, "name", name)
        for key, value in known.items():
            if read.metadata(key) is None:
                edited = set_value(edited, f"metadata.{key}", value)
        if not any(_errors(name, edited)):
            return edited
    except CannotEdit:
        pass
    fields: dict[str, str] = {}
    metadata: dict[str, str] = {}
    body = fixed
    if any(fault.what in ("missing", "unclosed") for fault in read.faults):
        notes.append("front matter written anew: there was none")
    else:
        notes.append("front matter written anew from what could be read of it")
        fields, metadata = _fields_of(read)
        body = read.body.encode()
    if not fields.get("description"):
        text = facts.get("description", "") or _first_words(body.decode("utf-8", "replace")) or f"The skill {name}."
        fields["description"] = _cut(text, MAX_DESCRIPTION)
        notes.append("description taken from the text")
    ending = "\r\n" if b"\r\n" in content[: max(len(content) - len(body), 8)] else "\n"
    rows = new_front_matter({**fields, "name": name}, {**known, **metadata})
    return "".join(f"{row}{ending}" for row in rows).encode() + body


def _errors(name: str, content: bytes) -> Iterator[str]:
    """The violations of the specification that are left."""
    skill = read_fleet(MemoryTree({f"{name}/{SKILL_FILE}": content}), "").skills[0]
    for finding in check_skill(skill, select(["spec"])):
        yield f"still wrong: {finding.rule}: {finding.message}"


def _fields_of(read: FrontMatter) -> tuple[dict[str, str], dict[str, str]]:
    """The specification's fields and the metadata of a front matter, all as strings.

    They come from its YAML, or else from its lines that look like `key: value`.
    """
    top, metadata = _from_nodes(read.mapping) if read.mapping.pairs else (_from_lines(read.text[: read.body_at]), {})
    fields = {name: top[name] for name in _FIELDS if top.get(name, "").strip()}
    metadata = {**{name: value for name, value in top.items() if name not in _FIELDS}, **metadata}
    for name, most in (("description", MAX_DESCRIPTION), ("compatibility", MAX_COMPATIBILITY)):
        value = fields.get(name, "")
        if len(value) > most or CONTROL.search(value):
            metadata.setdefault(f"full-{name}", value)
            fields[name] = _cut(value, most)
    return fields, metadata


def _from_nodes(mapping: YamlMapping) -> tuple[dict[str, str], dict[str, str]]:
    top: dict[str, str] = {}
    metadata: dict[str, str] = {}
    for key, node in mapping.pairs:
        if key.text == "metadata" and isinstance(node, YamlMapping):
            for name, value in node.pairs:
                metadata.setdefault(name.text, as_string(value))
        elif key.text == "allowed-tools" and isinstance(node, Sequence):
            top.setdefault(key.text, " ".join(item.text for item in node.items if isinstance(item, Scalar)))
        else:
            top.setdefault(key.text, as_string(node))
    return top, metadata


def _from_lines(text: str) -> dict[str, str]:
    """Lines at the margin as fields, each with the indented lines below it."""
    top: dict[str, list[str]] = {}
    last: list[str] = []
    for line in text.splitlines():
        if line.strip() in ("---", ""):
            continue
        match = _LINE.match(line)
        if match and not line[0].isspace():
            last = top.setdefault(match[1].strip(), [])
        last.append(((match[2] or "") if match and not line[0].isspace() else line).strip())
    joined = {name: " ".join(filter(None, words)).strip("\"'") for name, words in top.items()}
    return {name: value.lstrip("|>-").strip() for name, value in joined.items()}


def _cut(text: str, most: int) -> str:
    """The text without control characters, up to the last sentence, or else the last word, within `most` characters."""
    text = " ".join(CONTROL.sub(" ", text).split())
    if len(text) <= most:
        return text
    head = text[: most - 1]
    end = max(head.rfind(mark) for mark in (". ", "! ", "? ")) + 1
    return head[:end] if end > most // 2 else f"{head[: head.rfind(' ')] if ' ' in head else head}…"


def _first_words(text: str) -> str:
    """The first paragraph that is no heading, or else the first heading."""
    blocks = [block for each in text.split("\n\n") if (block := each.strip()) and not block.startswith(("```", "---"))]
    prose = next((block for block in blocks if not block.startswith("#")), "")
    return " ".join((prose or next(iter(blocks), "").lstrip("# ")).split())
