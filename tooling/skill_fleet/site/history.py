"""The versions of each skill along the main line of history, and what each of them can do that the one before could not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

from skill_fleet.checks import hosts_in, is_binary, is_script, tools_of
from skill_fleet.fleet import SKILL_FILE, Skill, home_of
from skill_fleet.git import EXECUTABLE, REGULAR, Entry, Landing, Repository
from skill_fleet.markdown import read_front_matter

_BATCH = 300
"""The number of blobs that are in memory at once."""

Step = tuple[Landing, tuple[Entry, ...]]
"""A commit, and the files of one skill that it changed: paths relative to the skill, mode 0 for one that it removed."""


@dataclass(frozen=True)
class Capabilities:
    """What a skill brings to the machine of whoever installs it."""

    scripts: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()
    tools: frozenset[str] = frozenset()
    binaries: frozenset[str] = frozenset()

    def __sub__(self, other: Capabilities) -> Capabilities:
        return Capabilities(*(getattr(self, each.name) - getattr(other, each.name) for each in fields(self)))

    def __or__(self, other: Capabilities) -> Capabilities:
        return Capabilities(*(getattr(self, each.name) | getattr(other, each.name) for each in fields(self)))

    def __bool__(self) -> bool:
        return any(getattr(self, each.name) for each in fields(self))


@dataclass(frozen=True)
class Version:
    """One state of a skill: the commit that made it, its files, its own version number, and what changed.

    `changed` are its paths, each with A, M or D.
    """

    landing: Landing
    files: Mapping[str, Entry]
    number: str
    changed: tuple[tuple[str, str], ...]
    now: Capabilities
    added: Capabilities
    removed: Capabilities


@dataclass(frozen=True)
class _Blob:
    """What is known of the content of a file: the number and the tools are those of a SKILL.md."""

    hosts: frozenset[str]
    is_binary: bool
    tools: frozenset[str] = frozenset()
    number: str = ""


def steps(repo: Repository, commit: str, skills: Iterable[Skill], root: str) -> dict[str, list[Step]]:
    """The commits that changed each skill, by id, oldest first: also under its former ids. Its evals are not part of it."""
    homes = {skill.path: skill.id for skill in skills}
    for skill in skills:
        for old in skill.formerly:
            homes.setdefault(f"{root}/{old}" if root else old, skill.id)
    found: dict[str, list[Step]] = defaultdict(list)
    for landing in repo.landings(commit, *([root] if root else [])):
        touched: dict[str, dict[str, Entry]] = defaultdict(dict)
        for entry in sorted(landing.files, key=lambda entry: entry.mode != 0):  # a move removes before it adds
            home = home_of(entry.path, homes)
            inside = entry.path[len(home) + 1 :] if home else entry.path
            if home is not None and not inside.startswith("evals/"):
                touched[homes[home]][inside] = entry._replace(path=inside)
        for skill_id, entries in touched.items():
            found[skill_id].append((landing, tuple(entries[path] for path in sorted(entries))))
    return found


def versions(repo: Repository, history: Mapping[str, list[Step]]) -> dict[str, list[Version]]:
    """The versions of each skill, oldest first."""
    blobs = _blobs(repo, (entry for own in history.values() for _, entries in own for entry in entries))
    return {skill_id: list(_replayed(own, blobs)) for skill_id, own in history.items()}


def _replayed(own: Iterable[Step], blobs: Mapping[str, _Blob]) -> Iterable[Version]:
    files: dict[str, Entry] = {}
    before = Capabilities()
    for landing, entries in own:
        changed = []
        for entry in entries:
            known = files.pop(entry.path, None)
            if entry.mode:
                files[entry.path] = entry
            if known or entry.mode:
                changed.append(("M" if known and entry.mode else "A" if entry.mode else "D", entry.path))
        now = _capabilities(files, blobs)
        main = files.get(SKILL_FILE)
        number = blobs[main.oid].number if main and main.oid in blobs else ""
        yield Version(landing, dict(files), number, tuple(changed), now, now - before, before - now)
        before = now


def _capabilities(files: Mapping[str, Entry], blobs: Mapping[str, _Blob]) -> Capabilities:
    known = {path: blobs[entry.oid] for path, entry in files.items() if entry.oid in blobs}
    hosts = frozenset().union(*(blob.hosts for blob in known.values()))
    binaries = frozenset(path for path, blob in known.items() if blob.is_binary)
    scripts = frozenset(path for path, entry in files.items() if path in known and is_script(entry))
    return Capabilities(scripts, hosts, known[SKILL_FILE].tools if SKILL_FILE in known else frozenset(), binaries)


def _blobs(repo: Repository, entries: Iterable[Entry]) -> dict[str, _Blob]:
    """What is known of every blob, read in batches: their contents are not kept."""
    plain = {(entry.oid, entry.path == SKILL_FILE) for entry in entries if entry.mode in (REGULAR, EXECUTABLE)}
    oids, mains = sorted({oid for oid, _ in plain}), {oid for oid, is_main in plain if is_main}
    found = {}
    for start in range(0, len(oids), _BATCH):
        for oid, content in repo.blobs(oids[start : start + _BATCH], {}).items():
            found[oid] = _Blob(frozenset(hosts_in(content)), is_binary(content))
            if oid in mains:
                front = read_front_matter(content)
                number = front.metadata("version") or front.value("version") or ""
                found[oid] = _Blob(found[oid].hosts, found[oid].is_binary, frozenset(tools_of(front)), number)
    return found
