"""Many tasks, on all cores when there is enough to do.

The workers are forked, so they have the fleet without its being copied or read again; where there is no fork, or another
thread runs that a fork would leave in mid-air, the tasks are done here. The answer is the same either way.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence

from skill_fleet.checks.finding import Finding

Task = Callable[[], list[Finding]]

_waiting: Sequence[Task] = ()


def run_all(tasks: Sequence[Task], workers: int) -> Iterator[tuple[int, list[Finding]]]:
    """Run every task, and yield the number of each with what it found, in any order.

    `workers` is how many processes share them. What a task raises is raised here.
    """
    global _waiting
    count = min(workers, len(tasks))
    if count < 2 or not hasattr(os, "fork") or threading.active_count() > 1:
        for number, task in enumerate(tasks):
            yield number, task()
        return
    _waiting = tasks
    try:
        with multiprocessing.get_context("fork").Pool(count) as pool:
            yield from pool.imap_unordered(_one, range(len(tasks)))
    finally:
        _waiting = ()


def cores() -> int:
    """How many processes can run at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _one(number: int) -> tuple[int, list[Finding]]:
    """In a worker: a task of those that were waiting when it was forked."""
    return number, _waiting[number]()
