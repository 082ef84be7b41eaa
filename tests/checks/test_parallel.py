"""However many processes share the work, the answer is the same, and what goes wrong in one is not lost."""

from __future__ import annotations

import os
import signal

import pytest

import gitbed
from skill_fleet.checks import Finding, check_fleet, run_tasks
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
            list(run_tasks([list, bad, list], workers))


class Picky(Exception):
    """An exception that cannot be made anew from its words alone."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(f"{one} and {other}")


def test_what_cannot_be_sent_is_told() -> None:
    """An exception that does not survive the way from a worker comes as its words and its trace."""

    def bad() -> list[Finding]:
        raise Picky("this", "that")

    with pytest.raises(RuntimeError, match=r"Picky: this and that\n(.*\n)*.*in bad"):
        list(run_tasks([bad, list], 2))


def test_a_worker_that_dies_is_noticed() -> None:
    """A worker that something ends from outside is an error, never a result with less in it."""

    def end() -> list[Finding]:
        os.kill(os.getpid(), signal.SIGKILL)
        return []

    with pytest.raises(ChildProcessError, match="ended before it was done"):
        list(run_tasks([end, *[list] * 5], 2))
