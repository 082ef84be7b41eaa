"""Ancestry, hunks and small trees: what the forges ask Git for."""

from __future__ import annotations

from typing import Any

import pytest

import gitbed
from skill_fleet.git import GitFailure, Hunk, Repository, write_blobs, write_commit, write_folder


def test_ancestry_mainline_and_root(bed: gitbed.Bed) -> None:
    root = bed.tip()
    side = bed.commit_to("side", {"a.md": "a\n"})
    own = bed.commit("Own", {"b.md": "b\n"})
    bed.git("merge", "--quiet", "--no-ff", "-m", "Merge", "side")
    merge = bed.tip()
    assert bed.repo.ancestry([merge]) == {merge: (own, side), own: (root,), side: (root,), root: ()}
    assert bed.repo.mainline(merge, side) == {merge: (own, side), own: (root,)}
    assert bed.repo.root_commit(merge) == root
    unrelated = write_commit(bed.repo, write_folder(bed.repo, {}), [], "Another root", gitbed.PERSON)
    joined = write_commit(bed.repo, f"{merge}^{{tree}}", [merge, unrelated], "Join", gitbed.PERSON)
    assert bed.repo.root_commit(joined) == root


def test_a_folder_of_files(bed: gitbed.Bed) -> None:
    tree = write_folder(bed.repo, {"events.jsonl": b"{}\r\n", "b": b""})
    assert [entry.path for entry in bed.repo.entries(tree)] == ["b", "events.jsonl"]
    assert bed.repo.blobs([f"{tree}:events.jsonl"]) == {f"{tree}:events.jsonl": b"{}\r\n"}


def test_hunks(bed: gitbed.Bed) -> None:
    for key, value in {
        "diff.context": "9",
        "color.diff": "always",
        "diff.algorithm": "patience",
        "diff.external": "false",
        "diff.noprefix": "true",
        "diff.interHunkContext": "9",
    }.items():
        bed.git("config", key, value)
    bed.write(".gitattributes", "* -diff\n")
    lines = [f"{number}\n".encode() for number in range(1, 21)]
    changed = [b"@@ -1 +1 @@\n", *lines[:4], b"five\n", *lines[5:17], *lines[18:]]
    old, new = write_blobs(bed.repo, [b"".join(lines), b"".join(changed)])
    assert bed.repo.hunks(old, new) == (Hunk(0, 0, 1, 1), Hunk(5, 1, 6, 1), Hunk(18, 1, 18, 0))
    assert bed.repo.hunks(old, new, 3) == (Hunk(1, 8, 1, 9), Hunk(15, 6, 16, 5))
    assert bed.repo.hunks(old, old) == ()


@pytest.mark.parametrize(
    ("name", "allowed"),
    [("draft/x", True), ("-x", False), ("a..b", False), ("a b", False), ("", False), ("x.lock", False), ("ü", True)],
)
def test_names_of_branches(bed: gitbed.Bed, name: str, allowed: bool) -> None:
    assert bed.repo.is_branch_name(name) is allowed


@pytest.mark.parametrize(
    ("stderr", "reason"),
    [
        ("", "no reason given"),
        ("a\nb\n\n", "b"),
        ("a\nfatal: b\n\nand the repository exists.\n", "fatal: b"),
        ("To x\nremote: \nremote: no\u2028never\nerror: failed to push some refs", "no never"),
    ],
)
def test_the_reason_of_a_failure(stderr: str, reason: str) -> None:
    """The first line that is marked as an error has the cause; Git's advice comes after it."""
    assert GitFailure("push", stderr).reason == reason


def test_what_was_read_is_not_asked_for_again(bed: gitbed.Bed) -> None:
    """A commit that was read is here: to find it by its id takes no process. A branch may move, and takes one."""

    class Counting(Repository):
        asked = 0

        def attempt(self, *words: str, **options: Any) -> tuple[int, bytes, str]:
            self.asked += 1
            return super().attempt(*words, **options)

    tip = bed.commit("More", {"a": "a"})
    repo = Counting(bed.path)
    (below, top) = repo.commits("main")
    asked = repo.asked
    assert (repo.find(top.oid), repo.find(below.oid)) == (tip, below.oid) and repo.asked == asked
    assert repo.merge_base(tip, below.oid) == repo.find(below.oid) and repo.asked == asked + 1
    assert repo.find("main") == tip and repo.asked == asked + 2
