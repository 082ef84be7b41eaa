"""`skill-fleet init .` in a fresh clone: what the forge put there stays, and nothing else is overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.command import fine, fingerprint, refused
from gitbed import Bed, make_repo

OPTIONS = ("--name", "acme-skills")


@pytest.fixture
def empty(tmp_path: Path) -> Bed:
    """A clone of a repository that has no commit."""
    origin, bed = Bed(tmp_path / "origin.git"), Bed(tmp_path / "acme")
    for each in (origin, bed):
        each.path.mkdir()
    origin.git("init", "--quiet", "--bare", "--template=", "--initial-branch=main")
    bed.git("clone", "--quiet", "--template=", str(origin.path), ".")
    return bed


def test_empty_clone(empty: Bed) -> None:
    """One commit on main, whatever the branch without commits was called; the files are there, and can be pushed."""
    empty.git("symbolic-ref", "HEAD", "refs/heads/trunk")
    assert "one commit on main" in fine(empty.path, "init", ".", *OPTIONS)

    assert empty.git("log", "--format=%s", "main") == "Found the fleet acme-skills"
    assert empty.git("status", "--porcelain") == "" and "# acme-skills\n" in (empty.path / "README.md").read_text()
    empty.git("push", "--quiet", "origin", "main")
    assert fine(empty.path, "validate")


def test_twice(empty: Bed) -> None:
    """Run again, it commits nothing, and removes the scratch folder of a run that was killed at its end."""
    fine(empty.path, "init", ".", *OPTIONS)
    head, stray = empty.tip("main"), empty.path.parent / ".skill-fleet-4194305-x-tmp"
    stray.mkdir()
    fine(empty.path, "init", ".", *OPTIONS)
    assert empty.tip("main") == head and not stray.exists()


@pytest.mark.parametrize("committed", [True, False])
def test_what_the_forge_made_is_kept(empty: Bed, committed: bool) -> None:
    """A README and a licence stay to the byte, committed or not; the commit comes on top of theirs."""
    theirs = {"README.md": "# acme\nSkills.\n", "LICENSE": "MIT\n"}
    for path, text in theirs.items():
        empty.write(path, text)
    if committed:
        empty.commit("Initial commit")
    assert "Kept: LICENSE, README.md" in fine(empty.path, "init", ".", *OPTIONS)

    assert {path: (empty.path / path).read_text() for path in theirs} == theirs
    assert empty.git("rev-list", "--count", "HEAD") == str(1 + committed)
    assert empty.git("status", "--porcelain") == ("" if committed else "?? LICENSE\n?? README.md")
    assert (empty.path / "skills/taxonomy.yaml").is_file()


def test_other_files_are_never_overwritten(empty: Bed) -> None:
    """A file of ours that differs is named; a repository with more than that, or another branch, is none to begin in."""
    empty.write(".gitignore", "*.o\n")
    refused(empty.path, "init", ".", *OPTIONS, error=".gitignore in", tip="Take that out first")
    empty.write(".gitignore", None)
    empty.write("src/main.c", "int main;\n")
    refused(empty.path, "init", ".", *OPTIONS, error="is not empty.", tip_works=False)
    empty.write("src/main.c", None)
    empty.git("switch", "--quiet", "-c", "trunk")
    empty.commit("Initial commit", {"README.md": "# acme\n"})
    refused(empty.path, "init", ".", *OPTIONS, error="The branch here is trunk", tip="git branch --move main")


def test_files_that_are_not_checked_out_count(tmp_path: Path) -> None:
    """A clone without a checkout looks empty, and is not."""
    origin = make_repo(tmp_path / "origin")
    bed = Bed(tmp_path / "bare-looking")
    bed.path.mkdir()
    bed.git("clone", "--quiet", "--no-checkout", "--template=", str(origin.path), ".")
    before = fingerprint(bed.path)
    refused(bed.path, "init", ".", *OPTIONS, error="is not empty.", tip_works=False)
    assert fingerprint(bed.path) == before
