"""The two kinds of tree give the same answers, and never follow anything out."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from gitbed import Bed, skill
from skill_fleet.errors import UserError
from skill_fleet.fleet import (
    Configuration,
    GitTree,
    MemoryTree,
    WorkTree,
    read_configuration,
    read_fleet,
    read_taxonomy,
)
from skill_fleet.git import EXECUTABLE, REGULAR, SUBMODULE, SYMLINK


def test_files_and_objects_agree(bed: Bed) -> None:
    """Modes, links and contents are the same from the work tree and from the commit it shows."""
    bed.write("skills/web/x/scripts/run.sh", "#!/bin/sh\n").chmod(0o755)
    (bed.path / "skills/web/x/link").symlink_to("../../../../etc/passwd")
    (bed.path / "skills/web/x/folder").symlink_to("/etc")
    bed.commit("Odd", {"skills/web/x/SKILL.md": skill("x"), "skills/web/x/näme b.md": b"\xff\x00"})
    files, objects = WorkTree(bed.path, "skills", repo=bed.repo), GitTree(bed.repo, "HEAD", "skills")

    assert [(entry.path, entry.mode) for entry in files.entries] == [(e.path, e.mode) for e in objects.entries]
    assert [files.read(entry) for entry in files.entries] == [objects.read(entry) for entry in objects.entries]
    modes = {Path(entry.path).name: entry.mode for entry in files.entries}
    assert (modes["run.sh"], modes["link"], modes["folder"]) == (EXECUTABLE, SYMLINK, SYMLINK)


def test_ignored_files_are_no_part(bed: Bed) -> None:
    """What Git ignores is not seen; what it does not know yet is."""
    bed.write(".gitignore", "*.log\n")
    bed.write("skills/web/x/SKILL.md", skill("x"))
    bed.write("skills/web/x/a.log", "x")

    paths = [entry.path for entry in WorkTree(bed.path, "skills/web", repo=bed.repo).entries]
    assert paths == ["skills/web/x/SKILL.md"]


def test_of_a_folder_that_is_skipped_one_file_shows_that_it_is_there(bed: Bed) -> None:
    """With Git and without, and never a SKILL.md, which would be a skill."""
    bed.write("skills/web/x/SKILL.md", skill("x"))
    for name in ("__pycache__/a.pyc", "node_modules/a/SKILL.md", "node_modules/a/z.js", "node_modules/b.js"):
        bed.write(f"skills/web/x/{name}", "x")

    for tree in (WorkTree(bed.path, "skills/web", repo=bed.repo), WorkTree(bed.path, "skills/web")):
        paths = [entry.path.removeprefix("skills/web/x/") for entry in tree.entries]
        assert paths[0] == "SKILL.md"
        assert [path.partition("/")[0] for path in paths[1:]] == ["__pycache__", "node_modules"]
        assert not any(path.endswith("/SKILL.md") for path in paths)
        assert len(read_fleet(tree, "skills").skills) == 1


def test_git_tells_the_files_that_a_walk_finds(bed: Bed) -> None:
    """Whatever was done since the last commit: changed, deleted, new, renamed, a link in place of a folder, a folder in
    place of a file, assumed unchanged, left out of a sparse checkout, half merged, only announced, and a repository."""
    names = ["changed", "gone", "old", "assumed", "sparse", "into/a", "into/b", "file", "clash", "plain"]
    bed.commit("Some", {**{f"skills/web/x/{name}": name for name in names}, "skills/web/x/node_modules/a.js": "x"})
    bed.git("branch", "other")
    bed.commit("Ours", {"skills/web/x/clash": "ours"})
    bed.git("checkout", "--quiet", "other")
    bed.commit("Theirs", {"skills/web/x/clash": "theirs"})
    bed.repo.attempt("merge", "main", cwd=bed.path)
    home = bed.path / "skills/web/x"
    (home / "changed").write_text("another")
    (home / "changed").chmod(0o755)
    (home / "gone").unlink()
    (home / "old").rename(home / "new é")
    bed.git("update-index", "--assume-unchanged", "skills/web/x/assumed")
    bed.git("update-index", "--skip-worktree", "skills/web/x/sparse")
    (home / "assumed").write_text("not what it was")
    (home / "sparse").unlink()
    shutil.move(home / "into", bed.path / "elsewhere")
    (home / "into").symlink_to("../../../elsewhere")
    (home / "file").unlink()
    bed.write("skills/web/x/file/inside", "x")
    bed.write("skills/web/x/announced", "x")
    bed.git("add", "--intent-to-add", "skills/web/x/announced")
    bed.git("init", "--quiet", "skills/web/x/inner")
    bed.write("skills/web/x/inner/SKILL.md", "x")

    for paths in ((), ("skills",), ("skills/web/x", "README.md")):
        listed, walked = WorkTree(bed.path, *paths, repo=bed.repo), WorkTree(bed.path, *paths)
        seen = [entry[:2] for entry in listed.entries if entry.path != "skills/web/x/sparse"]
        assert seen == [entry[:2] for entry in walked.entries]
        read = [listed.read(entry) for entry in listed.entries if entry.path != "skills/web/x/sparse"]
        assert read == [walked.read(entry) for entry in walked.entries]
        known = {entry.path.removeprefix("skills/web/x/") for entry in listed.entries if entry.oid}
        assert known & {*names, "announced", "new é"} == {"plain", "sparse"}


def test_submodule_is_not_entered(bed: Bed) -> None:
    """A folder with a repository of its own is one entry, without content."""
    bed.write("skills/web/x/SKILL.md", skill("x"))
    bed.git("init", "--quiet", "skills/web/x/inner")
    bed.write("skills/web/x/inner/SKILL.md", "secret")
    tree = WorkTree(bed.path, "skills/web", repo=bed.repo)
    inner = next(entry for entry in tree.entries if entry.mode == SUBMODULE)

    assert inner.path == "skills/web/x/inner"
    assert tree.read(inner) == b""


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file_is_empty(bed: Bed) -> None:
    """A file that may not be read is no reason to stop."""
    bed.write("skills/web/x/SKILL.md", skill("x")).chmod(0)
    fleet = read_fleet(WorkTree(bed.path, "skills", repo=bed.repo))

    assert [skill.id for skill in fleet.skills] == ["python/packaging", "web/x"]


def test_special_files_are_no_part(bed: Bed) -> None:
    """A pipe in the tree is not read, which would hang."""
    bed.write("skills/web/x/SKILL.md", skill("x"))
    os.mkfifo(bed.path / "skills/web/x/pipe")

    assert len(WorkTree(bed.path, "skills/web").entries) == 1


def test_skills_of_a_fleet() -> None:
    """A skill is the outermost folder with a SKILL.md; what lies in no skill is stray."""
    paths = [
        "skills/taxonomy.yaml", "skills/web/a/SKILL.md", "skills/web/a/examples/b/SKILL.md",
        "skills/web/deep/er/SKILL.md", "skills/web/folder/SKILL.md/x.md", "skills/web/none/notes.md", "other/SKILL.md",
    ]  # fmt: skip
    fleet = read_fleet(MemoryTree(dict.fromkeys(paths, b"")))

    assert [skill.id for skill in fleet.skills] == ["web/a", "web/deep/er", "web/folder"]
    assert [entry.path for entry in fleet.stray] == ["skills/taxonomy.yaml", "skills/web/none/notes.md"]
    assert fleet.by_id["web/folder"].file is None
    assert [skill.id for skill in read_fleet(MemoryTree({"SKILL.md": b"", "x/SKILL.md": b""}), "").skills] == ["."]


def test_modes_of_a_memory_tree() -> None:
    """A tree in memory has regular files by default."""
    tree = MemoryTree({"a": b"", "b": b""}, {"b": EXECUTABLE})
    assert [entry.mode for entry in tree.entries] == [REGULAR, EXECUTABLE]


@pytest.mark.parametrize(
    ("text", "fault", "line"),
    [
        (None, "missing", 1),
        (b"", "categories", 1),
        (b"categories: [a]\n", "categories", 1),
        (b"categories:\n  Web:\n    description: x\n", "category", 2),
        (b"categories:\n  web:\n    owners: []\n", "category", 2),
        (b"categories:\n  web:\n    description: x\n  web:\n    description: y\n", "duplicate-key", 4),
    ],
)
def test_taxonomy_faults(text: bytes | None, fault: str, line: int) -> None:
    """Each error of the taxonomy has its line; what can be read is there."""
    assert (fault, line) in [(each.what, each.line) for each in read_taxonomy(text).faults]


def test_configuration() -> None:
    """Settings come from one table, checked by the schema; no file and no table mean the defaults."""
    assert read_configuration(None) == read_configuration(b"[project]\n") == Configuration()
    assert read_configuration(b'[tool.skill-fleet]\napprovals = 2\nwriters = ["a@b.c"]\n').approvals == 2


def test_settings_without_a_pyproject() -> None:
    """.skill-fleet.toml has them without a table, its own name in errors; settings in both files are refused."""
    ours = b'ignore = ["content"]\n'
    assert read_configuration(None, ours).ignore == read_configuration(b"[project]\n", ours).ignore == ("content",)
    for pyproject, own in (
        (b"[tool.skill-fleet]\napprovals = 0\n", ours),
        (None, b"ignor = []\n"),
        (None, b"[tool.x]\n"),
    ):
        with pytest.raises(UserError, match=r"\.skill-fleet\.toml"):
            read_configuration(pyproject, own)


def test_what_a_sparse_checkout_left_out(bed: Bed) -> None:
    """It is in the tree, and read from Git's objects; a file that was deleted is not."""
    bed.commit("Some", {"skills/web/x/SKILL.md": "far", "skills/web/y/SKILL.md": "gone", "top.md": "near"})
    bed.git("sparse-checkout", "set", "--no-cone", "/top.md", "/skills/web/y/")
    (bed.path / "skills/web/y/SKILL.md").unlink()

    tree = WorkTree(bed.path, repo=bed.repo)

    contents = {entry.path: tree.read(entry) for entry in tree.entries}
    assert contents["skills/web/x/SKILL.md"] == b"far" and contents["top.md"] == b"near"
    assert "skills/web/y/SKILL.md" not in contents
    assert not (bed.path / "skills/web/x").exists()


@pytest.mark.parametrize(
    "text",
    [b"[tool.skill-fleet]\napprovals = -1\n", b"[tool.skill-fleet]\naprovals = 1\n", b"[tool", b"\xff", b"tool = 1"],
)
def test_wrong_configuration_is_a_user_error(text: bytes) -> None:
    """A setting that is misspelled, of the wrong type, or in a broken file stops everything with a sentence."""
    with pytest.raises(UserError):
        read_configuration(text)
