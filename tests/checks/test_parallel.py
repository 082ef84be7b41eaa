"""However many processes share the work, the answer is the same, and what goes wrong in one is not lost."""

from __future__ import annotations

import os
import signal
import threading
from concurrent.futures import BrokenExecutor

import pytest

import gitbed
from skill_fleet.checks import Finding, check_fleet, run_tasks
from skill_fleet.errors import UserError
from skill_fleet.fleet import GitTree, read_fleet
from skill_fleet.git import GitFailure, RefMoved

FILES: dict[str, gitbed.Content] = {
    f"skills/web/s{number}/SKILL.md": gitbed.skill(f"s{number}").replace(
        "Use it when", "TODO: x" if number % 7 else "When"
    )
    for number in range(205)
}


def test_the_answer_is_the_same(bed: gitbed.Bed) -> None:
    bed.commit("Add", FILES)
    fleet = read_fleet(GitTree(bed.repo, "main"))
    alone = check_fleet(fleet, workers=1)
    assert check_fleet(fleet, workers=2) == alone
    assert len(alone) > 100


def test_what_a_worker_raises_is_raised() -> None:
    def bad() -> list[Finding]:
        raise RuntimeError("bug")

    for workers in (1, 2):
        with pytest.raises(RuntimeError, match="bug"):
            run_tasks([list, bad, list], workers)


@pytest.mark.parametrize(
    "problem", [UserError("It is gone.", "Fetch it."), GitFailure("fetch", "fatal: no"), RefMoved("push", "stale")]
)
def test_an_exception_with_arguments_of_its_own(problem: Exception) -> None:
    """What is raised in a worker is the same here, with all that belongs to it."""

    def bad() -> list[Finding]:
        raise problem

    for workers in (1, 2):
        with pytest.raises(type(problem)) as caught:
            run_tasks([bad, list], workers)
        assert type(caught.value) is type(problem) and vars(caught.value) == vars(problem)


def test_a_worker_that_dies_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that something ends from outside is an error, never a result with less in it."""
    monkeypatch.setattr(
        threading, "active_count", lambda: 1
    )  # whatever runs of other tests, or the task would run here

    def end() -> list[Finding]:
        os.kill(os.getpid(), signal.SIGKILL)
        return []

    with pytest.raises(BrokenExecutor):
        run_tasks([end, *[list] * 5], 2)
