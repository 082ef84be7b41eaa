"""Progress on a terminal; nothing in a pipe, in a workflow, and for short work."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

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
    """The steps of a model as they begin: with a running clock on a screen, else a line for each."""

    def __init__(self, console: Console, running: bool) -> None:
        self.console, self.running = console, running
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def __call__(self, step: str, seconds: float, left: int) -> None:
        """Show that a step begins, `seconds` after the first one, with `left` tokens left."""
        said = _line(step, seconds, left)
        if not self.running:
            self.console.print(said, markup=False, highlight=False)
            return
        if self._bar is None:
            from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

            columns = SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn()
            self._bar = Progress(*columns, console=self.console, transient=True)
            self._bar.start()
        self._settle()
        self._bar.console.print(said, style="dim", markup=False, highlight=False)
        self._task = self._bar.add_task(f"{step} ...", total=None)

    def stop(self) -> None:
        """Leave the screen to others."""
        self._settle()
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _settle(self) -> None:
        if self._bar is not None and self._task is not None:
            self._bar.remove_task(self._task)
            self._task = None


def step_lines() -> Callable[[str, float, int], None] | None:
    """The function that shows each step of a model as a line on standard error; None when nobody watches."""
    if not sys.stderr.isatty():
        return None
    return lambda step, seconds, left: print(_line(step, seconds, left), file=sys.stderr)


def _line(step: str, seconds: float, left: int) -> str:
    return f"{seconds:5.0f} s  {step}  ({left:,} tokens left)"
