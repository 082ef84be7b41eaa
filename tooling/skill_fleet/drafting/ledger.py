"""The ledger: one fate for each source line, built from what was written, and rendered for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from skill_fleet.drafting.files import Placed
from skill_fleet.drafting.page import Page, Part, Used
from skill_fleet.drafting.types import Draft, Entry

SEAM = "blank or rule at a seam"


def account(pages: Iterable[tuple[Page, Sequence[Used]]], placed: Sequence[Placed]) -> Iterator[Entry]:
    """The entries of placed pages, in the order of their lines.

    What is neither placed nor used up is a blank or a rule at a seam, since nothing else is ever trimmed.
    """
    by_page: dict[int, list[Placed]] = {}
    for one in placed:
        by_page.setdefault(id(one.page), []).append(one)
    for page, used in pages:
        offset, name = page.part.offset, page.part.document
        spans = [
            *((p.first, p.last, "placed", p.file, p.line, "") for p in by_page.get(id(page), ())),
            *((u.first, u.last, "consumed", "", 0, u.reason) for u in used),
        ]
        at = 0
        for first, last, fate, file, line, reason in [*sorted(spans), (len(page.lines), 0, "", "", 0, "")]:
            if first > at:
                yield Entry(name, offset + at + 1, offset + first, "consumed", reason=SEAM)
            if fate == "placed":
                yield Entry(name, offset + first + 1, offset + last, "placed", file, line)
            elif fate:
                yield Entry(name, offset + first + 1, offset + last, "consumed", reason=reason)
            at = max(at, last)


def set_aside(part: Part, reason: str) -> Entry:
    """A whole part that is not in the skill."""
    return Entry(part.document, part.offset + 1, part.offset + len(part.lines), "set aside", reason=reason)


def render_ledger(draft: Draft, full: bool) -> str:
    """The ledger as Markdown: a line a document (for a commit), or every range (for a pull request)."""
    lines: list[str] = []
    for document, group in groupby(draft.ledger, key=lambda entry: entry.document):
        entries = list(group)
        lines.append(f"{document}: {_summary(entries)}")
        if full:
            lines += ["", "| lines | fate | where or why |", "| --- | --- | --- |"]
            lines += [f"| {_range(entry)} | {entry.fate} | {_where(entry)} |" for entry in _short(entries)]
            lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


def _summary(entries: Sequence[Entry]) -> str:
    count: Mapping[str, int] = {
        fate: sum(entry.last - entry.first + 1 for entry in entries if entry.fate == fate)
        for fate in ("placed", "consumed", "set aside")
    }
    total = sum(count.values())
    files = len({entry.file for entry in entries if entry.file})
    text = f"{total} lines; {count['placed']} placed in {files} file{'s' if files != 1 else ''}"
    text += f", {count['consumed']} consumed" if count["consumed"] else ""
    return text + (f", {count['set aside']} set aside" if count["set aside"] else "")


def _short(entries: Sequence[Entry]) -> Iterator[Entry]:
    """Entries without the single blank lines, which would double the table."""
    return (entry for entry in entries if entry.reason != SEAM)


def _range(entry: Entry) -> str:
    return str(entry.first) if entry.first == entry.last else f"{entry.first}-{entry.last}"


def _where(entry: Entry) -> str:
    return f"{entry.file}:{entry.line}" if entry.file else entry.reason.replace("|", "\\|")
