"""The versions of each skill along the main line of history, and what each of them can do that the one before could not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from difflib import SequenceMatcher

from skill_fleet.checks import hosts_in, is_binary, is_script, tools_of
from skill_fleet.fleet import SKILL_FILE, Skill, TooLarge, home_of
from skill_fleet.git import EXECUTABLE, REGULAR, Entry, Landing, Repository
from skill_fleet.markdown import read_front_matter

_BATCH = 300
"""The number of blobs that are in memory at once."""

_MOST_COMPARED = 400
"""The lines of either text, without those that are the same at its ends, up to which two texts are compared."""
_CONTEXT, _LONGEST = 3, 2_000  # lines around a difference that are shown, characters of one line

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


@dataclass(frozen=True)
class FileChange:
    """A file that differs between two versions: added (A), modified (M) or deleted (D).

    `lines` are its changed lines with `+` or `-`, and those around them with a blank; `...` stands between two places.
    `note` says why there are none.
    """

    letter: str
    path: str
    lines: tuple[tuple[str, str], ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Comparison:
    """How a version differs from an older one."""

    older: Version
    newer: Version
    files: tuple[FileChange, ...]

    @property
    def added(self) -> Capabilities:
        """What it can do that the older one could not."""
        return self.newer.now - self.older.now

    @property
    def removed(self) -> Capabilities:
        """What only the older one could do."""
        return self.older.now - self.newer.now


def compare(older: Version, newer: Version, read: Callable[[Entry], bytes]) -> Comparison:
    """Compare two versions of a skill; `read` returns the content of a file."""
    paths = [path for path in {**older.files, **newer.files} if older.files.get(path) != newer.files.get(path)]
    order = sorted(paths, key=lambda path: (path != SKILL_FILE, path))
    return Comparison(
        older, newer, tuple(_file_change(path, older.files.get(path), newer.files.get(path), read) for path in order)
    )


def _file_change(path: str, old: Entry | None, new: Entry | None, read: Callable[[Entry], bytes]) -> FileChange:
    letter = "M" if old and new else "A" if new else "D"
    before, after = _lines(old, read), _lines(new, read)
    if before is None or after is None:
        return FileChange(letter, path, note="not a text")
    if old and new and old.oid == new.oid:
        return FileChange(letter, path, note="another mode")
    head = _same(before, after)
    tail = _same(before[head:][::-1], after[head:][::-1])
    if max(len(before), len(after)) - head - tail > _MOST_COMPARED:
        return FileChange(letter, path, note="too much of it changed to be shown here")
    start, end = max(head - _CONTEXT, 0), max(tail - _CONTEXT, 0)
    found = _differing(before[start : len(before) - end], after[start : len(after) - end])
    lines = tuple((sign, line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…") for sign, line in found)
    return FileChange(letter, path, lines, "" if lines else "only at its very end")


def _same(before: list[str], after: list[str]) -> int:
    """The number of lines that are the same at the beginning."""
    pairs = enumerate(zip(before, after, strict=False))
    return next((at for at, (one, other) in pairs if one != other), min(len(before), len(after)))


def _lines(entry: Entry | None, read: Callable[[Entry], bytes]) -> list[str] | None:
    """The lines of a file, none if there is no file; None for what is no text."""
    if entry is None:
        return []
    if entry.mode not in (REGULAR, EXECUTABLE):
        return None
    try:
        content = read(entry)
    except TooLarge:
        return None
    return None if is_binary(content) else content.decode("utf-8", "replace").removesuffix("\n").split("\n")


def _differing(before: list[str], after: list[str]) -> Iterator[tuple[str, str]]:
    groups = SequenceMatcher(None, before, after).get_grouped_opcodes(_CONTEXT)
    for number, group in enumerate(groups):
        if number:
            yield "...", ""
        for tag, low, high, start, end in group:
            if tag == "equal":
                yield from ((" ", line) for line in before[low:high])
            else:
                yield from (("-", line) for line in before[low:high])
                yield from (("+", line) for line in after[start:end])
