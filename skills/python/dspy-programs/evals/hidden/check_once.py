import sys

sys.path.insert(0, ".")

import functools
import threading
import time

import dspy
import dspy.utils.parallelizer as parallelizer
from standin import fields, model

# two minutes there are 1.2 seconds here
real = parallelizer.ParallelExecutor.__init__


@functools.wraps(real)
def quicker(self, *arguments, timeout=120, **named):
    real(self, *arguments, timeout=timeout / 100 if timeout else timeout, **named)


parallelizer.ParallelExecutor.__init__ = quicker


def booked(slow: float) -> list[str]:
    from booking import book_all

    seen, lock = [], threading.Lock()

    def book(text: str) -> None:
        with lock:
            seen.append(text)
        time.sleep(slow if text == "text 3" else 0.01)

    lm, _ = model(lambda system, user: fields(summary="s"))
    with dspy.context(lm=lm):
        book_all(book, [f"text {n}" for n in range(6)])
    return seen


def each() -> None:
    assert sorted(booked(0.01)) == [f"text {n}" for n in range(6)]


def once() -> None:
    seen = booked(6)
    assert sorted(seen) == [f"text {n}" for n in range(6)], seen


globals()[sys.argv[1]]()
