"""What a draft leaves out and what it uses up, said to who reviews it: which lines, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from skill_fleet.drafting.about import About
from skill_fleet.drafting.sources.shelf import name_of
from skill_fleet.drafting.types import Entry


def left_out(facts: About) -> Iterator[str]:
    """Documents, fragments and sections that were set aside: which lines, and why."""
    unread = [document.name for document in facts.found.documents if document.unread]
    if unread:
        yield f"Not carried over, for they are no text: {', '.join(unread)}. Copy to assets/ what the skill needs."
    for part, reason in facts.found.aside:
        chosen = reason.startswith("does not match")
        if not chosen and any(line.strip() for line in part.lines):
            lines = f"lines {part.offset + 1} to {part.offset + len(part.lines)} of {part.document}"
            kind = "a fragment of " if part.cut_head or part.cut_tail else ""
            yield f"Set aside: {lines}, {kind}{name_of(part)}: {reason}. `--all` takes it in."
    for page in (facts.found.main, *facts.found.others):
        where: dict[str, list[tuple[int, int]]] = {}
        for one in page.used:
            if one.aside:
                where.setdefault(one.reason, []).append((one.first + 1 + page.part.offset, one.last + page.part.offset))
        for reason, ranges in where.items():
            apart = [(a, b) for a, b in ranges if not any(end + 1 >= a > first for first, end in ranges)]
            lines = f"{len(apart)} places from line {apart[0][0]} to {ranges[-1][1]}"
            lines = lines if len(apart) > 1 else _lines(ranges[0][0], ranges[-1][1])
            more = "" if page.part.drawn else " `--all` takes it in."
            yield f"Set aside: {lines} of {page.part.document}: {reason}.{more}"


def _lines(first: int, last: int) -> str:
    return f"line {first}" if first == last else f"lines {first} to {last}"


def used_up(ledger: Sequence[Entry]) -> Iterator[str]:
    """Lines with words in them that something of ours stands for."""
    spoken_of = [
        one
        for one in ledger
        if one.reason.startswith(("contents list", "metadata", "fence around", "heading "))
        or "summary was" in one.reason
    ]
    if spoken_of:
        said = "; ".join(f"{_lines(one.first, one.last)} of {one.document}: {one.reason}" for one in spoken_of[:20])
        yield f"Used up: {said}."
