"""Text that somebody else wrote, made harmless before the bot repeats it in a comment.

The bot writes with its own name and rights: a repeated mention would call people, `fixes #1` would close an issue, an
HTML comment could look like a receipt. So what we repeat is shown as code, cut short, on one line.
"""

from __future__ import annotations

from skill_fleet.review.trailers import one_line


def as_code(text: str, limit: int = 200) -> str:
    """`text` on one line in a code span that it cannot break out of."""
    line = one_line(text).replace("<!--", "<! --")
    line = f"{line[:limit]}…" if len(line) > limit else line
    longest = max((len(run) for run in _backticks(line)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}" if line else "` `"


def _backticks(line: str) -> list[str]:
    return [run for run in "".join(char if char == "`" else " " for char in line).split() if run]
