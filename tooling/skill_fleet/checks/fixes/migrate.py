"""Skills from elsewhere become skills of this fleet: valid, in a category, their bodies byte for byte.

What the specification has no place for goes under `metadata`, so nothing is lost; what cannot be brought in is said.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from skill_fleet.checks.fixes.front_matter import fix_front_matter
from skill_fleet.checks.fixes.rebuild import fields_of, front_matter_of, shortened
from skill_fleet.checks.rules.spec_description import MAX_DESCRIPTION
from skill_fleet.checks.rules.spec_name import suggested_name
from skill_fleet.checks.run import check_skill
from skill_fleet.checks.selection import select
from skill_fleet.fleet.fleet import ROOT, read_fleet
from skill_fleet.fleet.frontmatter import read_front_matter
from skill_fleet.fleet.git import EXECUTABLE, REGULAR, Entry
from skill_fleet.fleet.names import is_name, is_skill_id
from skill_fleet.fleet.skill import SKILL_FILE, Skill
from skill_fleet.fleet.tree import MemoryTree, Tree
from skill_fleet.fleet.yaml_edit import CannotEdit, set_value

OLD_METADATA = "metadata.json"
"""Where Skills Fleet kept a skill's facts; read, and left out."""


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
    for skill in read_fleet(_RightCase(tree), root).skills:
        result = _one(skill, category, origin, names)
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


def _one(skill: Skill, category: str, origin: Origin, names: Collection[str]) -> _Result:
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
    facts = _facts(skill, notes)
    text = _skill_file(content, name, facts | _provenance(skill, origin), notes)
    home = f"{ROOT}/{category}/{name}"
    files, executable = {f"{home}/{SKILL_FILE}": text}, set()
    for entry in skill.entries:
        path = skill.relative(entry.path)
        if path == SKILL_FILE or (path == OLD_METADATA and facts):
            continue
        if entry.mode not in (REGULAR, EXECUTABLE):
            notes.append(f"left out: {path}, which is a link or a submodule")
            continue
        files[f"{home}/{path}"] = skill.tree.read(entry)
        if entry.mode == EXECUTABLE:
            executable.add(f"{home}/{path}")
    notes += _open_points(name, text)
    return _Result(Moved(source, f"{category}/{name}", tuple(notes)), files, frozenset(executable))


def _skill_file(content: bytes, name: str, facts: Mapping[str, str], notes: list[str]) -> bytes:
    """The new SKILL.md: the old front matter mended, or made anew where that is not enough; then the body as it was."""
    mended = fix_front_matter(content)
    if mended != content:
        notes.append("front matter mended")
    read = read_front_matter(mended)
    known = {key: value for key, value in facts.items() if value and key != "description"}
    edited = _edited(mended, name, {key: value for key, value in known.items() if read.metadata(key) is None})
    if edited is not None:
        return edited
    fields: dict[str, str] = {}
    metadata: dict[str, str] = {}
    body = mended
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
    return None if any(_open_points(name, content)) else content


def _facts(skill: Skill, notes: list[str]) -> dict[str, str]:
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


def _first_words(text: str) -> str:
    """The first paragraph that is no heading, or else the first heading."""
    blocks = [
        block.strip() for block in text.split("\n\n") if block.strip() and not block.strip().startswith(("```", "---"))
    ]
    prose = next((block for block in blocks if not block.startswith("#")), "")
    return " ".join((prose or next(iter(blocks), "").lstrip("# ")).split())


def _open_points(name: str, text: bytes) -> Iterator[str]:
    """What of the specification is still wrong."""
    skill = read_fleet(MemoryTree({f"{name}/{SKILL_FILE}": text}), "").skills[0]
    for finding in check_skill(skill, select(["spec"])):
        yield f"still wrong: {finding.rule}: {finding.message}"


class _RightCase:
    """A tree in which a skill.md in any case is called SKILL.md, where there is no other."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._was: dict[str, Entry] = {}
        paths = {entry.path for entry in tree.entries}
        entries = []
        for entry in tree.entries:
            folder, slash, name = entry.path.rpartition("/")
            right = f"{folder}{slash}{SKILL_FILE}"
            if name != SKILL_FILE and name.casefold() == SKILL_FILE.casefold() and right not in paths:
                paths.add(right)
                self._was[right] = entry
                entries.append(Entry(right, entry.mode, entry.oid))
            else:
                entries.append(entry)
        self.entries = tuple(entries)

    def read(self, entry: Entry) -> bytes:
        """The content of `entry`."""
        return self._tree.read(self._was.get(entry.path, entry))

    def prefetch(self, entries: Iterable[Entry]) -> None:
        """As the tree does."""
        self._tree.prefetch(self._was.get(entry.path, entry) for entry in entries)

    def release(self, entries: Iterable[Entry]) -> None:
        """As the tree does."""
        self._tree.release(self._was.get(entry.path, entry) for entry in entries)
