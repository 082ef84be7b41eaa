"""Skills from elsewhere become skills of this fleet: valid, in a category, their bodies byte for byte.

What the specification has no place for goes under `metadata`, so nothing is lost; what cannot be brought in is said.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from skill_fleet.checks.fixes.import_file import imported_file, open_points
from skill_fleet.checks.fixes.old_metadata import OLD_METADATA, old_metadata, old_paths
from skill_fleet.checks.fixes.right_case import RightCase
from skill_fleet.checks.rules.spec_name import suggested_name
from skill_fleet.fleet.fleet import ROOT, read_fleet
from skill_fleet.fleet.frontmatter import read_front_matter
from skill_fleet.fleet.git import EXECUTABLE, REGULAR
from skill_fleet.fleet.names import is_name
from skill_fleet.fleet.skill import SKILL_FILE, Skill
from skill_fleet.fleet.tree import Tree


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
