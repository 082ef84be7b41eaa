"""What is shown on a terminal while there is much to do; silence in a pipe, in a workflow, and for small things."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

WORTH = 500  # below that many steps it is over before it could be read


@contextmanager
def progress_bar(words: str, steps: int) -> Iterator[Callable[[int, int], None] | None]:
    """Give the function to tell how far things are (done, of how many); None when nobody watches."""
    if steps < WORTH or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(words, total=steps)
        yield lambda done, _: bar.update(task, completed=done)


class Steps:
    """The steps of a model as they happen: on a screen with a running clock, elsewhere a line as each begins."""

    def __init__(self, console: Console, running: bool) -> None:
        self.console, self.running = console, running
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def __call__(self, step: str, seconds: float, left: int) -> None:
        """The step named `step` begins, `seconds` after the first did; `left` tokens may still be spent."""
        said = f"{seconds:5.0f} s  {step}  ({left:,} tokens left)"
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
        """Nothing runs any more: leave the screen to others."""
        self._settle()
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _settle(self) -> None:
        if self._bar is not None and self._task is not None:
            self._bar.remove_task(self._task)
            self._task = None
