"""Merges that people make without the tool are noticed, and the next step that is printed works when pasted."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.command import run
from gitbed import Bed
from kinds.ground import KINDS, Place
from kinds.test_story import ADA, DOCUMENT, GRACE, LINE, MARY, OLD, do

BRANCH = "draft/log-rotation"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A clone where #1 is approved, and `two`, another clone of the same origin."""
    place = KINDS["plain"](tmp_path)
    (tmp_path / "log-rotation.md").write_text(DOCUMENT, encoding="utf-8")
    do(monkeypatch, place, ADA, "create", "--from", "../log-rotation.md", "--path", "practices")
    do(
        monkeypatch,
        place,
        GRACE,
        "review",
        "comment",
        "1",
        "--path",
        f"{OLD}/SKILL.md",
        "--line",
        "3",
        "--suggest",
        LINE,
    )
    do(monkeypatch, place, GRACE, "review", "step", "1")
    do(monkeypatch, place, MARY, "review", "approve", "1")
    place.truth.git("clone", "--quiet", ".", str(tmp_path / "two"))
    return place


def squash(two: Bed) -> None:
    two.git("merge", "--quiet", "--squash", f"origin/{BRANCH}")
    two.git("commit", "--quiet", "--message", "Squashed")


def rebase(two: Bed) -> None:
    two.git("commit", "--quiet", "--allow-empty", "--message", "Other")
    two.git("switch", "--quiet", BRANCH)
    two.git("rebase", "--quiet", "main")
    two.git("switch", "--quiet", "main")
    two.git("merge", "--quiet", "--ff-only", BRANCH)


def rebase_and_push(two: Bed) -> None:
    rebase(two)
    two.git("push", "--quiet", "--force", "origin", BRANCH)


def squash_and_delete(two: Bed) -> None:
    squash(two)
    two.git("push", "--quiet", "origin", f":{BRANCH}")


def squash_and_change_again(two: Bed) -> None:
    squash(two)
    two.commit("Change", {f"{OLD}/SKILL.md": "---\nname: log-rotation\ndescription: New. Use when x.\n---\n\n# New\n"})


def plain(two: Bed) -> None:
    two.git("merge", "--quiet", "--no-ff", "--message", "Merge", f"origin/{BRANCH}")


HOW: list[Callable[[Bed], None]] = [squash, rebase, rebase_and_push, squash_and_delete, squash_and_change_again, plain]


@pytest.mark.kinds
@pytest.mark.parametrize("how", HOW, ids=lambda how: how.__name__)
def test_merged_by_hand(place: Place, how: Callable[[Bed], None]) -> None:
    """It is merged, stays so, and the bot says so once."""
    two = Bed(place.at.parent / "two")
    how(two)
    two.git("push", "--quiet", "origin", "main")
    assert "#1  merged" in run(place.at, "review", "list", "--all").out
    assert run(place.at, "review", "step", "1").status == 0
    assert "**completed**" in run(place.at, "review", "show", "1").out
    assert run(place.at, "promote", "1").status == 2
    two.commit("Later", {"README.md": "# Later\n"})
    two.git("push", "--quiet", "origin", "main")
    assert "#1  merged" in run(place.at, "review", "list", "--all").out


def test_a_deleted_branch_comes_back(place: Place) -> None:
    """The command that is printed brings it back, and the pull request can be merged."""
    Bed(place.at).git("push", "--quiet", "origin", f":{BRANCH}")
    done = run(place.at, "promote", "1")
    assert done.status == 1
    command = re.search(r"^Next: (git .*)$", done.out, re.MULTILINE)
    assert command
    subprocess.run(shlex.split(command[1]), cwd=place.at, check=True, capture_output=True)
    assert run(place.at, "promote", "1").status in (0, 1)
    assert (
        "[x] branch exists" in run(place.at, "review", "show", "1").out
        or "merged" in run(place.at, "review", "list", "--all").out
    )
