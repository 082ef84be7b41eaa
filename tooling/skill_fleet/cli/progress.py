"""A bar on the terminal while there is much to do; silence in a pipe, in a workflow, and for small things."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

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
