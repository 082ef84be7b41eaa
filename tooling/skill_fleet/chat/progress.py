"""Progress on a terminal; nothing in a pipe, in a workflow, and for short work."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.status import Status

WORTH = 500  # steps: fewer are over before anybody reads it


@contextmanager
def progress_bar(words: str, steps: int) -> Iterator[Callable[[int, int], None] | None]:
    """Give the function that shows progress (steps done, of how many); None when nobody watches."""
    if steps < WORTH or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(words, total=steps)
        yield lambda done, _: bar.update(task, completed=done)


class Steps:
    """The steps of a model as they begin, a line for each; on a screen also which one is running."""

    def __init__(self, console: Console, is_screen: bool) -> None:
        self.console, self.is_screen = console, is_screen
        self._status: Status | None = None

    def __call__(self, step: str, seconds: float, left: int) -> None:
        """Show that a step begins, `seconds` after the first one, with `left` tokens left."""
        self.stop()
        self.console.print(_line(step, seconds, left), style="dim" if self.is_screen else "")
        if self.is_screen:
            self._status = self.console.status(f"{step} ...")
            self._status.start()

    def stop(self) -> None:
        """Leave the screen to others."""
        if self._status:
            self._status.stop()
            self._status = None


def step_lines(*, always: bool = False) -> Callable[[str, float, int], None] | None:
    """The function that shows each step of a model as a line on standard error; None when nobody watches, unless
    `always`: then each is a note."""
    watched = sys.stderr.isatty()
    if not (always or watched):
        return None

    def show(step: str, seconds: float, left: int) -> None:
        line = _line(step, seconds, left)
        print(line if watched else f"note: {line.strip()}", file=sys.stderr, flush=True)

    return show


def _line(step: str, seconds: float, left: int) -> str:
    return f"{seconds:5.0f} s  {step}  ({left:,} tokens left)"
