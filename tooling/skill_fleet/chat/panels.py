"""Panels on a pull request: its files, what changed, findings, and what was said about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from skill_fleet.checks import Finding
from skill_fleet.fleet import SKILL_FILE
from skill_fleet.forges import Item, Snapshot
from skill_fleet.markdown import read_front_matter
from skill_fleet.proposals import differences
from skill_fleet.review import open_points, pluralized, read_receipt, read_session, texts_of

LONGEST = 120  # lines of a diff; Git shows longer ones


def texts_at(snapshot: Snapshot) -> dict[str, str]:
    """The text files of the skill at the head, by their path in its folder; none when there is no skill."""
    session = read_session(snapshot)
    return texts_of(session.files) if session and session.files else {}


def preview(snapshot: Snapshot, skill: str) -> Iterator[str]:
    """The files with their size in lines and tokens (of four characters), the description, and the open points."""
    texts = texts_at(snapshot)
    yield f"skills/{skill}/"
    width = max(map(len, texts), default=0)
    for path, text in sorted(texts.items(), key=lambda one: (one[0] != SKILL_FILE, one[0])):
        yield f"  {path:<{width}}  {text.count(chr(10)):>5} lines  {-(-len(text) // 4):>7,} tokens"
    description = read_front_matter(texts.get(SKILL_FILE, "").encode()).value("description")
    yield from ("", f"Description: {description or ''}")
    if points := open_points(snapshot.body):
        yield from ("", "Open points:", *(f"- {point}" for point in points))


def difference(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    """The diff between two states of the skill's files, cut if it is long."""
    rows = [*differences(before, after)]
    yield from rows[:LONGEST]
    if len(rows) > LONGEST:
        yield f"... and {len(rows) - LONGEST} more lines"


def findings(found: Sequence[Finding]) -> Iterator[str]:
    """The number of errors and hints, then the errors."""
    errors = [each for each in found if each.severity == "error"]
    yield f"{pluralized(len(errors), 'error')}, {pluralized(len(found) - len(errors), 'hint')}."
    for each in errors:
        yield f"{each.path}:{each.line}  {each.rule}"
        yield f"  {each.message}"


def comment(snapshot: Snapshot, item: Item) -> tuple[str, list[str]] | None:
    """The title and the lines of a comment, without the bot's receipt; None for a status, which has a panel of its own."""
    receipt = read_receipt(snapshot, item)
    if receipt and receipt.outcome == "status":
        return None
    body = item.body.split("\n")[1 if receipt else 0 :]
    where = f" on {item.anchor.path}:{item.anchor.line}" if item.anchor else ""
    verdict = f" {item.verdict.replace('_', ' ')}" if item.verdict else ""
    return f"{item.author.name}{verdict}{where}", body
