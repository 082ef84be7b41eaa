"""The ledger: one fate for each source line, built from what was written, and rendered for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from skill_fleet.drafting.omitting.leaving import around
from skill_fleet.drafting.pages.page import Page, Used
from skill_fleet.drafting.placing.files import Placed
from skill_fleet.drafting.sources.gather import Gathered
from skill_fleet.drafting.sources.shelf import name_of
from skill_fleet.drafting.types import Draft, Entry, Fate

_Span = tuple[int, int, str, int, str, Fate]
SEAM = "blank or rule at a seam"
MOST_ASIDE = 12
CUT = (
    "_Cut here: {left} more lines are longer than fits. All of it: the same `skill-fleet create` with `--format json`, under "
    "`ledger`._"
)


def account(
    found: Gathered, pages: Sequence[Page], extra: Sequence[tuple[Page, Used]], placed: Sequence[Placed]
) -> tuple[Entry, ...]:
    """One entry for each range of source lines, in the order of the sources.

    What is neither placed nor used up is a blank or a rule at a seam, since nothing else is ever trimmed.
    """
    spans: dict[int, list[_Span]] = {id(page): [_used(one) for one in page.used] for page in pages}
    for page, used in extra:
        spans[id(page)] += map(_used, around([used], page.used))
    for one in placed:
        spans[id(one.page)].append((one.first, one.last, one.file, one.line, "", "placed"))
    entries = [Entry(name, u.first + 1, u.last, "consumed", reason=u.reason) for name, u in found.used]
    for part, reason in found.aside:
        if part.lines:
            last = part.offset + len(part.lines)
            entries.append(
                Entry(part.document, part.offset + 1, last, "set aside", reason=f"{name_of(part)}: {reason}")
            )
    for page in pages:
        entries += _entries(page, sorted(spans[id(page)]))
    order = {document.name: at for at, document in enumerate(found.documents)}
    return tuple(sorted(entries, key=lambda entry: (order[entry.document], entry.first)))


def _used(used: Used) -> _Span:
    return (used.first, used.last, "", 0, used.reason, "set aside" if used.aside else "consumed")


def _entries(page: Page, spans: Sequence[_Span]) -> Iterator[Entry]:
    offset, name = page.part.offset, page.part.document
    at = 0
    for first, last, file, line, reason, fate in [*spans, (len(page.lines), 0, "", 0, "", "consumed")]:
        if first > at:
            yield Entry(name, offset + at + 1, offset + first, "consumed", reason=SEAM)
        if file:
            yield Entry(name, offset + first + 1, offset + last, "placed", file, line)
        elif last > first:
            yield Entry(name, offset + first + 1, offset + last, fate, reason=reason)
        at = max(at, last)


def render_ledger(draft: Draft, full: bool, most: int = 0) -> str:
    """The ledger as Markdown: a line a document and one for all that is set aside (for a commit), or every range (for a
    pull request), in at most `most` characters; what is cut off then is said, and where the whole of it is.
    """
    lines: list[str] = []
    for document, group in groupby(draft.ledger, key=lambda entry: entry.document):
        entries = list(group)
        lines.append(f"- {document}: {_summary(entries)}")
        if full:
            lines += ["", "| lines | fate | where or why |", "| --- | --- | --- |"]
            lines += [
                f"| {_range(entry)} | {entry.fate} | {_where(entry)} |" for entry in entries if entry.reason != SEAM
            ]
            seams = [_range(entry) for entry in entries if entry.reason == SEAM]
            lines += ["", f"Consumed, {SEAM}: {', '.join(seams)}."] if seams else []
            lines.append("")
        else:
            aside = list(dict.fromkeys(entry.reason for entry in entries if entry.fate == "set aside"))
            lines += [f"  - set aside: {reason}" for reason in aside[:MOST_ASIDE]]
            lines += [f"  - and {len(aside) - MOST_ASIDE} more"] if len(aside) > MOST_ASIDE else []
    return _capped(lines, most)


def _capped(lines: Sequence[str], most: int) -> str:
    text = "\n".join(lines).rstrip("\n") + "\n"
    if not most or len(text) <= most:
        return text
    kept, room = 0, most - len(CUT) - 30
    while kept < len(lines) and (room := room - len(lines[kept]) - 1) >= 0:
        kept += 1
    return "\n".join([*lines[:kept], "", CUT.format(left=len(lines) - kept), ""])


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


def _range(entry: Entry) -> str:
    return str(entry.first) if entry.first == entry.last else f"{entry.first}-{entry.last}"


def _where(entry: Entry) -> str:
    return f"{entry.file}:{entry.line}" if entry.file else entry.reason.replace("|", "\\|")
