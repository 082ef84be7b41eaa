"""The report for a terminal: grouped by skill, each finding with its line, a caret and the fix."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import groupby

from skill_fleet.checks import Finding, Outcome
from skill_fleet.fleet import Tree
from skill_fleet.git import SUBMODULE, SYMLINK
from skill_fleet.markdown import escaped

Source = Callable[[str, int], str | None]
"""The line of a file (path, number from 1), without its line end; None where there is none."""


def no_source(path: str, line: int) -> str | None:
    """For a report without lines."""
    return None


def source_of(tree: Tree) -> Source:
    """Reads lines from a tree. What is no regular file, and a file with a NUL byte, has none."""
    entries = {entry.path: entry for entry in tree.entries}

    @lru_cache(maxsize=4)  # findings are sorted by path, so a file is asked for again and again, then never more
    def lines(path: str) -> list[str]:
        entry = entries.get(path)
        if entry is None or entry.mode in (SYMLINK, SUBMODULE):
            return []
        content = tree.read(entry)
        tree.release([entry])
        return [] if b"\0" in content else content.decode("utf-8", "replace").split("\n")

    def source(path: str, line: int) -> str | None:
        found = lines(path)
        return found[line - 1].rstrip("\r").removeprefix("\ufeff") if 0 < line <= len(found) else None

    return source


WIDTH = 100
_STYLES = {"error": "bold red", "hint": "yellow"}

Row = tuple[str, str]
"""A line of the report and the style that it has on a terminal ('' for none)."""


def text_report(outcome: Outcome, source: Source = no_source, colour: bool = False, show_existing: bool = False) -> str:
    """The whole report. `colour` is for a terminal; `show_existing` adds what was there before the change."""
    rows = [*_groups(outcome.findings, source)]
    if show_existing and outcome.existing:
        rows += [("Already there before the change:", "bold"), ("", ""), *_groups(outcome.existing, source)]
    rows.append((_count(outcome), "bold red" if outcome.errors else "bold"))
    return _coloured(rows) if colour else "".join(f"{text}\n" for text, _ in rows)


def _groups(findings: Iterable[Finding], source: Source) -> Iterator[Row]:
    ordered = sorted(findings, key=lambda finding: (finding.skill, finding))
    for skill, group in groupby(ordered, key=lambda finding: finding.skill):
        yield escaped(skill) or "the fleet", "bold underline"
        for finding in group:
            yield from _finding(finding, source)
        yield "", ""


def _finding(finding: Finding, source: Source) -> Iterator[Row]:
    place = f"{escaped(finding.path)}:{finding.line}:{finding.column}"
    yield f"  {place}  {finding.severity}  {finding.rule}", _STYLES[finding.severity]
    line = source(finding.path, finding.line)
    if line is not None and line.strip():
        shown, caret = _window(line, finding.column)
        number = str(finding.line)
        yield f"    {number} | {shown}", "dim"
        yield f"    {' ' * len(number)} | {' ' * caret}^", "dim"
    yield f"    {escaped(finding.message)}", ""
    yield f"    Fix: {escaped(finding.fix)}", "green"


def _window(line: str, column: int) -> tuple[str, int]:
    """The part of a line that is shown, and how many cells stand before the caret."""
    at = min(max(column - 1, 0), len(line))
    start = 0 if at < WIDTH * 3 // 4 else at - WIDTH // 2
    before, after = escaped(line[start:at]), escaped(line[at : start + WIDTH])
    lead = "…" if start else ""
    tail = "…" if len(line) > start + WIDTH else ""
    return f"{lead}{before}{after}{tail}", len(lead) + _cells(before)


def _cells(text: str) -> int:
    """How many columns of a terminal `text` takes."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(char) else 1 + (unicodedata.east_asian_width(char) in "WF") for char in text)


def _count(outcome: Outcome) -> str:
    words = (
        f"{_many(outcome.skills, 'skill')} checked: {_many(outcome.errors, 'error')}, {_many(outcome.hints, 'hint')}"
    )
    if outcome.existing:
        words += f"; {len(outcome.existing)} more were there before the change"
    return f"{words}."


def _many(count: int, noun: str) -> str:
    return f"{count or 'no'} {noun}{'' if count == 1 else 's'}"


def _coloured(rows: list[Row]) -> str:
    import io

    from rich.console import Console  # 25 ms that a pipe need not pay
    from rich.text import Text

    console = Console(file=io.StringIO(), force_terminal=True, width=10_000, highlight=False, emoji=False)
    with console.capture() as capture:
        for text, style in rows:
            console.print(Text(text, style=style), no_wrap=True, crop=False)
    return capture.get()
