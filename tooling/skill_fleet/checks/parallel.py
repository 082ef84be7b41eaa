"""Many tasks, on all cores when there is enough to do.

The workers are forked, so they have the fleet without its being copied or read again; where there is no fork, or another
thread runs that a fork would leave in mid-air, the tasks are done here. The answer is the same either way. A pool of
`multiprocessing` does as much, and takes 20 ms to import and to start, which is a tenth of a run.
"""

from __future__ import annotations

import os
import pickle
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from selectors import EVENT_READ, DefaultSelector
from typing import BinaryIO, NoReturn

from skill_fleet.checks.finding import Finding

Task = Callable[[], list[Finding]]

_DIED = "A process that was checking skills ended before it was done."


@dataclass(frozen=True)
class Worker:
    """A forked process: numbers of tasks go down one pipe, what they found comes up the other."""

    process: int
    down: BinaryIO
    up: BinaryIO

    def ask(self, number: int) -> None:
        """Give it a task. ChildProcessError when it has died."""
        try:
            self.down.write(number.to_bytes(4))
        except BrokenPipeError as problem:
            raise ChildProcessError(_DIED) from problem

    def answer(self) -> tuple[int, list[Finding]]:
        """Wait for what it found. What the task raised is raised here; ChildProcessError when the worker has died."""
        try:
            number, found = pickle.load(self.up)
        except (EOFError, pickle.UnpicklingError) as problem:
            raise ChildProcessError(_DIED) from problem
        if isinstance(found, BaseException):
            raise found
        return number, found

    def end(self) -> None:
        """Stop it, whatever it does."""
        self.down.close()
        self.up.close()
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)


def run_all(tasks: Sequence[Task], workers: int) -> Iterator[tuple[int, list[Finding]]]:
    """Run every task, and yield the number of each with what it found, in any order.

    `workers` is how many processes share them. What a task raises is raised here.
    """
    count = min(workers, len(tasks))
    if count < 2 or not hasattr(os, "fork") or threading.active_count() > 1:
        for number, task in enumerate(tasks):
            yield number, task()
        return
    crew: list[Worker] = []
    waiting = iter(range(len(tasks)))
    try:
        with DefaultSelector() as ready:
            for _ in range(count):
                crew.append(_fork(tasks))
                ready.register(crew[-1].up, EVENT_READ, crew[-1])
                crew[-1].ask(next(waiting))
            for _ in range(len(tasks)):
                worker: Worker = ready.select()[0][0].data
                answer = worker.answer()
                for number in islice(waiting, 1):
                    worker.ask(number)
                yield answer
    finally:
        for worker in crew:
            worker.end()


def cores() -> int:
    """How many processes can run at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _fork(tasks: Sequence[Task]) -> Worker:
    take, down = os.pipe()
    up, give = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(down)
        os.close(up)
        _serve(tasks, take, give)
    os.close(take)
    os.close(give)
    return Worker(process, open(down, "wb", buffering=0), open(up, "rb"))  # noqa: PTH123


def _serve(tasks: Sequence[Task], take: int, give: int) -> NoReturn:
    """In the worker: do what is asked until nobody asks any more. Nothing of the parent's is flushed or cleaned up."""
    try:
        with open(give, "wb") as out:
            while number := os.read(take, 4):
                out.write(_answer(tasks, int.from_bytes(number)))
                out.flush()
    except BaseException:  # interrupted as the parent is, which has gone or says so
        os._exit(1)
    os._exit(0)


def _answer(tasks: Sequence[Task], number: int) -> bytes:
    try:
        return pickle.dumps((number, tasks[number]()))
    except Exception as problem:
        import traceback

        problem.add_note(traceback.format_exc())  # its own trace does not survive the way
        message = pickle.dumps((number, RuntimeError(f"{type(problem).__name__}: {problem}\n{traceback.format_exc()}")))
        try:
            sent = pickle.dumps((number, problem))
            pickle.loads(sent)  # some can be taken apart and not put together again
            return sent
        except Exception:
            return message
