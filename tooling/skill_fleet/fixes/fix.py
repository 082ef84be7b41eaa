"""What to change in a skill, or in a fleet, to fix what has one right answer."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping

from skill_fleet.checks import is_variant
from skill_fleet.fixes.front_matter import fix_front_matter
from skill_fleet.fleet import SKILL_FILE, Fleet, Skill, Tree, is_name
from skill_fleet.git import EXECUTABLE, REGULAR, Entry
from skill_fleet.markdown import CannotEdit, Scalar, quote, read_front_matter, set_value


class RightCase:
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


def named_as_folder(content: bytes, folder: str) -> bytes:
    """A SKILL.md with the name of its folder, where it has none or one that is that name written otherwise.

    A name that says something else stays: then either may be right, and so does front matter that cannot be read.
    """
    node = read_front_matter(content).mapping.get("name")
    if not is_name(folder) or not (node is None or isinstance(node, Scalar)):
        return content
    if node is not None and node.text.strip() and not is_variant(node.text, folder):
        return content
    try:
        changed = set_value(content, "name", folder)
    except CannotEdit:
        return content
    plain = changed.replace(f"name: {quote(folder)}".encode(), f"name: {folder}".encode(), 1)
    after = read_front_matter(plain)
    return plain if not after.faults and after.value("name") == folder else changed


Changes = Mapping[str, bytes | None]
"""Paths in the tree with what they should hold; None: the file goes."""


def fix_skill(skill: Skill) -> Changes:
    """What fixes one skill; empty when there is nothing to fix."""
    if skill.file is None or skill.file.mode not in (REGULAR, EXECUTABLE):
        return {}
    before = skill.tree.read(skill.file)
    after = named_as_folder(fix_front_matter(before), skill.folder)
    return {} if after == before else {skill.file.path: after}


def fix_fleet(fleet: Fleet) -> Changes:
    """What fixes every skill of a fleet, those too whose SKILL.md is written in the wrong case."""
    changes: dict[str, bytes | None] = {}
    for skill in fleet.skills:
        changes |= fix_skill(skill)
    paths = {entry.path for entry in fleet.tree.entries}
    for entry in fleet.stray:
        folder, _, name = entry.path.rpartition("/")
        right = f"{folder}/{SKILL_FILE}"
        is_misspelt = folder and name.casefold() == SKILL_FILE.casefold() and entry.mode == REGULAR
        if is_misspelt and right not in paths and right not in changes:
            fixed = fix_front_matter(fleet.tree.read(entry))
            changes |= {entry.path: None, right: named_as_folder(fixed, folder.rpartition("/")[2])}
    return changes


_NO_NEWLINE = b"\\ No newline at end of file\n"


def as_patch(tree: Tree, changes: Changes) -> bytes:
    """The changes against what the tree holds, as a unified diff with Git's headers; the bytes as they are."""
    entries = {entry.path: entry for entry in tree.entries}
    out = b""
    for path, after in sorted(changes.items()):
        entry = entries.get(path)
        before = tree.read(entry) if entry else None
        if before != after:
            mode = entry.mode if entry else REGULAR
            out += b"".join(_file(path, before, after, mode))
    return out


def _file(path: str, before: bytes | None, after: bytes | None, mode: int) -> Iterator[bytes]:
    old, new = _quoted(f"a/{path}"), _quoted(f"b/{path}")
    yield b"diff --git %s %s\n" % (old, new)
    if before is None:
        yield b"new file mode %o\n" % mode
    if after is None:
        yield b"deleted file mode %o\n" % mode
    if not (before or after):  # an empty file comes or goes: there is no line to show
        return
    yield b"--- %s\n" % (b"/dev/null" if before is None else old)
    yield b"+++ %s\n" % (b"/dev/null" if after is None else new)
    one, other = (_lines(each or b"") for each in (before, after))
    rows = list(difflib.diff_bytes(difflib.unified_diff, one, other, n=3, lineterm=b"\n"))[2:]
    for row in rows:
        yield row if row.endswith(b"\n") else row + b"\n" + _NO_NEWLINE


def _lines(content: bytes) -> list[bytes]:
    """Lines as Git counts them: only a line feed ends one."""
    lines = [line + b"\n" for line in content.split(b"\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def _quoted(path: str) -> bytes:
    """A path as Git writes it: in quotes with escapes where it holds anything unusual."""
    raw = path.encode("utf-8", "surrogateescape")
    if all(0x20 <= byte < 0x7F and byte not in b'"\\' for byte in raw):
        return raw
    special = {0x22: b'\\"', 0x5C: b"\\\\", 0x09: b"\\t", 0x0A: b"\\n"}
    return b'"' + b"".join(special.get(b, bytes([b]) if 0x20 <= b < 0x7F else b"\\%03o" % b) for b in raw) + b'"'
