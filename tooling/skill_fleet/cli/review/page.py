"""A pull request as a page for a terminal: what it is, what it says, what was said about it."""

from __future__ import annotations

from collections.abc import Iterator

from skill_fleet.forges import Item, Snapshot
from skill_fleet.review import LEDGER_HEADING

_RECEIPT = "<!-- skill-fleet receipt "


def page(snapshot: Snapshot, remote: str | None) -> Iterator[str]:
    """Its lines; `remote` is where its branches are, if not here."""
    yield from _head(snapshot)
    yield from _body(snapshot)
    yield from _change(snapshot, remote)
    yield from _talk(snapshot)


def _head(snapshot: Snapshot) -> Iterator[str]:
    state = "draft" if snapshot.draft and snapshot.state == "open" else snapshot.state
    yield f"#{snapshot.number} {snapshot.title}"
    yield f"{state}: {snapshot.head} into {snapshot.base}"
    if snapshot.labels:
        yield f"labels: {', '.join(snapshot.labels)}"
    yield ""


def _body(snapshot: Snapshot) -> Iterator[str]:
    """What it says of itself, without the account of every source line, which is for programs and for the web."""
    text, heading, account = snapshot.body.partition(f"\n{LEDGER_HEADING}\n")
    if text.strip():
        yield from (f"  {line}".rstrip() for line in text.strip().split("\n"))
        yield ""
    if heading:
        count = account.strip().count("\n") + 1
        yield f"  ({count} line{'s' * (count != 1)} on where the source went: --format json)"
        yield ""


def _change(snapshot: Snapshot, remote: str | None) -> Iterator[str]:
    yield from (f"  {path}" for path in snapshot.changed)
    yield ""
    for commit in snapshot.commits:
        subject = commit.message.partition("\n")[0]
        yield f"  {commit.oid[:10]}  {subject}"
    if snapshot.state == "open" and snapshot.head_exists:
        at = f"{remote}/" if remote else ""
        yield f"  See the change: git diff {at}{snapshot.base}...{at}{snapshot.head}"
    yield ""


def _talk(snapshot: Snapshot) -> Iterator[str]:
    """The conversation first, then each thread with its place and its key."""
    resolved = {thread.key for thread in snapshot.threads if thread.resolved}
    for item in snapshot.items:
        if not item.thread:
            yield from _item(item)
    for key in dict.fromkeys(item.thread for item in snapshot.items if item.thread):
        inside = [item for item in snapshot.items if item.thread == key]
        anchor = inside[0].anchor
        place = "" if anchor is None else f" on {anchor.path}:{anchor.line}" if anchor.line else f" on {anchor.path}"
        yield f"thread{place}{' (resolved)' if key in resolved else ''}"
        yield from (f"  {line}".rstrip() for item in inside for line in _item(item))


def _item(item: Item) -> Iterator[str]:
    verdict = f" {item.verdict.replace('_', ' ')}" if item.verdict else ""
    yield f"{item.author.name}{verdict} [{item.key}]"
    body = item.body.split("\n")
    if body[0].startswith(_RECEIPT):  # the bot's own bookkeeping is not for people
        body = body[1:]
    if item.body.strip():
        yield from (f"  {line}".rstrip() for line in body)
    yield ""
