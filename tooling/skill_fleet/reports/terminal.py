"""The report for a terminal: findings by skill, each with its line, a caret and the fix."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby

from skill_fleet.checks import RULES, Finding, Outcome
from skill_fleet.fleet import Tree, content_of
from skill_fleet.git import SUBMODULE, SYMLINK
from skill_fleet.markdown import escaped

LineReader = Callable[[str, int], str | None]
"""Returns a line of a file (path, number from 1) without its line end; None if there is no such line."""

Row = tuple[str, str]
"""A line of the report, and its style on a terminal ('' for none)."""

_WIDTH = 100
_MAX_PLACES = 10
_STYLES = {"error": "bold red", "hint": "yellow"}


def no_lines(path: str, line: int) -> str | None:
    """A reader for a report without lines."""
    return None


def line_reader(tree: Tree) -> LineReader:
    """Return a reader of lines from a tree. A file that is not regular or has a NUL byte has no lines."""
    entries = {entry.path: entry for entry in tree.entries}

    @lru_cache(maxsize=4)  # findings are sorted by path, so only the last files are needed
    def lines(path: str) -> list[str]:
        entry = entries.get(path)
        if entry is None or entry.mode in (SYMLINK, SUBMODULE):
            return []
        content = content_of(tree, entry)
        tree.release([entry])
        return [] if b"\0" in content else content.decode("utf-8", "replace").split("\n")

    def read(path: str, line: int) -> str | None:
        found = lines(path)
        return found[line - 1].rstrip("\r").removeprefix("\ufeff") if 0 < line <= len(found) else None

    return read


def text_report(
    outcome: Outcome, read: LineReader = no_lines, colour: bool = False, show_existing: bool = False
) -> str:
    """Return the whole report. `colour` is for a terminal; `show_existing` adds the findings of the base."""
    secrets = {
        (each.path, each.line)
        for each in (*outcome.findings, *(outcome.existing or ()))
        if each.rule == "safety/secret"
    }

    def without_secret(path: str, line: int) -> str | None:
        """A line without a secret: logs and issues outlive the branch."""
        return None if (path, line) in secrets else read(path, line)

    rows = [*_groups(outcome.findings, without_secret)]
    if show_existing and outcome.existing:
        rows += [("Existing problems:", "bold"), ("", ""), *_groups(outcome.existing, without_secret)]
    rows += [(note, "dim") for note in _notes(outcome)]
    rows.append((summary_line(outcome), "bold red" if outcome.errors else "bold"))
    return _coloured(rows) if colour else "".join(f"{text}\n" for text, _ in rows)


def statistics_report(outcome: Outcome) -> str:
    """Return the number of findings of each rule, most first, and the counts of the whole report."""
    counts = Counter((finding.rule, finding.severity) for finding in outcome.findings)
    width = max((len(rule) for rule, _ in counts), default=0)
    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    return "".join(
        [
            *(
                f"{count:>6}  {severity:<5}  {rule:<{width}}  {RULES[rule].summary if rule in RULES else ''}".rstrip()
                + "\n"
                for (rule, severity), count in rows
            ),
            *(f"{note}\n" for note in _notes(outcome)),
            f"{summary_line(outcome)}\n",
        ]
    )


def _groups(findings: Iterable[Finding], read: LineReader) -> Iterator[Row]:
    ordered = sorted(findings, key=lambda finding: (finding.skill, finding))
    for skill, group in groupby(ordered, key=lambda finding: finding.skill):
        yield escaped(skill) or "the fleet", "bold underline"
        same: dict[tuple[str, str, str], list[Finding]] = {}
        for finding in group:
            same.setdefault((finding.rule, finding.message, finding.fix), []).append(finding)
        for first, *others in same.values():
            yield from _finding(first, others, read)
        yield "", ""


def _finding(finding: Finding, others: Sequence[Finding], read: LineReader) -> Iterator[Row]:
    """The rows of a finding, with the places of `others` that say the same."""
    place = f"{escaped(finding.path)}:{finding.line}:{finding.column}"
    yield f"  {place}  {finding.severity}  {finding.rule}", _STYLES[finding.severity]
    line = read(finding.path, finding.line)
    if line is not None and line.strip():
        shown, caret = _window(line, finding.column)
        number = str(finding.line)
        yield f"    {number} | {shown}", "dim"
        yield f"    {' ' * len(number)} | {' ' * caret}^", "dim"
    yield f"    {escaped(finding.message)}", ""
    if others:
        places = [
            f"line {each.line}" if each.path == finding.path else f"{escaped(each.path)}:{each.line}"
            for each in others[:_MAX_PLACES]
        ]
        more = f" and {len(others) - _MAX_PLACES} more" if len(others) > _MAX_PLACES else ""
        yield f"    Also at {', '.join(places)}{more}.", ""
    yield f"    Fix: {escaped(finding.fix)}", "green"


def _window(line: str, column: int) -> tuple[str, int]:
    """The part of a line around a column, and the number of cells before the caret."""
    at = min(max(column - 1, 0), len(line))
    start = 0 if at < _WIDTH * 3 // 4 else at - _WIDTH // 2
    before, after = escaped(line[start:at]), escaped(line[at : start + _WIDTH])
    left, right = "…" if start else "", "…" if len(line) > start + _WIDTH else ""
    return f"{left}{before}{after}{right}", len(left) + _cells(before)


def _cells(text: str) -> int:
    """The number of columns that `text` takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(char) else 1 + (unicodedata.east_asian_width(char) in "WF") for char in text)


def _notes(outcome: Outcome) -> list[str]:
    return [f"note: {escaped(path)}: {escaped(message)}" for path, message in outcome.notes]


def summary_line(outcome: Outcome) -> str:
    """The last line of a report."""
    errors, hints = _count(outcome.errors, "error"), _count(outcome.hints, "hint")
    existing = f"; {len(outcome.existing)} existing" if outcome.existing else ""
    return f"{_count(outcome.skills, 'skill')} checked: {errors}, {hints}{existing}."


def _count(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"


def _coloured(rows: list[Row]) -> str:
    import io

    from rich.console import Console  # 25 ms, only needed on a terminal
    from rich.text import Text

    console = Console(file=io.StringIO(), force_terminal=True, width=10_000, highlight=False, emoji=False)
    with console.capture() as capture:
        for text, style in rows:
            console.print(Text(text, style=style), no_wrap=True, crop=False)
    return capture.get()
