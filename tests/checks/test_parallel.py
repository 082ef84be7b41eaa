"""However many processes share the work, the answer is the same, and what goes wrong in one is not lost."""

from __future__ import annotations

import pytest

import gitbed
from skill_fleet.checks.finding import Finding
from skill_fleet.checks.parallel import run_all
from skill_fleet.checks.run import check_fleet
from skill_fleet.fleet.fleet import read_fleet
from skill_fleet.fleet.tree import GitTree

FILES: dict[str, gitbed.Content] = {
    f"skills/web/s{number}/SKILL.md": gitbed.skill(f"s{number}").replace(
        "Use it when", "TODO: x" if number % 7 else "When"
    )
    for number in range(205)
}


def test_the_answer_is_the_same(bed: gitbed.Bed) -> None:
    bed.commit("Add", FILES)
    fleet = read_fleet(GitTree(bed.repo, "main"))
    told: list[tuple[int, int]] = []
    alone = check_fleet(fleet, workers=1, progress=lambda done, of: told.append((done, of)))
    assert told[-1] == (len(fleet.skills), len(fleet.skills))
    assert check_fleet(fleet, workers=2) == alone
    assert len(alone) > 100


def test_what_a_worker_raises_is_raised() -> None:
    def bad() -> list[Finding]:
        raise RuntimeError("told")

    for workers in (1, 2):
        with pytest.raises(RuntimeError, match="told"):
            list(run_all([list, bad, list], workers))
