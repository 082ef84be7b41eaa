"""However many processes share the work, the answer is the same, and what goes wrong in one is not lost."""

from __future__ import annotations

import os
import signal
from concurrent.futures import BrokenExecutor

import pytest

import gitbed
from skill_fleet.checks import Finding, check_fleet, run_tasks
from skill_fleet.errors import UserError
from skill_fleet.fleet import GitTree, read_fleet

FILES: dict[str, gitbed.Content] = {
    f"skills/web/s{number}/SKILL.md": gitbed.skill(f"s{number}").replace(
        "Use it when", "TODO: x" if number % 7 else "When"
    )
    for number in range(205)
}


def test_the_answer_is_the_same(bed: gitbed.Bed) -> None:
    bed.commit("Add", FILES)
    fleet = read_fleet(GitTree(bed.repo, "main"))
    steps: list[tuple[int, int]] = []
    alone = check_fleet(fleet, workers=1, progress=lambda done, of: steps.append((done, of)))
    assert steps[-1] == (len(fleet.skills), len(fleet.skills))
    assert check_fleet(fleet, workers=2) == alone
    assert len(alone) > 100


def test_what_a_worker_raises_is_raised() -> None:
    def bad() -> list[Finding]:
        raise RuntimeError("bug")

    for workers in (1, 2):
        with pytest.raises(RuntimeError, match="bug"):
            list(run_tasks([list, bad, list], workers))


def test_what_the_user_can_fix_comes_with_its_tip() -> None:
    """A UserError in a worker is the same here, not a bug."""

    def bad() -> list[Finding]:
        raise UserError("It is gone.", "Fetch it.")

    for workers in (1, 2):
        with pytest.raises(UserError) as caught:
            list(run_tasks([bad, list], workers))
        assert (caught.value.message, caught.value.tip) == ("It is gone.", "Fetch it.")


def test_a_worker_that_dies_is_noticed() -> None:
    """A worker that something ends from outside is an error, never a result with less in it."""

    def end() -> list[Finding]:
        os.kill(os.getpid(), signal.SIGKILL)
        return []

    with pytest.raises(BrokenExecutor):
        list(run_tasks([end, *[list] * 5], 2))
