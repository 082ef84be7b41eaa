"""Importing skills from another repository: valid, in a category, with their bodies byte for byte.

Fields that neither the specification nor a client has go under `metadata`, as strings; those of clients keep their place
and their type. A key that means something else here, such as `requires`, gets `source-` in front. What cannot be imported
is reported: skills, links, submodules. Dropped without a word are empty values, what a metadata.json of Skills Fleet says
of a field that SKILL.md has itself, ids in its index that are none here, and, where front matter has to be rewritten, its
comments and everything that is not a field.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from skill_fleet import checks, fleet, markdown
from skill_fleet.fixes.fix import miscased_skill_files
from skill_fleet.fixes.front_matter import fix_front_matter
from skill_fleet.git import EXECUTABLE, REGULAR

# Files of Skills Fleet, another project, despite its name: the facts about a skill, beside its SKILL.md, and an index.
OLD_METADATA = "metadata.json"
OLD_INDEX = "taxonomy_index.json"

_WHOLE = ("full-description", "full-compatibility")
_FIELDS = ("name", "description", "license", "compatibility")
_LICENSE = re.compile(r"licen[cs]e(?:[.-][^/]*)?", re.IGNORECASE)


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


def migrate(
    tree: fleet.Tree,
    category: str,
    origin: Origin,
    taken: Collection[str] = (),
    imported: Mapping[str, Collection[str]] = MappingProxyType({}),
) -> tuple[MigratedSkill, ...]:
    """Import every skill of a tree into `category`. `taken` are the names that the fleet already has.

    `imported` are the ids of the fleet's skills by their `metadata.source`: what is there already is not imported again.
    """
    index = _read_index(tree)
    names = set(taken)
    migrated = []
    for skill in _skills_in_memory(tree):
        # the index may list both `a/b` and `b`: the longest path is that of the skill
        paths = (row for row in index if f"/{skill.path}".endswith(f"/{row[0]}"))
        _, aliases = max(paths, key=lambda row: len(row[0]), default=("", ()))
        migrated.append(
            _imported(skill, category, origin, imported) or _migrated(skill, category, origin, names, aliases)
        )
        names.add(migrated[-1].id.rpartition("/")[2])
    return tuple(migrated)


def _skills_in_memory(tree: fleet.Tree) -> Iterator[fleet.Skill]:
    """Yield the skills with their contents; a `skill.md` in another case counts as SKILL.md."""
    renamed = {entry.path: path for path, entry in miscased_skill_files(tree.entries).items()}
    entries = {renamed.get(entry.path, entry.path): entry for entry in tree.entries if not fleet.is_skipped(entry.path)}
    modes = {path: entry.mode for path, entry in entries.items()}
    for skill in fleet.read_fleet(fleet.MemoryTree(dict.fromkeys(entries, b""), modes), "").skills:
        contents = {entry.path: tree.read(entries[entry.path]) for entry in skill.entries}
        yield replace(skill, tree=fleet.MemoryTree(contents, modes))


def _imported(
    skill: fleet.Skill, category: str, origin: Origin, imported: Mapping[str, Collection[str]]
) -> MigratedSkill | None:
    """The skill if it was imported before. A source that it records itself may be that of other skills, too."""
    recorded = skill.front_matter.metadata("source")
    names = _names_for(skill.front_matter.value("name") or "", skill.folder, category)
    for known in imported.get(recorded or _source_of(skill, origin)["source"], ()):
        if not recorded or known.rpartition("/")[2] in names:
            return MigratedSkill(skill.path or ".", ("imported before",), known)
    return None


def _migrated(
    skill: fleet.Skill, category: str, origin: Origin, taken: Collection[str], aliases: tuple[str, ...]
) -> MigratedSkill:
    """Import one skill; `aliases` are other ids that it had."""
    source = skill.path or "."
    if skill.file is None or skill.file.mode not in (REGULAR, EXECUTABLE):
        return MigratedSkill(source, ("its SKILL.md is not a regular file",))
    content = fix_front_matter(skill.tree.read(skill.file))
    if broken := [each for each in markdown.read_front_matter(content).faults if each.what in ("encoding", "syntax")]:
        return MigratedSkill(source, (f"its SKILL.md cannot be read: line {broken[0].line}: {broken[0].detail}",))
    old = _read_old_metadata(skill)
    old_name = skill.front_matter.value("name") or (old or {}).get("name", "")
    name = _free_name(old_name, skill.folder, category, taken)
    if not name:
        return MigratedSkill(source, ("its name is taken in the fleet, even with the category in front",))
    notes = [f"name: {old_name or 'none'} -> {name}"] * (name != old_name)
    notes += [f"{OLD_METADATA} -> metadata"] * (old is not None)
    rewritten = (fleet.SKILL_FILE,) if old is None else (fleet.SKILL_FILE, OLD_METADATA)
    others = {path: entry for entry in skill.entries if (path := skill.relative(entry.path)) not in rewritten}
    copied = {path: entry for path, entry in others.items() if entry.mode in (REGULAR, EXECUTABLE)}
    notes += [f"left out: {path}, a link or a submodule" for path in others if path not in copied]
    metadata = {**(old or {}), **_source_of(skill, origin)}
    metadata.pop("name", None)
    if recorded := skill.front_matter.metadata("source"):  # its commit is one of that source
        metadata.pop("source-commit")
        notes.append(f"metadata.source kept: {recorded}")
    ids = [each for each in (skill.front_matter.metadata("formerly") or "").split() if fleet.is_skill_id(each)]
    metadata["formerly"] = " ".join(dict.fromkeys([*ids, *metadata.get("formerly", "").split(), *aliases]))
    text, changes = _with_front_matter(skill.tree.read(skill.file), name, metadata)
    folder = f"{fleet.ROOT}/{category}/{name}"
    files = {f"{folder}/{path}": skill.tree.read(entry) for path, entry in copied.items()}
    executable = frozenset(f"{folder}/{path}" for path, entry in copied.items() if entry.mode == EXECUTABLE)
    files[f"{folder}/{fleet.SKILL_FILE}"] = text
    return MigratedSkill(source, (*notes, *changes), f"{category}/{name}", files, executable)


def _free_name(name: str, folder: str, category: str, taken: Collection[str]) -> str:
    """Return a valid name made of the skill's own, or else its folder's, or else `skill`.

    If it is taken, the category goes in front; "" if that is taken too.
    """
    free = (each for each in _names_for(name, folder, category) if each not in taken and not fleet.device_in(each))
    return next(free, "")


def _names_for(name: str, folder: str, category: str) -> tuple[str, str]:
    """Return the names that a skill may get, the better one first."""
    candidates = (text if fleet.is_name(text) else checks.suggested_name(text) for text in (name, folder, "skill"))
    valid = next(filter(None, candidates))
    return valid, checks.suggested_name(f"{category}-{valid}")


def _source_of(skill: fleet.Skill, origin: Origin) -> dict[str, str]:
    paths = map(skill.relative, (entry.path for entry in skill.entries))
    license_file = next(filter(_LICENSE.fullmatch, paths), "")
    return {
        "source": f"{origin.source}/{skill.path}".rstrip("/") if skill.path else origin.source,
        "source-commit": origin.commit,
        "source-license": skill.front_matter.value("license") or license_file,
    }


def _read_old_metadata(skill: fleet.Skill) -> dict[str, str] | None:
    """Read the metadata.json of Skills Fleet, all values as strings; None if there is none."""
    entry = next((entry for entry in skill.entries if skill.relative(entry.path) == OLD_METADATA), None)
    loaded = _json(skill.tree.read(entry)) if entry else None
    # other collections have a file of this name too, which is copied like any other
    if not isinstance(loaded, dict) or "skill_id" not in loaded:
        return None
    old_id = str(loaded.pop("skill_id"))
    found = {"formerly" if fleet.is_skill_id(old_id) else "skill-id": old_id}
    for key, value in loaded.items():
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            found[key] = ", ".join(value)
        elif value is not None:
            found[key] = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return found


def _read_index(tree: fleet.Tree) -> list[tuple[str, tuple[str, ...]]]:
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
        yield path.strip("/"), tuple(alias for alias in listed if isinstance(alias, str) and fleet.is_skill_id(alias))
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
    fixed, renamed = _with_own_keys_renamed(fixed)
    text, changes = _edited(fixed, name, added), [*notes, *renamed]
    if text is None:
        text, more = _rewritten(fixed, name, added, metadata.get("description", ""))
        changes += more
    left = [f"still wrong: {finding.rule}: {finding.message}" for finding in _violations(name, text)]
    return text, [*changes, *left]


def _with_own_keys_renamed(content: bytes) -> tuple[bytes, list[str]]:
    """Return the file with `source-` in front of keys below `metadata` that mean something else here, and notes."""
    opened = markdown.front_matter_lines(content)
    block = opened.read.mapping.get("metadata") if opened else None
    lines, notes = list(opened.lines) if opened else [], []
    for key, value in reversed(block.pairs) if isinstance(block, markdown.Mapping) else ():
        row = lines[key.line - 2]
        start = key.column - 1 + (row[key.column - 1] in "'\"")
        if _means_something_else(key.text, value) and row.startswith(key.text, start):
            lines[key.line - 2] = f"{row[:start]}source-{row[start:]}"
            notes.append(f"metadata.{key.text} -> metadata.source-{key.text}: the key has another meaning here")
    return opened.with_lines(lines) if opened and notes else content, notes


def _means_something_else(key: str, value: markdown.Node) -> bool:
    """Whether a key below `metadata` is one of ours, but its value is not what we write there."""
    words = value.text.split() if isinstance(value, markdown.Scalar) else [""]
    return key in checks.OWN_KEYS and not all(
        word in checks.STATUSES if key == "status" else fleet.is_skill_id(word) for word in words
    )


def _edited(content: bytes, name: str, metadata: Mapping[str, str]) -> bytes | None:
    """Return a SKILL.md with its name set and metadata added in place; None if it cannot be, or is not valid then.

    Values below `metadata` that are no text stay, because what a client does with them is unknown; and so do fields that
    look like one that a client acts on.
    """
    block = markdown.read_front_matter(content).mapping.get("metadata")
    try:
        edited = markdown.set_value(content, "name", name)
        for key, value in metadata.items():
            if key == "formerly" or not (isinstance(block, markdown.Mapping) and block.get(key)):
                edited = markdown.set_value(edited, f"metadata.{key}", value)
    except markdown.CannotEdit:
        return None
    wrong = {finding.rule for finding in _violations(name, edited)} - {"spec/metadata", "spec/quoted-string"}
    unknown = (
        key.text
        for key, _ in markdown.read_front_matter(edited).mapping.pairs
        if key.text not in (*_FIELDS, "metadata")
    )
    return edited if not wrong or (wrong == {"spec/unknown-field"} and all(map(_stays, unknown))) else None


def _stays(field: str) -> bool:
    """Whether a client acts on a field, or may have been meant to: `tools`, `user_invocable`."""
    return bool(checks.readers(field)) or checks.closest_field(field, opposites=True) not in ("", "metadata", *_FIELDS)


def _rewritten(content: bytes, name: str, added: Mapping[str, str], description: str) -> tuple[bytes, list[str]]:
    """Return a SKILL.md with new front matter, made of what can be read of the old one, and notes.

    `description` is for a skill that has none; without it, the first paragraph is taken.
    """
    read = markdown.read_front_matter(content)
    has_none = any(fault.what in ("missing", "unclosed") for fault in read.faults)
    notes = [f"front matter rewritten{': there was none' if has_none else ' from what could be read of it'}"]
    fields, kept, metadata = _fields_of(content)
    if not fields.get("description"):
        text = description or _first_paragraph(read.body)
        fields["description"] = _cut(text or f"The skill {name}.", checks.MAX_DESCRIPTION)
        origin = OLD_METADATA if description else "the text" if text else "the name"
        notes.append(f"description taken from {origin}")
    notes += [f"{key[5:]} cut; the whole is in metadata.{key}" for key in metadata if key in _WHOLE]
    if any(fault.what in ("alias", "tag") for fault in read.faults) and kept:
        notes += [f"left out: `{key}`, because the front matter has YAML aliases or tags" for key in kept]
        kept = {}
    ending = "\r\n" if content.partition(b"\n")[0].endswith(b"\r") else "\n"
    metadata = {**added, **metadata, **({"formerly": added["formerly"]} if "formerly" in added else {})}
    rows = markdown.new_front_matter({**fields, "name": name, **kept}, metadata)
    return "".join(f"{row}{ending}" for row in rows).encode() + read.body.encode(), notes


def _violations(name: str, content: bytes) -> list[checks.Finding]:
    """Return the violations of the specification."""
    skill = fleet.read_fleet(fleet.MemoryTree({f"{name}/{fleet.SKILL_FILE}": content}), "").skills[0]
    return list(checks.check_skill(skill, checks.select(["spec"])))


_Values = dict[str, str | markdown.Node]


def _fields_of(content: bytes) -> tuple[dict[str, str], _Values, _Values]:
    """Return the specification's fields, the fields that keep their form, and the metadata of a front matter."""
    mapping = markdown.read_front_matter(content).mapping
    fields: dict[str, str] = {}
    kept: _Values = {}
    metadata: _Values = {}
    for key, node in mapping.pairs:
        if key.text == "metadata" and isinstance(node, markdown.Mapping):
            for inner, value in node.pairs:
                is_kept = checks.readers(f"metadata.{inner.text}") or checks.type_of(value) in (
                    "true or false",
                    "a list",
                    "a map",
                )
                metadata[inner.text] = value if is_kept else markdown.as_string(value)
        elif key.text in _FIELDS:
            fields.setdefault(key.text, markdown.as_string(node))
        elif _stays(key.text):
            kept.setdefault(key.text, node)
        else:
            name = f"source-{key.text}" if checks.has_meaning(key.text) else key.text
            metadata.setdefault(name, markdown.as_string(node))
    for name, limit in (("description", checks.MAX_DESCRIPTION), ("compatibility", checks.MAX_COMPATIBILITY)):
        text = fields.get(name, "")
        if len(text) > limit or checks.CONTROL.search(text):
            metadata.setdefault(f"full-{name}", text)
            fields[name] = _cut(text, limit)
    return {name: text for name, text in fields.items() if text.strip()}, kept, metadata


def _cut(text: str, limit: int) -> str:
    """Return a text without control characters, up to its last sentence, or else its last word, within `limit`."""
    text = " ".join(checks.CONTROL.sub(" ", text).split())
    if len(text) <= limit:
        return text
    end = max(text.rfind(mark, 0, limit - 1) for mark in (". ", "! ", "? ")) + 1
    return text[:end] if end > limit // 2 else f"{markdown.shortened(text, limit - 1)}…"


def _first_paragraph(body: str) -> str:
    """Return the first paragraph that is prose, or else the first of any kind, or else the first heading."""
    blocks = markdown.Markdown(body).blocks
    texts, headings = (
        [markdown.plain(each.content) for each in blocks if each.kind == kind] for kind in ("text", "heading")
    )
    prose = (text for text in texts if markdown.first_sentence([text]))
    return next(filter(None, (*prose, *texts, *headings)), "")
