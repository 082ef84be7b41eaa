"""Importing skills from another repository: valid, in a category, with their bodies byte for byte.

Fields that the specification does not have go under `metadata`, as strings. What cannot be imported is reported: skills,
links, submodules. Dropped without a word are empty values, the name and description in a metadata.json of Skills Fleet
if SKILL.md has its own, and, where front matter has to be rewritten, its comments and everything that is not a field.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from skill_fleet.checks import (
    CONTROL,
    MAX_COMPATIBILITY,
    MAX_DESCRIPTION,
    Finding,
    check_skill,
    select,
    suggested_name,
)
from skill_fleet.fixes.fix import miscased_skill_files
from skill_fleet.fixes.front_matter import fix_front_matter
from skill_fleet.fleet import ROOT, SKILL_FILE, MemoryTree, Skill, Tree, is_name, is_skill_id, is_skipped, read_fleet
from skill_fleet.git import EXECUTABLE, REGULAR
from skill_fleet.markdown import (
    CannotEdit,
    Mapping as YamlMapping,
    Markdown,
    Scalar,
    Sequence,
    as_string,
    first_sentence,
    front_matter_lines,
    new_front_matter,
    plain,
    read_front_matter,
    set_value,
    shortened,
)

# Files of Skills Fleet, another project, despite its name: the facts about a skill, beside its SKILL.md, and an index.
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
class MigratedSkill:
    """A skill with its new `id` and `files`, or without if it was not imported. `notes` say what was changed, or why not.

    Paths are those in the fleet's repository; `executable` are some of them.
    """

    source: str
    notes: tuple[str, ...]
    id: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)
    executable: frozenset[str] = frozenset()


def migrate(tree: Tree, category: str, origin: Origin, taken: Collection[str] = ()) -> tuple[MigratedSkill, ...]:
    """Import every skill of a tree into `category`. `taken` are the names that the fleet already has."""
    index = _read_index(tree)
    names = set(taken)
    migrated = []
    for skill in _skills_in_memory(tree):
        # the index may list both `a/b` and `b`: the longest path is that of the skill
        paths = (row for row in index if f"/{skill.path}".endswith(f"/{row[0]}"))
        _, aliases = max(paths, key=lambda row: len(row[0]), default=("", ()))
        migrated.append(_migrated(skill, category, origin, names, aliases))
        names.add(migrated[-1].id.rpartition("/")[2])
    return tuple(migrated)


def _skills_in_memory(tree: Tree) -> Iterator[Skill]:
    """Yield the skills with their contents; a `skill.md` in another case counts as SKILL.md."""
    renamed = {entry.path: path for path, entry in miscased_skill_files(tree.entries).items()}
    entries = {renamed.get(entry.path, entry.path): entry for entry in tree.entries if not is_skipped(entry.path)}
    modes = {path: entry.mode for path, entry in entries.items()}
    for skill in read_fleet(MemoryTree(dict.fromkeys(entries, b""), modes), "").skills:
        contents = {entry.path: tree.read(entries[entry.path]) for entry in skill.entries}
        yield replace(skill, tree=MemoryTree(contents, modes))


def _migrated(
    skill: Skill, category: str, origin: Origin, taken: Collection[str], aliases: tuple[str, ...]
) -> MigratedSkill:
    """Import one skill; `aliases` are other ids that it had."""
    source = skill.path or "."
    if skill.file is None or skill.file.mode not in (REGULAR, EXECUTABLE):
        return MigratedSkill(source, ("its SKILL.md is not a regular file",))
    if any(fault.what == "encoding" for fault in skill.front_matter.faults):
        return MigratedSkill(source, ("its SKILL.md is not UTF-8",))
    old_name = skill.front_matter.value("name") or ""
    name = _free_name(old_name, skill.folder, category, taken)
    if not name:
        return MigratedSkill(source, ("its name is taken in the fleet, even with the category in front",))
    old = _read_old_metadata(skill)
    notes = [f"name: {old_name or 'none'} -> {name}"] * (name != old_name)
    notes += [f"{OLD_METADATA} -> metadata"] * (old is not None)
    rewritten = (SKILL_FILE,) if old is None else (SKILL_FILE, OLD_METADATA)
    others = {path: entry for entry in skill.entries if (path := skill.relative(entry.path)) not in rewritten}
    copied = {path: entry for path, entry in others.items() if entry.mode in (REGULAR, EXECUTABLE)}
    notes += [f"left out: {path}, a link or a submodule" for path in others if path not in copied]
    metadata = {**(old or {}), **_source_of(skill, origin)}
    metadata["formerly"] = " ".join(dict.fromkeys([*metadata.get("formerly", "").split(), *aliases]))
    text, changes = _with_front_matter(skill.tree.read(skill.file), name, metadata)
    folder = f"{ROOT}/{category}/{name}"
    files = {f"{folder}/{path}": skill.tree.read(entry) for path, entry in copied.items()}
    executable = frozenset(f"{folder}/{path}" for path, entry in copied.items() if entry.mode == EXECUTABLE)
    files[f"{folder}/{SKILL_FILE}"] = text
    return MigratedSkill(source, (*notes, *changes), f"{category}/{name}", files, executable)


def _free_name(name: str, folder: str, category: str, taken: Collection[str]) -> str:
    """Return a valid name made of the skill's own, or else its folder's, or else `skill`.

    If it is taken, the category goes in front; "" if that is taken too.
    """
    candidates = (text if is_name(text) else suggested_name(text) for text in (name, folder, "skill"))
    valid = next(filter(None, candidates))
    return next((free for free in (valid, suggested_name(f"{category}-{valid}")) if free not in taken), "")


def _source_of(skill: Skill, origin: Origin) -> dict[str, str]:
    paths = map(skill.relative, (entry.path for entry in skill.entries))
    license_file = next((path for path in paths if path.upper().startswith(("LICENSE", "LICENCE"))), "")
    return {
        "source": f"{origin.source}/{skill.path}".rstrip("/") if skill.path else origin.source,
        "source-commit": origin.commit,
        "source-license": skill.front_matter.value("license") or license_file,
    }


def _read_old_metadata(skill: Skill) -> dict[str, str] | None:
    """Read the metadata.json of Skills Fleet, all values as strings; None if there is none."""
    entry = next((entry for entry in skill.entries if skill.relative(entry.path) == OLD_METADATA), None)
    loaded = _json(skill.tree.read(entry)) if entry else None
    # other collections have a file of this name too, which is copied like any other
    if not isinstance(loaded, dict) or "skill_id" not in loaded:
        return None
    found = {"formerly": old_id} if is_skill_id(old_id := str(loaded.pop("skill_id"))) else {}
    for key, value in loaded.items():
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            found[key] = ", ".join(value)
        elif value is not None and key != "name":
            found[key] = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return found


def _read_index(tree: Tree) -> list[tuple[str, tuple[str, ...]]]:
    """Read every index of Skills Fleet: the path of each skill, with the other ids of the skill."""
    indexes = (_json(tree.read(entry)) for entry in tree.entries if entry.path.rpartition("/")[2] == OLD_INDEX)
    return [row for index in indexes for row in _indexed(index)]


def _indexed(loaded: object, depth: int = 3) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the entries of an index, at any depth up to `depth`."""
    if not isinstance(loaded, dict):
        return
    if isinstance(path := loaded.get("canonical_path"), str):
        aliases = loaded.get("aliases")
        listed = aliases if isinstance(aliases, list) else []
        yield path.strip("/"), tuple(alias for alias in listed if isinstance(alias, str) and is_skill_id(alias))
    elif depth:
        for value in loaded.values():
            yield from _indexed(value, depth - 1)


def _json(content: bytes) -> object:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _with_front_matter(content: bytes, name: str, metadata: Mapping[str, str]) -> tuple[bytes, list[str]]:
    """Return the new SKILL.md, with notes: its front matter edited in place, or rewritten where that is not enough."""
    fixed = fix_front_matter(content)
    added = {key: value for key, value in metadata.items() if value and key != "description"}
    notes = ["front matter fixed"] * (fixed != content)
    if edited := _edited(fixed, name, added):
        return edited, notes
    text, changes = _rewritten(fixed, name, added, metadata.get("description", ""))
    left = [f"still wrong: {finding.rule}: {finding.message}" for finding in _violations(name, text)]
    return text, [*notes, *changes, *left]


def _edited(content: bytes, name: str, metadata: Mapping[str, str]) -> bytes | None:
    """Return a SKILL.md with its name set and metadata added in place; None if it cannot be, or is not valid then."""
    read = read_front_matter(content)
    try:
        edited = set_value(content, "name", name)
        for key, value in metadata.items():
            if read.metadata(key) is None:
                edited = set_value(edited, f"metadata.{key}", value)
    except CannotEdit:
        return None
    return None if _violations(name, edited) else edited


def _rewritten(content: bytes, name: str, added: Mapping[str, str], description: str) -> tuple[bytes, list[str]]:
    """Return a SKILL.md with new front matter, made of what can be read of the old one, and notes.

    `description` is for a skill that has none; without it, the first paragraph is taken.
    """
    read = read_front_matter(content)
    has_none = any(fault.what in ("missing", "unclosed") for fault in read.faults)
    notes = [f"front matter rewritten{': there was none' if has_none else ' from what could be read of it'}"]
    fields, metadata = _fields_of(content)
    if not fields.get("description"):
        text = description or _first_paragraph(read.body) or f"The skill {name}."
        fields["description"] = _cut(text, MAX_DESCRIPTION)
        notes.append("description taken from the text")
    ending = "\r\n" if content.partition(b"\n")[0].endswith(b"\r") else "\n"
    rows = new_front_matter({**fields, "name": name}, {**added, **metadata})
    return "".join(f"{row}{ending}" for row in rows).encode() + read.body.encode(), notes


def _violations(name: str, content: bytes) -> list[Finding]:
    """Return the violations of the specification."""
    skill = read_fleet(MemoryTree({f"{name}/{SKILL_FILE}": content}), "").skills[0]
    return list(check_skill(skill, select(["spec"])))


def _fields_of(content: bytes) -> tuple[dict[str, str], dict[str, str]]:
    """Return the specification's fields and the metadata of a front matter, all as strings.

    They come from its YAML, or else from its lines that look like `key: value`.
    """
    mapping = read_front_matter(content).mapping
    top, metadata = _from_nodes(mapping) if mapping.pairs else (_from_lines(content), {})
    fields = {name: top[name] for name in _FIELDS if top.get(name, "").strip()}
    metadata = {**{name: value for name, value in top.items() if name not in _FIELDS}, **metadata}
    for name, limit in (("description", MAX_DESCRIPTION), ("compatibility", MAX_COMPATIBILITY)):
        value = fields.get(name, "")
        if len(value) > limit or CONTROL.search(value):
            metadata.setdefault(f"full-{name}", value)
            fields[name] = _cut(value, limit)
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


def _from_lines(content: bytes) -> dict[str, str]:
    """Return the lines at the margin as fields, each with the lines below it up to the next field."""
    opened = front_matter_lines(content)
    fields: dict[str, list[str]] = {}
    for line in opened.lines if opened else ():
        if match := _LINE.match(line):
            fields.setdefault(name := match[1].strip(), []).append(match[2] or "")
        elif fields:
            fields[name].append(line)
    joined = {name: " ".join(" ".join(rows).split()).strip("\"'") for name, rows in fields.items()}
    return {name: value.lstrip("|>-").strip() for name, value in joined.items()}


def _cut(text: str, limit: int) -> str:
    """Return a text without control characters, up to its last sentence, or else its last word, within `limit`."""
    text = " ".join(CONTROL.sub(" ", text).split())
    if len(text) <= limit:
        return text
    end = max(text.rfind(mark, 0, limit - 1) for mark in (". ", "! ", "? ")) + 1
    return text[:end] if end > limit // 2 else f"{shortened(text, limit - 1)}…"


def _first_paragraph(body: str) -> str:
    """Return the first paragraph that is prose, or else the first of any kind, or else the first heading."""
    blocks = Markdown(body).blocks
    texts, headings = ([plain(each.content) for each in blocks if each.kind == kind] for kind in ("text", "heading"))
    prose = (text for text in texts if first_sentence([text]))
    return next(filter(None, (*prose, *texts, *headings)), "")
