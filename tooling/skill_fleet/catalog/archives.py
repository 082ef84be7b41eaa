"""Archives of skills, and the index by which installers find them: `.well-known/agent-skills/index.json`, version 0.2.

The same files give the same bytes everywhere. Sources: https://schemas.agentskills.io/discovery/0.2.0/schema.json, and
what `npx skills` 1.5.18 accepts: it skips an archive that it cannot take without a message.
"""

from __future__ import annotations

import hashlib
import json
import struct
import tarfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from skill_fleet.catalog.xml import LeftOut, obstacle
from skill_fleet.fleet import SKILL_FILE, Skill, TooLarge, device_in, is_name
from skill_fleet.git import EXECUTABLE, REGULAR, Entry
from skill_fleet.markdown import Scalar

INDEX_FILE = ".well-known/agent-skills/index.json"

_SCHEMA = "https://schemas.agentskills.io/discovery/0.2.0/schema.json"
_MAX_FILES, _MAX_BYTES, _MAX_DESCRIPTION = 1_000, 50 * 2**20, 1_024
_BLOCK = 512
# our own: the header that Python's library writes differs between its versions
_GZIP = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
_EVALS = "evals/"


@dataclass(frozen=True)
class Archive:
    """An archive of one skill: its file name, digest and size in bytes, and the digest of each file in it, by path."""

    name: str
    description: str
    file: str
    digest: str
    size: int
    files: Mapping[str, str]


def pack(skill: Skill) -> tuple[Archive, bytes] | LeftOut:
    """The archive of a skill, and its bytes; or why no installer would take it. Its name has its digest in it."""
    done = tar_of(skill)
    if isinstance(done, LeftOut):
        return done
    packed = _compressed(done[0])
    digest = _digest(packed)
    file = f"{skill.name}-{digest.removeprefix('sha256:')[:16]}.tar.gz"
    return Archive(skill.name, " ".join(skill.description.split()), file, digest, len(packed), done[1]), packed


def tar_of(skill: Skill) -> tuple[bytes, dict[str, str]] | LeftOut:
    """What is in the archive of a skill, before it is compressed, and the digest of each file; or why there is none.

    A ustar archive without the evals: sorted, time 0, nobody's files, and no `./` in front of names.
    """
    entries = [entry for entry in skill.entries if not skill.relative(entry.path).startswith(_EVALS)]
    if reason := obstacle(skill) or _obstacle(skill, entries):
        return LeftOut(skill.id, skill.inside(SKILL_FILE), reason)
    rows, size = list[bytes](), 0
    files: dict[str, str] = {}
    for entry in sorted(entries, key=lambda entry: entry.path):
        path = skill.relative(entry.path)
        try:
            content = skill.tree.read(entry)
            rows += [_header(path, entry.mode, len(content)), content, b"\0" * (-len(content) % _BLOCK)]
        except (ValueError, TooLarge) as problem:
            reason = "too large" if isinstance(problem, TooLarge) else "one whose path is too long"
            return LeftOut(skill.id, entry.path, f"it has a file that no archive can hold: {reason}")
        files[path], size = _digest(content), size + len(content)
    if size > _MAX_BYTES:
        return LeftOut(skill.id, skill.inside(SKILL_FILE), f"it has {size:,} bytes, more than installers take")
    return b"".join([*rows, b"\0" * 2 * _BLOCK]), files


def render_index(archives: Iterable[Archive], folder: str, *, with_files: bool = False) -> str:
    """The index of these archives; `folder` is the relative address of their folder, as seen from the index.

    `with_files` adds the digest of each file, so that what was installed can be compared.
    """
    skills = [
        {
            "name": each.name,
            "type": "archive",
            "description": each.description,
            "url": f"{folder}/{each.file}",
            "digest": each.digest,
            **({"files": dict(each.files)} if with_files else {}),
        }
        for each in archives
    ]
    return json.dumps({"$schema": _SCHEMA, "skills": skills}, indent=1, ensure_ascii=False) + "\n"


def _obstacle(skill: Skill, entries: list[Entry]) -> str:
    """The reason why installers refuse a skill that the catalogue can list; "" when they take it."""
    fields = [skill.front_matter.mapping.get(name) for name in ("name", "description")]
    if not all(isinstance(field, Scalar) and field.kind == "str" for field in fields):
        return "its name or description is not text"
    if skill.name != (skill.folder or skill.name) or not is_name(skill.name):
        return "its name is not valid, or not that of its folder"
    if device_in(skill.name):
        return "its name is one that Windows reserves"
    if len(" ".join(skill.description.split()).encode("utf-16-le")) > 2 * _MAX_DESCRIPTION:
        return f"its description has more than {_MAX_DESCRIPTION} characters"
    if len(entries) > _MAX_FILES:
        return f"it has more than {_MAX_FILES:,} files"
    for entry in entries:
        if entry.mode not in (REGULAR, EXECUTABLE):
            return "it has a link or a submodule"
        path = skill.relative(entry.path)
        if "\\" in path or path[1:2] == ":" or not _is_text(path):
            return "it has a file whose name installers refuse"
    return ""


def _is_text(path: str) -> bool:
    """Whether a path is UTF-8 in Git."""
    return not any("\ud800" <= char <= "\udfff" for char in path)


def _header(path: str, mode: int, size: int) -> bytes:
    """The block before a file; ValueError when the path does not fit into it."""
    facts = tarfile.TarInfo(path)
    facts.mode, facts.size = mode & 0o777, size
    return facts.tobuf(tarfile.USTAR_FORMAT, "utf-8", "strict")


def _compressed(data: bytes) -> bytes:
    deflate = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    return _GZIP + deflate.compress(data) + deflate.flush() + struct.pack("<LL", zlib.crc32(data), len(data))


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
