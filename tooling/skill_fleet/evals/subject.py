"""What is measured: the files of a skill and of those that it requires, without their evals, and ids of these files."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from skill_fleet.agents import File, Files
from skill_fleet.fleet import SKILL_FILE, Fleet, Skill
from skill_fleet.git import EXECUTABLE, REGULAR, Entry

_INERT = "Nothing in this text says how to do anything. "


@dataclass(frozen=True)
class Subject:
    """One state of a skill: the id of its Git tree without `evals/`, and those of the skills that it requires, by id."""

    tree: str
    requires: Mapping[str, str]


def subject_of(fleet: Fleet, skill: Skill) -> Subject:
    """Return what a skill is at present."""
    others = [each for each in fleet.closure(skill) if each is not skill]
    return Subject(tree_id(fleet, skill), {each.id: tree_id(fleet, each) for each in others})


def staged(fleet: Fleet, skill: Skill) -> dict[str, Files]:
    """Return the files of a skill and of those that it requires, by name."""
    return {each.folder: _files(each) for each in fleet.closure(skill)}


def sham_of(files: Files, skill: Skill) -> Files:
    """Return the files of a skill with its front matter, and inert text of the same length for everything else."""
    head = skill.front_matter.text[: skill.front_matter.body_at].encode()

    def inert(length: int) -> bytes:
        return (_INERT * (length // len(_INERT) + 1)).encode()[:length]

    return {
        path: File(head + inert(len(file.content) - len(head)) if path == SKILL_FILE else inert(len(file.content)))
        for path, file in files.items()
    }


def _entries(skill: Skill) -> list[Entry]:
    return [entry for entry in skill.entries if not skill.relative(entry.path).startswith("evals/")]


def _files(skill: Skill) -> Files:
    plain = (entry for entry in _entries(skill) if entry.mode in (REGULAR, EXECUTABLE))
    return {skill.relative(each.path): File(skill.tree.read(each), each.mode == EXECUTABLE) for each in plain}


def tree_id(fleet: Fleet, skill: Skill) -> str:
    """Return the id that Git has, or would have, for the tree of a skill without `evals/`."""
    known = next((entry.oid for each in fleet.skills for entry in each.entries if entry.oid), "")
    new = hashlib.sha256 if len(known) == 64 else hashlib.sha1
    rows = []
    for entry in _entries(skill):
        oid = bytes.fromhex(entry.oid) if entry.oid else _object(new, "blob", skill.tree.read(entry))
        rows.append((tuple(skill.relative(entry.path).split("/")), entry.mode, oid))
    return _tree(rows, new).hex()


def _tree(rows: Iterable[tuple[tuple[str, ...], int, bytes]], new: Callable[[bytes], Any]) -> bytes:
    """The id of the tree with these files, which are sorted by their paths."""
    found = []
    for name, inside in groupby(rows, key=lambda row: row[0][0]):
        below = list(inside)
        parts, mode, oid = below[0]
        if is_folder := len(parts) > 1:
            mode, oid = 0o40000, _tree([(parts[1:], *facts) for parts, *facts in below], new)  # type: ignore[misc]
        raw = name.encode("utf-8", "surrogateescape")
        found.append((raw + b"/" * is_folder, b"%o %b\0%b" % (mode, raw, oid)))
    return _object(new, "tree", b"".join(row for _, row in sorted(found)))


def _object(new: Callable[[bytes], Any], kind: str, content: bytes) -> bytes:
    digest: bytes = new(b"%b %d\0" % (kind.encode(), len(content)) + content).digest()
    return digest
