"""Skills from elsewhere become skills of this fleet: valid, in a category, their bodies byte for byte.

What the specification has no place for goes under `metadata`, so nothing is lost; what cannot be brought in is said.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from skill_fleet.checks import CONTROL, MAX_COMPATIBILITY, MAX_DESCRIPTION, check_skill, select, suggested_name
from skill_fleet.fixes.fix import RightCase
from skill_fleet.fixes.front_matter import as_string, fix_front_matter, written
from skill_fleet.fleet import ROOT, SKILL_FILE, MemoryTree, Skill, Tree, is_name, is_skill_id, read_fleet
from skill_fleet.git import EXECUTABLE, REGULAR
from skill_fleet.markdown import (
    CannotEdit,
    FrontMatter,
    Mapping as YamlMapping,
    Scalar,
    Sequence,
    quote,
    read_front_matter,
    set_value,
)

OLD_METADATA = "metadata.json"
OLD_INDEX = "taxonomy_index.json"


def old_metadata(skill: Skill, notes: list[str]) -> dict[str, str]:
    """What Skills Fleet's metadata.json says, as strings; empty when there is none."""
    entry = next((each for each in skill.entries if skill.relative(each.path) == OLD_METADATA), None)
    try:
        loaded = json.loads(skill.tree.read(entry)) if entry else None
    except (ValueError, RecursionError):
        return {}
    # other collections have a file of that name too, and theirs stays where it is
    if not isinstance(loaded, dict) or "skill_id" not in loaded:
        return {}
    notes.append(f"{OLD_METADATA} -> metadata")
    found: dict[str, str] = {}
    for key, value in loaded.items():
        if key == "skill_id":
            if is_skill_id(str(value)):
                found["formerly"] = str(value)
        elif isinstance(value, str):
            found[str(key)] = value
        elif isinstance(value, list) and all(isinstance(each, str) for each in value):
            found[str(key)] = ", ".join(value)
        elif value is not None:
            found[str(key)] = json.dumps(value, ensure_ascii=False)
    return {key: value for key, value in found.items() if key != "name"}


def old_paths(tree: Tree) -> dict[str, tuple[str, ...]]:
    """For each path that an index calls canonical, the other ids it was known by; empty when there is no index."""
    found: dict[str, tuple[str, ...]] = {}
    for entry in tree.entries:
        if entry.path.rpartition("/")[2] == OLD_INDEX:
            try:
                loaded = json.loads(tree.read(entry))
            except (ValueError, RecursionError):
                continue
            for path, aliases in _indexed(loaded):
                found[path] = tuple(alias for alias in aliases if isinstance(alias, str) and is_skill_id(alias))
    return found


def _indexed(loaded: object, depth: int = 3) -> Iterator[tuple[str, list[object]]]:
    """The entries of an index, however deep it keeps them."""
    if not isinstance(loaded, dict):
        return
    if isinstance(loaded.get("canonical_path"), str):
        aliases = loaded.get("aliases")
        yield loaded["canonical_path"].strip("/"), aliases if isinstance(aliases, list) else []
    elif depth:
        for value in loaded.values():
            yield from _indexed(value, depth - 1)


_LINE = re.compile(r"([A-Za-z][\w -]{0,60}?)\s*:(?:[ \t]+(.*))?\Z")
_SPEC = ("name", "description", "license", "compatibility", "allowed-tools")


def fields_of(read: FrontMatter) -> tuple[dict[str, str], dict[str, str]]:
    """The specification's fields and the metadata of a front matter, all as strings: from its YAML, or else from its
    lines that look like `key: value`."""
    if read.mapping.pairs:
        top, metadata = _from_nodes(read.mapping)
    else:
        top, metadata = _from_lines(read.text[: read.body_at])
    fields = {name: top.pop(name) for name in _SPEC if top.get(name, "").strip()}
    metadata = {**{name: value for name, value in top.items() if name not in _SPEC}, **metadata}
    description = fields.get("description", "")
    if len(description) > MAX_DESCRIPTION or seen(description) != description:
        metadata.setdefault("full-description", description)
        fields["description"] = shortened(description, MAX_DESCRIPTION)
    if len(fields.get("compatibility", "")) > MAX_COMPATIBILITY:
        metadata.setdefault("full-compatibility", fields["compatibility"])
        fields["compatibility"] = shortened(fields["compatibility"], MAX_COMPATIBILITY)
    return fields, metadata


def front_matter_of(fields: Mapping[str, str], metadata: Mapping[str, str], ending: str = "\n") -> str:
    """The text of a front matter, dashes and all."""
    rows = ["---", *(f"{name}: {written(value)}" for name, value in fields.items())]
    if metadata:
        rows += ["metadata:", *(f"  {_key(name)}: {written(value)}" for name, value in metadata.items())]
    return "".join(f"{row}{ending}" for row in (*rows, "---"))


def seen(text: str) -> str:
    """The text with a blank for each character that a description must not hold, since XML cannot."""
    return CONTROL.sub(" ", text)


def shortened(text: str, most: int) -> str:
    """The text without control characters, up to the last sentence, or else the last word, within `most` characters."""
    text = " ".join(seen(text).split())
    if len(text) <= most:
        return text
    head = text[: most - 1]
    at = max(head.rfind(". "), head.rfind("! "), head.rfind("? ")) + 1
    return head[:at] if at > most // 2 else f"{head[: head.rfind(' ')] if ' ' in head else head}…"


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


def _from_lines(text: str) -> tuple[dict[str, str], dict[str, str]]:
    """Top-level lines as fields, and what is indented below one as its continuation."""
    top: dict[str, list[str]] = {}
    last: list[str] = []
    for line in text.splitlines():
        if line.strip() == "---" or not line.strip():
            continue
        if (match := _LINE.match(line)) and not line[0].isspace():
            last = top.setdefault(match[1].strip(), [])
            last.append((match[2] or "").strip())
        else:
            last.append(line.strip())
    joined = {name: " ".join(filter(None, words)).strip() for name, words in top.items()}
    return {name: value.strip("\"'").lstrip("|>-").strip() for name, value in joined.items()}, {}


def _key(name: str) -> str:
    plain = re.fullmatch(r"[A-Za-z_][\w.-]*", name) and name.lower() not in (
        "y",
        "n",
        "yes",
        "no",
        "on",
        "off",
        "true",
        "false",
        "null",
    )
    return name if plain else quote(name)


def imported_file(content: bytes, name: str, facts: Mapping[str, str], notes: list[str]) -> bytes:
    """The new SKILL.md: the old front matter fixed, or made anew where that is not enough; then the body as it was."""
    fixed = fix_front_matter(content)
    if fixed != content:
        notes.append("front matter fixed")
    read = read_front_matter(fixed)
    known = {key: value for key, value in facts.items() if value and key != "description"}
    edited = _edited(fixed, name, {key: value for key, value in known.items() if read.metadata(key) is None})
    if edited is not None:
        return edited
    fields: dict[str, str] = {}
    metadata: dict[str, str] = {}
    body = fixed
    if any(fault.what in ("missing", "unclosed") for fault in read.faults):
        notes.append("front matter made anew: there was none")
    else:
        notes.append("front matter made anew from what could be read of it")
        fields, metadata = fields_of(read)
        body = read.body.encode()
    if not fields.get("description"):
        first = _first_words(body.decode("utf-8", "replace"))
        fields["description"] = shortened(
            facts.get("description", "") or first or f"The skill {name}.", MAX_DESCRIPTION
        )
        notes.append("description taken from the text")
    ordered = {"name": name, **{key: value for key, value in fields.items() if key != "name"}}
    ending = "\r\n" if b"\r\n" in content[: max(len(content) - len(body), 8)] else "\n"
    return front_matter_of(ordered, {**known, **metadata}, ending).encode() + body


def _edited(content: bytes, name: str, metadata: Mapping[str, str]) -> bytes | None:
    """The file with its name and more metadata, every other byte as it is; None when it is not valid that way."""
    try:
        content = set_value(content, "name", name)
        for key, value in metadata.items():
            content = set_value(content, f"metadata.{key}", value)
    except CannotEdit:
        return None
    return None if any(open_points(name, content)) else content


def _first_words(text: str) -> str:
    """The first paragraph that is no heading, or else the first heading."""
    blocks = [
        block.strip() for block in text.split("\n\n") if block.strip() and not block.strip().startswith(("```", "---"))
    ]
    prose = next((block for block in blocks if not block.startswith("#")), "")
    return " ".join((prose or next(iter(blocks), "").lstrip("# ")).split())


def open_points(name: str, text: bytes) -> Iterator[str]:
    """What of the specification is still wrong."""
    skill = read_fleet(MemoryTree({f"{name}/{SKILL_FILE}": text}), "").skills[0]
    for finding in check_skill(skill, select(["spec"])):
        yield f"still wrong: {finding.rule}: {finding.message}"


@dataclass(frozen=True)
class Origin:
    """Where skills come from, as it is recorded in each: an address or a folder, and the commit if there is one."""

    source: str
    commit: str = ""


@dataclass(frozen=True)
class Moved:
    """What became of one skill: `id` is '' when it could not be brought in. `notes` say what was changed, or why not."""

    source: str
    id: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Migration:
    """The files to write, which of them are executable, and what became of each skill, in the order of the sources."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    executable: frozenset[str] = frozenset()
    skills: tuple[Moved, ...] = ()


def migrate(tree: Tree, category: str, origin: Origin, taken: Collection[str] = (), root: str = "") -> Migration:
    """Bring every skill below `root` of a tree into `category`. `taken` are the names that the fleet has already."""
    names = set(taken)
    files: dict[str, bytes] = {}
    executable: set[str] = set()
    moved: list[Moved] = []
    aliases = old_paths(tree)
    for skill in read_fleet(RightCase(tree), root).skills:
        known = next((old for path, old in aliases.items() if f"/{skill.path}".endswith(f"/{path}")), ())
        result = _one(skill, category, origin, names, known)
        moved.append(result.moved)
        if result.moved.id:
            names.add(result.moved.id.rpartition("/")[2])
            files |= result.files
            executable |= result.executable
    return Migration(files, frozenset(executable), tuple(moved))


@dataclass(frozen=True)
class _Result:
    moved: Moved
    files: dict[str, bytes] = field(default_factory=dict)
    executable: frozenset[str] = frozenset()


def _one(skill: Skill, category: str, origin: Origin, names: Collection[str], aliases: Collection[str]) -> _Result:
    source = skill.path or "."
    if skill.file is None or skill.file.mode not in (REGULAR, EXECUTABLE):
        return _Result(Moved(source, "", ("its SKILL.md is a link or a folder",)))
    content = skill.tree.read(skill.file)
    read = read_front_matter(content)
    if any(fault.what == "encoding" for fault in read.faults):
        return _Result(Moved(source, "", ("its SKILL.md is not UTF-8",)))
    name = _name(read.value("name") or "", skill.folder, category, names)
    if not name:
        return _Result(Moved(source, "", ("its name is taken in the fleet, with the category in front too",)))
    notes: list[str] = []
    if name != (read.value("name") or ""):
        notes.append(f"name: {read.value('name') or 'none'} -> {name}")
    facts = old_metadata(skill, notes)
    has_old = bool(facts)
    if former := " ".join(dict.fromkeys([*facts.get("formerly", "").split(), *aliases])):
        facts["formerly"] = former
    text = imported_file(content, name, facts | _provenance(skill, origin), notes)
    home = f"{ROOT}/{category}/{name}"
    files, executable = {f"{home}/{SKILL_FILE}": text}, set()
    for entry in skill.entries:
        path = skill.relative(entry.path)
        if path == SKILL_FILE or (path == OLD_METADATA and has_old):
            continue
        if entry.mode not in (REGULAR, EXECUTABLE):
            notes.append(f"left out: {path}, which is a link or a submodule")
            continue
        files[f"{home}/{path}"] = skill.tree.read(entry)
        if entry.mode == EXECUTABLE:
            executable.add(f"{home}/{path}")
    notes += open_points(name, text)
    return _Result(Moved(source, f"{category}/{name}", tuple(notes)), files, frozenset(executable))


def _provenance(skill: Skill, origin: Origin) -> dict[str, str]:
    place = f"{origin.source}/{skill.path}".rstrip("/") if skill.path else origin.source
    licence = next(
        (
            skill.relative(each.path)
            for each in skill.entries
            if skill.relative(each.path).upper().startswith(("LICENSE", "LICENCE"))
        ),
        "",
    )
    return {
        "source": place,
        "source-commit": origin.commit,
        "source-license": skill.front_matter.value("license") or licence,
    }


def _name(given: str, folder: str, category: str, names: Collection[str]) -> str:
    """A valid name that nobody has: the skill's own, its folder's, or either with the category in front; '' if none is."""
    for start in (given, folder, "skill"):
        name = start if is_name(start) else suggested_name(start)
        if name:
            break
    both = suggested_name(f"{category}-{name}")
    return next((each for each in (name, both) if each not in names), "")
