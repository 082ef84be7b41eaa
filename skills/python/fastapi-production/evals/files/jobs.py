from collections.abc import AsyncIterator


async def log_lines(job: int) -> AsyncIterator[tuple[int, str]]:
    """The number and the text of each entry of a job's log; a text may have several lines."""
    yield 1, "started"
    yield 2, 'Traceback:\n  File "a.py"\nboom'
    yield 3, "done"
