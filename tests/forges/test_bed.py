"""The test bed itself: what it promises to other tests."""

from __future__ import annotations

import gitbed
from skill_fleet.fleet import GitTree, read_fleet


def test_the_small_fleet_is_a_fleet(bed: gitbed.Bed) -> None:
    fleet = read_fleet(GitTree(bed.repo, "main"))
    assert set(fleet.taxonomy.categories) == set(gitbed.CATEGORIES)
    assert [skill.id for skill in fleet.skills] == ["python/packaging"]
    assert not fleet.skills[0].front_matter.faults


def test_commits_with_and_without_a_work_tree(bed: gitbed.Bed) -> None:
    new = bed.commit_to("draft/x", {"skills/web/x/SKILL.md": gitbed.skill("x")})
    assert bed.tip("draft/x") == new
    assert bed.git("status", "--porcelain") == ""
    bed.commit("Remove", {"README.md": None})
    assert "README.md" not in {entry.path for entry in bed.repo.entries("main")}


def test_a_copied_pair_still_knows_its_origin(origin_and_clone: tuple[gitbed.Bed, gitbed.Bed]) -> None:
    origin, clone = origin_and_clone
    new = clone.commit("Say more", {"README.md": "More.\n"})
    clone.git("push", "--quiet", "origin", "main")
    assert origin.tip("main") == new
