"""What `fix --diff` prints is a patch that Git takes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

import gitbed
from skill_fleet.fixes import as_patch, fix_fleet, fix_skill
from skill_fleet.fleet import MemoryTree, WorkTree, read_fleet
from skill_fleet.git import Repository

BAD = b"---\nname: demo\ndescription: Shows it. Use when in doubt.\nlevel: 1\n---\n\nText."


def test_a_skill_is_mended_and_a_good_one_is_not() -> None:
    tree = MemoryTree({"skills/web/demo/SKILL.md": BAD, "skills/web/good/SKILL.md": gitbed.skill("good").encode()})
    bad, good = read_fleet(tree).skills
    changed = fix_skill(bad)["skills/web/demo/SKILL.md"] or b""
    assert b'metadata:\n  level: "1"\n---\n\nText.' in changed
    assert fix_skill(good) == {}


def test_a_file_in_the_wrong_case_is_renamed_and_mended() -> None:
    fleet = read_fleet(MemoryTree({"skills/web/demo/skill.md": BAD, "skills/web/demo/a.md": b"A"}))
    changes = fix_fleet(fleet)
    assert changes["skills/web/demo/skill.md"] is None
    assert b"metadata:" in (changes["skills/web/demo/SKILL.md"] or b"")


def test_git_takes_the_patch(bed: gitbed.Bed) -> None:
    files = {
        "skills/web/demo/SKILL.md": BAD,
        "skills/web/crlf/SKILL.md": BAD.replace(b"demo", b"crlf").replace(b"\n", b"\r\n") + b"\r\n",
        'skills/web/Ümläut "x"/SKILL.md': BAD,
        "skills/web/lower/skill.md": BAD,
    }
    bed.git("config", "core.autocrlf", "false")
    bed.commit("Add", files)
    fleet = read_fleet(WorkTree(bed.path, repo=bed.repo))
    changes = fix_fleet(fleet)
    assert len(changes) == 5
    bed.git("apply", "--index", "-", stdin=as_patch(fleet.tree, changes))
    for path, content in changes.items():
        file = bed.path / path
        assert (file.read_bytes() if content is not None else None) == content
        assert file.exists() == (content is not None)


@pytest.fixture(scope="module")
def empty(isolated_git: None, tmp_path_factory: pytest.TempPathFactory) -> Repository:
    return gitbed.make_repo(tmp_path_factory.mktemp("empty") / "repo").repo


text = st.lists(
    st.sampled_from([b"a\n", b"b\n", b"\r\n", b"c", b"\n", b"\x00\xff", b"\\", b"--- x\n"]), max_size=8
).map(b"".join)


@settings(max_examples=40, deadline=None)
@given(text, text)
def test_git_takes_any_change_of_a_text(empty: Repository, before: bytes, after: bytes) -> None:
    folder = empty.root or Path()
    if before == after:
        return
    (folder / "f").write_bytes(before)
    patch = as_patch(MemoryTree({"f": before}), {"f": after})
    empty.run("apply", "--whitespace=nowarn", "-", stdin=patch, cwd=folder)
    assert (folder / "f").read_bytes() == after
