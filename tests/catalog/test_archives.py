"""Archives and their index: the same bytes for the same files, readable by tar, and only what installers take."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile

import pytest

from gitbed import skill
from skill_fleet.catalog import Archive, LeftOut, pack, render_index
from skill_fleet.fleet import Fleet, MemoryTree, read_fleet
from skill_fleet.git import EXECUTABLE, SYMLINK

HOME = "skills/web/forms"


def fleet(files: dict[str, bytes], modes: dict[str, int] | None = None) -> Fleet:
    """A fleet in memory with one skill of these files, beside its SKILL.md."""
    found = {f"{HOME}/SKILL.md": skill("forms").encode()} | {f"{HOME}/{path}": text for path, text in files.items()}
    return read_fleet(MemoryTree(found, {f"{HOME}/{path}": mode for path, mode in (modes or {}).items()}))


def packed(given: Fleet) -> tuple[Archive, bytes]:
    """The archive of its skill, which there is."""
    done = pack(given.skills[0])
    assert not isinstance(done, LeftOut), done
    return done


def test_contents() -> None:
    """Sorted files with nobody's facts, evals left out, the executable bit kept, and digests that hold."""
    given = fleet(
        {"scripts/run.sh": b"#!/bin/sh\n", "evals/evals.json": b"{}", "a/" + "b" * 99 + "/c.md": "ä".encode()},
        {"scripts/run.sh": EXECUTABLE},
    )
    archive, content = packed(given)
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        members = tar.getmembers()
        read = {each.name: tar.extractfile(each).read() for each in members}  # type: ignore[union-attr]

    assert [each.name for each in members] == ["SKILL.md", "a/" + "b" * 99 + "/c.md", "scripts/run.sh"]
    assert [each.mode for each in members] == [0o644, 0o644, 0o755]
    assert {(each.mtime, each.uid, each.gid, each.uname, each.gname) for each in members} == {(0, 0, 0, "", "")}
    assert archive.files == {path: f"sha256:{hashlib.sha256(each).hexdigest()}" for path, each in read.items()}
    assert archive.digest == f"sha256:{hashlib.sha256(content).hexdigest()}"
    assert archive.file == f"forms-{archive.digest[7:23]}.tar.gz"


def test_bytes() -> None:
    """The bytes are these on every Python: our own header, and nothing of the clock or of the machine."""
    content = packed(fleet({}))[1]

    assert content[:10] == bytes.fromhex("1f8b08000000000002ff")
    assert hashlib.sha256(gzip.decompress(content)).hexdigest()[:16] == "29e33ddbe95baf2d"


@pytest.mark.parametrize(
    ("files", "modes"),
    [
        ({"link": b"/etc/passwd"}, {"link": SYMLINK}),
        ({"a\\b": b""}, {}),
        ({"c:x": b""}, {}),
        ({"\udcff": b""}, {}),
        ({"x" * 101: b""}, {}),
        ({str(number): b"" for number in range(1_001)}, {}),
        ({"large": bytes(51 * 2**20)}, {}),
    ],
    ids=["link", "backslash", "drive", "bytes", "long", "many", "large"],
)
def test_refused(files: dict[str, bytes], modes: dict[str, int]) -> None:
    """What an installer would drop without a word has no archive, and a reason."""
    assert isinstance(pack(fleet(files, modes).skills[0]), LeftOut)


@pytest.mark.parametrize(
    "front",
    [
        "name: 12",
        "name: Forms",
        "name: other",
        "name: forms\ndescription: yes",
        "name: forms\ndescription: " + "x" * 1025,
    ],
)
def test_refused_fields(front: str) -> None:
    """Neither has a skill whose fields no index can hold."""
    front = front if "description" in front else f"{front}\ndescription: Fills forms."
    given = read_fleet(MemoryTree({f"{HOME}/SKILL.md": f"---\n{front}\n---\n".encode()}))

    assert isinstance(pack(given.skills[0]), LeftOut)


def test_index() -> None:
    """The index names each archive by a relative address, and the digest of each file where that is wanted."""
    archive, _ = packed(fleet({"more.md": b"More."}))
    short, long = (json.loads(render_index([archive], "../../a", with_files=each))["skills"] for each in (False, True))

    assert short == [{"name": "forms", "type": "archive", "description": archive.description, "url": f"../../a/{archive.file}", "digest": archive.digest}]  # fmt: skip
    assert long == [{**short[0], "files": dict(archive.files)}]


def test_closure() -> None:
    """A skill brings what it requires, directly or not, also around a cycle; ids may have commas between them."""

    def text(name: str, requires: str) -> bytes:
        return skill(name).replace("\n---\n\n", f"\nmetadata:\n  requires: {requires}\n---\n\n", 1).encode()

    given = read_fleet(
        MemoryTree(
            {
                "skills/web/a/SKILL.md": text("a", '"web/b, web/none,web/b"'),
                "skills/web/b/SKILL.md": text("b", "web/c  web/a"),
                "skills/web/c/SKILL.md": skill("c").encode(),
            }
        )
    )

    assert given.by_id["web/a"].requires == ("web/b", "web/none")
    assert [each.id for each in given.closure(given.by_id["web/a"])] == ["web/a", "web/b", "web/c"]
